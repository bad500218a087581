// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// POST /api/v1/read: Synoptic as a remote-read source. The protocol has no place for a warning, so
// an answer lacks nothing: a missing region is an error, unless the URL says `partial=degrade` or
// `partial=policy` (another Synoptic does, and reads the coverage from the header).
#include <snappy.h>

#include <algorithm>

#include "aggregator/api/endpoints.h"
#include "aggregator/api/read_encode.h"
#include "base/go_format.h"
#include "base/status.h"
#include "proto/remote.pb.h"

namespace synoptic::aggregator {
namespace {

constexpr size_t kMaxRequestBytes = 4 << 20;
constexpr size_t kMaxQueries = 64;

absl::StatusOr<proto::ReadRequest> DecodeRequest(std::string_view body) {
  size_t size = 0;
  if (!snappy::GetUncompressedLength(body.data(), body.size(), &size)) {
    return InvalidArgument("the body is not snappy: expected a compressed ReadRequest");
  }
  if (size > kMaxRequestBytes) {
    return InvalidArgument("snappy: decoded length {} exceeds limit {}", size, kMaxRequestBytes);
  }
  std::string plain;
  if (!snappy::Uncompress(body.data(), body.size(), &plain)) {
    return InvalidArgument("the body is not snappy: expected a compressed ReadRequest");
  }
  proto::ReadRequest request;
  if (!request.ParseFromString(plain)) {
    return InvalidArgument("the body holds no ReadRequest message");
  }
  if (static_cast<size_t>(request.queries_size()) > kMaxQueries) {
    return InvalidArgument("{} queries in one request: expected at most {}", request.queries_size(),
                           kMaxQueries);
  }
  return request;
}

// The first form of the client's that is known here; samples when it names none.
absl::StatusOr<bool> WantsChunks(const proto::ReadRequest& request) {
  if (request.accepted_response_types_size() == 0) return false;
  std::string unknown;
  for (const int type : request.accepted_response_types()) {
    if (type == proto::ReadRequest::SAMPLES) return false;
    if (type == proto::ReadRequest::STREAMED_XOR_CHUNKS) return true;
    unknown += fmt::format("{}{}", unknown.empty() ? "" : " ", type);
  }
  return InvalidArgument(
      "server does not support any of the requested response types: [{}]; supported: "
      "map[SAMPLES:{{}} STREAMED_XOR_CHUNKS:{{}}]",
      unknown);
}

absl::StatusOr<promql::Matcher> MatcherOf(const proto::LabelMatcher& matcher) {
  switch (matcher.type()) {
    case proto::LabelMatcher::EQ:
      return promql::Matcher::Create(promql::MatchOp::kEqual, matcher.name(), matcher.value());
    case proto::LabelMatcher::NEQ:
      return promql::Matcher::Create(promql::MatchOp::kNotEqual, matcher.name(), matcher.value());
    case proto::LabelMatcher::RE:
      return promql::Matcher::Create(promql::MatchOp::kRegex, matcher.name(), matcher.value());
    case proto::LabelMatcher::NRE:
      return promql::Matcher::Create(promql::MatchOp::kNotRegex, matcher.name(), matcher.value());
    default:
      return InvalidArgument("unknown matcher type {}", static_cast<int>(matcher.type()));
  }
}

absl::StatusOr<RawQuery> QueryOf(const proto::Query& query) {
  RawQuery out;
  out.min_t = query.start_timestamp_ms();
  out.max_t = query.end_timestamp_ms();
  std::vector<promql::Matcher> matchers;
  for (const proto::LabelMatcher& matcher : query.matchers()) {
    ASSIGN_OR_RETURN(promql::Matcher one, MatcherOf(matcher));
    matchers.push_back(std::move(one));
  }
  const bool everything = std::all_of(matchers.begin(), matchers.end(),
                                      [](const auto& one) { return one.MatchesEmpty(); });
  if (everything) {
    matchers.push_back(*promql::Matcher::Create(promql::MatchOp::kNotEqual, "__name__", ""));
  }
  out.selectors.push_back(std::move(matchers));
  return out;
}

// Prometheus' client shows the text; another Synoptic reads the JSON that is our own errors' form.
net::HttpResponse Refuse(const absl::Status& status) {
  if (absl::IsInvalidArgument(status)) return PlainText(400, std::string(MessageOf(status)) + "\n");
  return RenderError(status);
}

// What is being answered, query by query.
struct Response {
  bool chunks = false;
  std::string body;
  Coverage coverage;
};

Task<> AnswerQuery(const Call& call, const CommonParams& common, Deadline deadline,
                   const proto::Query& query, int64_t index, Response& response) {
  CO_ASSIGN_OR_RETURN(RawQuery raw, QueryOf(query));
  raw.partial = common.partial;
  raw.regions = common.regions;
  raw.via = common.via;
  raw.deadline = deadline;
  const int64_t min_t = raw.min_t, max_t = raw.max_t;
  CO_ASSIGN_OR_RETURN(const RawQueryAnswer answer,
                      co_await call.api.deps.service.Raw(std::move(raw)));
  response.coverage.Merge(answer.coverage);
  co_return co_await RunOn(call.api.deps.compute, [&]() -> absl::Status {
    Reservation held(answer.budget);
    if (response.chunks) {
      return AppendFrames(answer.series, index, min_t, max_t, held, response.body);
    }
    return AppendQueryResult(answer.series, min_t, max_t, call.api.options.read_sample_limit, held,
                             response.body);
  });
}

Task<net::HttpResponse> Answered(const Call& call) {
  CO_ASSIGN_OR_RETURN(const proto::ReadRequest request, DecodeRequest(call.request.request.body));
  Response response;
  CO_ASSIGN_OR_RETURN(response.chunks, WantsChunks(request));
  CO_ASSIGN_OR_RETURN(CommonParams common, ReadCommonParams(call));
  if (call.params.Get("partial").empty()) common.partial = PartialPolicy::kRequire;
  CO_ASSIGN_OR_RETURN(const int64_t timeout_ms, ReadTimeout(call));
  const Deadline deadline = call.QueryDeadline(timeout_ms);
  for (int i = 0; i < request.queries_size(); ++i) {
    CO_RETURN_IF_ERROR(
        co_await AnswerQuery(call, common, deadline, request.queries(i), i, response));
  }
  net::HttpResponse out;
  out.headers.Set("Synoptic-Coverage", response.coverage.HeaderValue());
  if (response.chunks) {
    out.headers.Set("Content-Type",
                    "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse");
    out.body = std::move(response.body);
    co_return out;
  }
  out.headers.Set("Content-Type", "application/x-protobuf");
  out.headers.Set("Content-Encoding", "snappy");
  CO_ASSIGN_OR_RETURN(out.body, co_await RunOn(call.api.deps.compute, [&response] {
                        std::string compressed;
                        snappy::Compress(response.body.data(), response.body.size(), &compressed);
                        return compressed;
                      }));
  co_return out;
}

}  // namespace

Task<net::HttpResponse> ReadEndpoint(const Call& call) {
  auto response = co_await Answered(call);
  if (response.ok()) co_return response;
  if (absl::IsCancelled(response.status())) co_return response.status();
  co_return Refuse(response.status());
}

}  // namespace synoptic::aggregator
