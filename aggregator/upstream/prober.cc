// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/prober.h"

#include <algorithm>

#include "aggregator/upstream/api_request.h"
#include "aggregator/upstream/external_labels.h"
#include "aggregator/upstream/list_decoder.h"
#include "aggregator/upstream/query_decoder.h"
#include "aggregator/upstream/reason.h"
#include "aggregator/upstream/window_ends.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

constexpr MonoDuration kLearnAgain = std::chrono::minutes(5);
// Its one string is read up to JsonStream::kMaxString.
constexpr int64_t kMaxConfigBytes = 2 << 20;

// Wants one of the numbers from 1 to `most`.
class ProbeSink final : public ApiSink, private SeriesSink {
 public:
  explicit ProbeSink(int most) : reader_(*this, {.max_points_per_series = 1}), most_(most) {}
  int value() const { return value_; }

 private:
  absl::Status OnBody(std::string_view data) override { return reader_.Feed(data); }
  absl::Status OnEnd() override {
    RETURN_IF_ERROR(reader_.Finish());
    if (!reader_.success()) return StatusOfApiError(200, reader_.error_type(), reader_.error());
    if (value_ > 0) return absl::OkStatus();
    return MakeStatus(absl::StatusCode::kDataLoss, "vector(1) is not answered with 1");
  }
  absl::Status OnSeries(std::span<const promql::Label>, promql::SampleColumns& samples) override {
    for (int i = 1; i <= most_; ++i) {
      if (samples.size() == 1 && samples.v[0] == i) value_ = i;
    }
    return absl::OkStatus();
  }

  ResultReader reader_;
  const int most_;
  int value_ = 0;
};

// A refusal, or something that is no answer to the question: asked again it would not tell either.
bool DoesNotTell(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason == "query" || reason == "bad_response" ||
         (reason.starts_with("http_4") && reason != "http_408" && reason != "http_429");
}

Task<int> AskNumber(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica,
                    std::string target, int most, Deadline deadline) {
  net::Parameters parameters;
  shard->traits.add_query_parameters(shard->region, parameters);
  if (const std::string form = net::EncodeForm(parameters); !form.empty()) target += "&" + form;
  ProbeSink sink(most);
  CO_RETURN_IF_ERROR(co_await ProbeExchange(
      shard, replica, GetRequest(shard->shard.auth, std::move(target)), deadline, sink));
  co_return sink.value();
}

bool WantsExternalLabels(const ShardState& shard) {
  return shard.traits.adds_external_labels && shard.shard.read != ReadForm::kQuery;
}

// Marks the probe under way for as long as it lives, cancelled or not.
class Probing {
 public:
  Probing(ReplicaState& replica, MonoTime now) : replica_(replica) { replica.probing_since = now; }
  Probing(const Probing&) = delete;
  Probing& operator=(const Probing&) = delete;
  ~Probing() { replica_.probing_since.reset(); }

 private:
  ReplicaState& replica_;
};

Task<> ProbeOnce(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica) {
  const MonoTime started = shard->now();
  const Deadline deadline = Deadline::After(shard->clock(), shard->probe_timeout);
  const Probing probing(*replica, started);
  ProbeSink sink(1);
  const absl::Status status = co_await ProbeExchange(
      shard, replica, GetRequest(shard->shard.auth, "/api/v1/query?query=vector%281%29"), deadline,
      sink);
  const bool was_up = replica->policy.up();
  replica->policy.OnProbe(started, shard->now(), status.ok());
  shard->Report(*replica);
  // It may have come back as another one, with another configuration.
  if (!was_up) {
    replica->external_until = shard->now();
    replica->windows.reset();
  }
  co_return status;
}

}  // namespace

Task<> LearnExternalLabels(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica,
                           Deadline deadline) {
  if (replica->external.has_value() && shard->now() < replica->external_until) {
    co_return absl::OkStatus();
  }
  DocumentDecoder sink(kMaxConfigBytes);
  const absl::Status status = co_await ProbeExchange(
      shard, replica, GetRequest(shard->shard.auth, "/api/v1/status/config"), deadline, sink);
  if (!status.ok()) {
    // A refusal is an answer: it does not tell. Anything else says nothing.
    if (!ReasonOf(status).starts_with("http_4")) co_return status;
    replica->external.emplace(std::nullopt);
  } else {
    absl::StatusOr<promql::Labels> labels = ParseExternalLabels(sink.Take());
    if (labels.ok()) {
      replica->external.emplace(*std::move(labels));
    } else {
      replica->external.emplace(std::nullopt);
    }
  }
  replica->external_until = shard->now() + kLearnAgain;
  co_return absl::OkStatus();
}

Task<> LearnWindowEnds(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica,
                       Deadline deadline) {
  if (replica->windows.has_value() && shard->now() < replica->windows_until) {
    co_return absl::OkStatus();
  }
  const absl::StatusOr<int> steps =
      co_await AskNumber(shard, replica, std::string(kAskWindowEnds), 2, deadline);
  if (!steps.ok() && !DoesNotTell(steps.status())) co_return steps.status();
  WindowEnds ends = WindowEnds::kUnlike;
  if (steps.ok() && *steps == 1) ends = WindowEnds::kOpen;
  if (steps.ok() && *steps == 2) {
    const absl::StatusOr<int> one =
        co_await AskNumber(shard, replica, std::string(kAskLookback), 1, deadline);
    if (!one.ok() && !DoesNotTell(one.status())) co_return one.status();
    if (!one.ok()) ends = WindowEnds::kClosed;
  }
  replica->windows = ends;
  replica->windows_until = shard->now() + kLearnAgain;
  co_return absl::OkStatus();
}

Task<> ProbeForever(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica,
                    uint64_t seed) {
  SeededRng rng(seed);
  MonoTime next = shard->now();
  while (true) {
    const absl::Status wait = co_await replica->kick.WaitUntil(shard->clock(), next);
    if (absl::IsCancelled(wait)) co_return wait;
    const absl::Status status = co_await ProbeOnce(shard, replica);
    replica->kick.Reset();
    if (absl::IsCancelled(status)) co_return status;
    const MonoTime now = shard->now();
    const auto interval =
        std::chrono::duration<double>(shard->deps.probe_interval) * (0.8 + 0.4 * rng.Uniform());
    next = now + std::chrono::duration_cast<MonoDuration>(interval);
    if (replica->policy.state(now) == BreakerState::kOpen) {
      next = std::min(next, replica->policy.open_until());
    }
    const bool labels = WantsExternalLabels(*shard) && now >= replica->external_until;
    const bool windows = shard->traits.computes_exactly &&
                         (!replica->windows.has_value() || now >= replica->windows_until);
    if (status.ok() && (labels || windows)) replica->learn.Set();
  }
}

Task<> LearnForever(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica) {
  while (true) {
    CO_RETURN_IF_ERROR(co_await replica->learn.Wait());
    // What it cannot tell now it is asked again after the next probe, or by the first read.
    for (const auto learn : {LearnExternalLabels, LearnWindowEnds}) {
      const bool wanted = learn == LearnExternalLabels ? WantsExternalLabels(*shard)
                                                       : shard->traits.computes_exactly;
      if (!wanted) continue;
      const absl::Status status =
          co_await learn(shard, replica, Deadline::After(shard->clock(), shard->probe_timeout));
      if (absl::IsCancelled(status)) co_return status;
    }
    replica->learn.Reset();
  }
}

}  // namespace synoptic::aggregator
