// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/raw_read.h"

#include <algorithm>

#include "aggregator/upstream/api_request.h"
#include "aggregator/upstream/loop_guard.h"
#include "aggregator/upstream/prober.h"
#include "aggregator/upstream/query_decoder.h"
#include "aggregator/upstream/read_decoder.h"
#include "base/status.h"
#include "promql/model/mixed_samples.h"

namespace synoptic::aggregator {
namespace {

using ShardPtr = std::shared_ptr<ShardState>;
using ReplicaPtr = std::shared_ptr<ReplicaState>;

// How long a refusal is remembered.
constexpr MonoDuration kRemember = std::chrono::minutes(5);

Task<RawAnswer> RangeSelector(ShardPtr shard, ReplicaPtr replica, RawRequest request,
                              MemoryBudget* budget, Deadline deadline, ExchangeInfo& exchange) {
  net::Parameters parameters = RangeSelectorParameters(request, deadline.Remaining(shard->clock()));
  shard->traits.add_query_parameters(shard->region, parameters);
  net::HttpRequest http = FormRequest(shard->shard.auth, "/api/v1/query", parameters);
  AddVia(request.via, shard->deps.identity, http.headers);
  MatrixDecoder decoder(shard->rules, budget);
  CO_RETURN_IF_ERROR(
      co_await Exchange(shard, replica, std::move(http), deadline, decoder, exchange));
  RawAnswer answer;
  decoder.Take(answer);
  answer.info.coverage = decoder.coverage();
  co_return answer;
}

struct ReadAttempt {
  absl::StatusOr<RawAnswer> answer = absl::UnknownError("");
  bool not_offered = false;
  bool unknown_encoding = false;
};

boost::asio::awaitable<ReadAttempt> RemoteRead(ShardPtr shard, ReplicaPtr replica,
                                               RawRequest request, bool streamed,
                                               MemoryBudget* budget, Deadline deadline,
                                               ExchangeInfo& exchange) {
  promql::Labels external;
  if (replica->external.has_value()) external = replica->external->value_or(promql::Labels());
  ReadDecoder decoder(shard->rules, external, budget, shard->shard.max_response_bytes);
  net::HttpRequest http = ReadHttpRequest(shard->shard.auth, EncodeReadRequest(request, streamed));
  http.target += shard->traits.read_parameters;
  AddVia(request.via, shard->deps.identity, http.headers);
  const absl::Status status =
      co_await Exchange(shard, replica, std::move(http), deadline, decoder, exchange);
  ReadAttempt attempt;
  if (status.ok()) {
    decoder.Take(attempt.answer.emplace());
    attempt.answer->info.coverage = decoder.coverage();
  } else {
    attempt.answer = status;
    attempt.not_offered = decoder.not_offered();
    attempt.unknown_encoding = decoder.unknown_encoding();
  }
  co_return attempt;
}

// Whether remote read would answer this as the query API does.
bool Agrees(const ReplicaState& replica, const RawRequest& request) {
  if (!replica.external.has_value() || !replica.external->has_value()) return false;
  const promql::Labels& external = **replica.external;
  // The server resolves matchers on its external labels, which no stored series has.
  return std::none_of(
      request.matchers.begin(), request.matchers.end(),
      [&](const promql::Matcher& matcher) { return !external.Get(matcher.name()).empty(); });
}

}  // namespace

namespace {

Task<RawAnswer> ReadUnchecked(ShardPtr shard, ReplicaPtr replica, RawRequest request,
                              MemoryBudget* budget, Deadline deadline, ExchangeInfo& exchange) {
  const ReadForm form = shard->shard.read;
  bool remote =
      form == ReadForm::kRemoteRead || (form == ReadForm::kAuto && shard->traits.remote_read &&
                                        shard->now() >= replica->no_remote_read_until);
  if (remote && shard->traits.adds_external_labels) {
    if (!replica->external.has_value()) {
      // No probe got through yet. If this fails too, so will the read: let that say why.
      (void)co_await LearnExternalLabels(shard, replica, deadline);
    }
    if (form == ReadForm::kAuto && !Agrees(*replica, request)) remote = false;
    // Samples with the server's own labels still on them would be other series.
    if (form == ReadForm::kRemoteRead && !replica->external.has_value()) {
      co_return absl::UnavailableError(
          "external labels are not known: status/config did not answer");
    }
  }
  if (remote) {
    ReadAttempt attempt = co_await RemoteRead(shard, replica, request, !replica->no_streaming,
                                              budget, deadline, exchange);
    if (attempt.unknown_encoding) {
      replica->no_streaming = true;
      attempt = co_await RemoteRead(shard, replica, request, false, budget, deadline, exchange);
      if (attempt.unknown_encoding) {
        // It was asked for samples and sends chunks still: that is no server we could learn from.
        co_return MakeStatus(absl::StatusCode::kDataLoss, "{}", MessageOf(attempt.answer.status()));
      }
    }
    if (!attempt.not_offered || form == ReadForm::kRemoteRead) co_return std::move(attempt.answer);
    replica->no_remote_read_until = shard->now() + kRemember;
  }
  co_return co_await RangeSelector(shard, replica, std::move(request), budget, deadline, exchange);
}

}  // namespace

Task<RawAnswer> ReadRaw(ShardPtr shard, ReplicaPtr replica, RawRequest request,
                        MemoryBudget* budget, Deadline deadline, ExchangeInfo& exchange) {
  const bool check = request.check_chunks;
  CO_ASSIGN_OR_RETURN(RawAnswer answer, co_await ReadUnchecked(shard, replica, std::move(request),
                                                               budget, deadline, exchange));
  if (!check) co_return answer;
  for (const promql::RawSeries& series : answer.series) {
    if (const absl::Status status = promql::ReadMixed(series).status(); !status.ok()) {
      if (budget != nullptr) budget->Release(answer.info.charged_bytes);
      co_return status;
    }
  }
  co_return answer;
}

}  // namespace synoptic::aggregator
