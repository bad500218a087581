// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/federation/memory_upstream.h"

#include <snappy.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "aggregator/api/answer.h"
#include "aggregator/api/encode.h"
#include "base/crc32c.h"
#include "base/status.h"
#include "promql/eval/memory_source.h"
#include "promql/model/histogram_writer.h"
#include "promql/parse/preprocess.h"
#include "proto/remote.pb.h"
#include "tests/federation/stored_chunks.h"

namespace synoptic::federation {
namespace {

using promql::Grid;
using promql::RawSeries;

// Bodies arrive in pieces: decoders must not count on more.
constexpr size_t kPiece = 1499;

std::string Parameter(const net::Parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return "";
}

int64_t Millis(const std::string& seconds) {
  return std::llround(std::strtod(seconds.c_str(), nullptr) * 1000);
}

absl::StatusOr<promql::Matcher> MatcherOf(const proto::LabelMatcher& matcher) {
  constexpr promql::MatchOp kOps[] = {promql::MatchOp::kEqual, promql::MatchOp::kNotEqual,
                                      promql::MatchOp::kRegex, promql::MatchOp::kNotRegex};
  return promql::Matcher::Create(kOps[static_cast<size_t>(matcher.type())], matcher.name(),
                                 matcher.value());
}

// Chunks that reach into the range, as they are stored: the receiver cuts.
void AddChunks(const RawSeries& from, int64_t min_t, int64_t max_t, proto::ChunkedSeries& series) {
  for (const promql::EncodedChunk& chunk : ChunksOf(from)) {
    if (chunk.max_t < min_t || chunk.min_t > max_t) continue;
    proto::Chunk& out = *series.add_chunks();
    out.set_min_time_ms(chunk.min_t);
    out.set_max_time_ms(chunk.max_t);
    out.set_type(static_cast<proto::Chunk::Encoding>(chunk.encoding));
    out.set_data(chunk.bytes);
  }
}

void AppendFrame(const std::string& payload, std::string& out) {
  uint64_t size = payload.size();
  for (; size >= 0x80; size >>= 7) out += static_cast<char>(size | 0x80);
  out += static_cast<char>(size);
  const uint32_t checksum = Crc32c(payload);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(checksum >> shift);
  out += payload;
}

}  // namespace

absl::StatusOr<net::HttpResponse> MemoryUpstream::Query(const net::HttpRequest& request,
                                                        bool range) const {
  ASSIGN_OR_RETURN(const net::Parameters parameters, net::ParseForm(request.body));
  const std::string text = Parameter(parameters, "query");
  promql::EvalOptions options;
  options.range_query = range;
  options.query_text = text;
  options.delayed_name_removal = options_.delayed_name_removal;
  options.use_start_timestamps = options_.use_start_timestamps;
  if (range) {
    options.grid = {Millis(Parameter(parameters, "start")), Millis(Parameter(parameters, "end")),
                    Millis(Parameter(parameters, "step"))};
  } else {
    options.grid = Grid::Instant(Millis(Parameter(parameters, "time")));
  }
  if (const std::string lookback = Parameter(parameters, "lookback_delta"); !lookback.empty()) {
    options.lookback_ms = Millis(lookback);
  }
  ASSIGN_OR_RETURN(promql::ExprPtr expr, promql::ParseExpr(text, options_.language));
  ASSIGN_OR_RETURN(expr, promql::Preprocess(std::move(expr), options.grid));
  promql::MemorySource source(series_);
  source.Bind(*expr);
  ASSIGN_OR_RETURN(const promql::EvalResult result, promql::Evaluate(*expr, options, source));
  aggregator::Answer answer;
  answer.body += "{";
  aggregator::AppendQueryValue(result.value, answer.body);
  answer.body += "}";
  answer.warnings = result.annotations.warnings();
  answer.infos = result.annotations.infos();
  return aggregator::Render(std::move(answer));
}

absl::StatusOr<net::HttpResponse> MemoryUpstream::Read(const net::HttpRequest& request) const {
  std::string bytes;
  proto::ReadRequest read;
  if (!snappy::Uncompress(request.body.data(), request.body.size(), &bytes) ||
      !read.ParseFromString(bytes)) {
    return absl::InvalidArgumentError("not a read request");
  }
  net::HttpResponse response;
  response.headers.Add("Content-Type",
                       "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse");
  for (int i = 0; i < read.queries_size(); ++i) {
    const proto::Query& query = read.queries(i);
    std::vector<promql::Matcher> matchers;
    for (const proto::LabelMatcher& matcher : query.matchers()) {
      ASSIGN_OR_RETURN(promql::Matcher wanted, MatcherOf(matcher));
      matchers.push_back(std::move(wanted));
    }
    for (const RawSeries& series : series_) {
      const bool matches = std::all_of(matchers.begin(), matchers.end(), [&](const auto& matcher) {
        return matcher.Matches(series.labels);
      });
      if (!matches) continue;
      proto::ChunkedReadResponse frame;
      frame.set_query_index(i);
      proto::ChunkedSeries& out = *frame.add_chunked_series();
      AddChunks(series, query.start_timestamp_ms(), query.end_timestamp_ms(), out);
      if (out.chunks_size() == 0) continue;
      for (const promql::Label label : series.labels) {
        proto::Label& added = *out.add_labels();
        added.set_name(std::string(label.name));
        added.set_value(std::string(label.value));
      }
      AppendFrame(frame.SerializeAsString(), response.body);
    }
  }
  return response;
}

net::HttpResponse MemoryUpstream::Handle(const net::HttpRequest& request) const {
  absl::StatusOr<net::HttpResponse> response = absl::NotFoundError("no such endpoint");
  if (request.target.starts_with("/api/v1/query_range")) {
    response = Query(request, true);
  } else if (request.target.starts_with("/api/v1/query")) {
    response = Query(request, false);
  } else if (request.target.starts_with("/api/v1/read")) {
    response = Read(request);
  } else if (request.target.starts_with("/api/v1/status/config")) {
    aggregator::Answer answer;
    answer.body += R"({"yaml":"global: {}\n"})";
    response = aggregator::Render(std::move(answer));
  }
  return response.ok() ? *std::move(response) : aggregator::RenderError(response.status());
}

Task<> MemoryHttp::Send(const net::Origin& origin, net::HttpRequest request,
                        const net::ResponseLimits&, Deadline, net::BodySink& sink) {
  const auto upstream = upstreams_.find(origin.host);
  if (upstream == upstreams_.end()) co_return absl::UnavailableError("connection refused");
  const net::HttpResponse response = upstream->second->Handle(request);
  CO_RETURN_IF_ERROR(sink.OnHead(response.status, response.headers));
  for (size_t at = 0; at < response.body.size(); at += kPiece) {
    CO_RETURN_IF_ERROR(sink.OnData(std::string_view(response.body).substr(at, kPiece)));
  }
  co_return absl::OkStatus();
}

}  // namespace synoptic::federation
