// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/replica.h"

#include <time.h>

#include <algorithm>

#include "aggregator/upstream/reason.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

using Outcome = ReplicaPolicy::Outcome;

constexpr size_t kMaxWaiting = 64;
// A probe that hangs this long makes its replica the last choice.
constexpr MonoDuration kDoubt = std::chrono::milliseconds(100);

// Unix seconds of a Date header (RFC 9110, 5.6.7); nothing when it is none, or an old form.
std::optional<int64_t> ReadDate(std::string_view text) {
  std::tm parts{};
  const std::string copy(text);
  const char* end = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return static_cast<int64_t>(::timegm(&parts));
}

// Counts bytes and tells the policy that the replica lives.
class MeteredSink final : public net::BodySink {
 public:
  MeteredSink(ApiSink& sink, const Clock& clock, ReplicaPolicy& policy)
      : sink_(sink), clock_(clock), policy_(policy) {}
  absl::Status OnHead(int status, const net::Headers& headers) override {
    policy_.OnSignOfLife(clock_.Mono());
    head_ms_ = clock_.WallMillis();
    date_s_ = ReadDate(headers.Get("Date").value_or(""));
    return sink_.OnHead(status, headers);
  }
  absl::Status OnData(std::string_view data) override {
    bytes_ += static_cast<int64_t>(data.size());
    policy_.OnSignOfLife(clock_.Mono());
    return sink_.OnData(data);
  }
  int64_t bytes() const { return bytes_; }
  int64_t head_ms() const { return head_ms_; }
  std::optional<int64_t> date_s() const { return date_s_; }

 private:
  ApiSink& sink_;
  const Clock& clock_;
  ReplicaPolicy& policy_;
  int64_t bytes_ = 0;
  int64_t head_ms_ = 0;
  std::optional<int64_t> date_s_;
};

// A place at a replica. Its end reports how the request went; dropped without a word (the coroutine
// was cancelled) it counts as abandoned, or as timed out when the time was up.
class Place {
 public:
  Place(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica, Deadline deadline)
      : shard_(std::move(shard)),
        replica_(std::move(replica)),
        deadline_(deadline),
        started_(shard_->now()) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    const Outcome given_up =
        deadline_.Expired(shard_->clock()) ? Outcome::kTimedOut : Outcome::kAbandoned;
    replica_->policy.OnResult(started_, shard_->now(), outcome_.value_or(given_up));
    auto& waiting = replica_->waiting_rules.empty() ? replica_->waiting : replica_->waiting_rules;
    if (!waiting.empty()) {
      waiting.front()->Set();
      waiting.pop_front();
    }
    shard_->Report(*replica_);
  }
  void Report(Outcome outcome) { outcome_ = outcome; }

 private:
  const std::shared_ptr<ShardState> shard_;
  const std::shared_ptr<ReplicaState> replica_;
  const Deadline deadline_;
  const MonoTime started_;
  std::optional<Outcome> outcome_;
};

absl::Status Busy(const std::string& text) {
  return WithReason(absl::UnavailableError(text), "busy");
}

Task<> WaitForPlace(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica,
                    Deadline deadline, Lane lane, std::optional<Place>& place) {
  auto& waiting = lane == Lane::kRules ? replica->waiting_rules : replica->waiting;
  bool woken = false;  // and found the place taken: stays first
  while (true) {
    switch (replica->policy.Allow(shard->now(), lane)) {
      case ReplicaPolicy::Admission::kYes:
        place.emplace(shard, replica, deadline);
        co_return absl::OkStatus();
      case ReplicaPolicy::Admission::kOpen:
        co_return WithReason(absl::UnavailableError("not asked: it failed lately"), "breaker_open");
      case ReplicaPolicy::Admission::kBusy:
        break;
    }
    if (waiting.size() >= kMaxWaiting) {
      co_return Busy(fmt::format("not asked: {} requests wait already", kMaxWaiting));
    }
    const auto free = std::make_shared<Event>(shard->deps.executor);
    waiting.insert(woken ? waiting.begin() : waiting.end(), free);
    // Looks again now and then: more places appear with time, and who was woken may be gone.
    const Deadline look =
        deadline.Earlier(Deadline::After(shard->clock(), std::chrono::seconds(1)));
    const absl::Status status = co_await free->WaitUntil(shard->clock(), look.at());
    woken = status.ok();
    std::erase(waiting, free);
    if (absl::IsCancelled(status)) co_return status;
    if (deadline.Expired(shard->clock())) co_return Busy("no request ended before the deadline");
  }
}

absl::Status TransportStatus(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return WithReason(MakeStatus(absl::StatusCode::kDataLoss, "{}", MessageOf(status)),
                        "bad_response");
    case absl::StatusCode::kUnavailable:
      return WithReason(status, MessageOf(status).starts_with("truncated") ? "truncated" : "down");
    default:
      return status;
  }
}

net::ResponseLimits LimitsOf(const Shard& shard) {
  net::ResponseLimits limits;
  limits.max_wire_bytes = shard.max_response_bytes;
  limits.max_decoded_bytes = shard.max_response_bytes;
  return limits;
}

Outcome OutcomeOf(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  if (status.ok() || reason == "query" || reason == "unsupported" || reason == "too_large" ||
      reason == kHistogramsReason || reason == kWindowsReason) {
    return Outcome::kAnswered;
  }
  if (reason == "http_429") return Outcome::kRefused;
  if (reason == "timeout") return Outcome::kTimedOut;
  if (reason == "cancelled") return Outcome::kAbandoned;
  return Outcome::kFailed;
}

Task<> SendAndJudge(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica,
                    net::HttpRequest request, Deadline deadline, ApiSink& sink,
                    ExchangeInfo& info) {
  const MonoTime started = shard->now();
  const int64_t sent_ms = shard->clock().WallMillis();
  MeteredSink metered(sink, shard->clock(), replica->policy);
  // Whether the sink itself stopped the transfer decides how its status is to be read.
  absl::Status status = co_await shard->deps.http->Send(replica->config.origin, std::move(request),
                                                        LimitsOf(shard->shard), deadline, metered);
  status = status.ok() ? sink.Finish() : TransportStatus(status);
  info.bytes += metered.bytes();
  info.duration = shard->now() - started;
  status = WithReason(status, ReasonOf(status));
  if (shard->deps.observer != nullptr) {
    const std::string code = sink.http_status() != 0 && (status.ok() || sink.http_status() != 200)
                                 ? std::to_string(sink.http_status())
                                 : ReasonOf(status);
    shard->deps.observer->OnRequest(shard->Id(*replica), code, info.duration, metered.bytes());
    if (metered.date_s()) {
      shard->deps.observer->OnDate(shard->Id(*replica), sent_ms, metered.head_ms(),
                                   *metered.date_s());
    }
  }
  co_return status;
}

}  // namespace

void ShardState::Report(ReplicaState& replica) const {
  const BreakerState state = replica.policy.state(now());
  const bool up = replica.policy.up();
  if (state == replica.reported_state && up == replica.reported_up) return;
  replica.reported_state = state;
  replica.reported_up = up;
  if (deps.observer != nullptr) deps.observer->OnState(Id(replica), state, up);
}

std::vector<std::shared_ptr<ReplicaState>> ShardState::Candidates(
    const std::vector<std::string>& only) const {
  std::vector<std::shared_ptr<ReplicaState>> out;
  std::vector<std::shared_ptr<ReplicaState>> doubtful;
  const MonoTime time = now();
  for (const auto& replica : replicas) {
    if (!replica->policy.available(time)) continue;
    const bool wanted =
        only.empty() || std::find(only.begin(), only.end(), replica->config.url) != only.end();
    if (!wanted) continue;
    const bool hangs =
        replica->probing_since.has_value() && time - *replica->probing_since > kDoubt;
    (replica->policy.up() && !hangs ? out : doubtful).push_back(replica);
  }
  out.insert(out.end(), doubtful.begin(), doubtful.end());
  return out;
}

Task<> Exchange(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica,
                net::HttpRequest request, Deadline deadline, ApiSink& sink, ExchangeInfo& info) {
  std::optional<Place> place;
  CO_RETURN_IF_ERROR(co_await WaitForPlace(shard, replica, deadline, info.lane, place));
  const absl::Status status =
      co_await SendAndJudge(shard, replica, std::move(request), deadline, sink, info);
  place->Report(OutcomeOf(status));
  co_return status;
}

Task<> ProbeExchange(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica,
                     net::HttpRequest request, Deadline deadline, ApiSink& sink) {
  ExchangeInfo info;
  co_return co_await SendAndJudge(shard, replica, std::move(request), deadline, sink, info);
}

bool WorthAnotherTry(const absl::Status& status) {
  const Outcome outcome = OutcomeOf(status);
  return outcome == Outcome::kFailed || outcome == Outcome::kTimedOut ||
         outcome == Outcome::kRefused;
}

bool WorthAskingAgain(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  if (reason == "truncated" || reason == "http_429" || reason.starts_with("http_5")) return true;
  // Who is not there, or whose name nobody knows, will not be in a moment either.
  return reason == "down" && !MessageOf(status).starts_with("connect to ") &&
         !MessageOf(status).starts_with("look up ");
}

}  // namespace synoptic::aggregator
