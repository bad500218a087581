// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/ask.h"

#include <algorithm>

#include "aggregator/upstream/reason.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// How long a replica may be silent before it is probed: at first its usual latency, within these
// bounds; after a sign of life (another's answer, a probe's) this long.
constexpr MonoDuration kLeastPatience = std::chrono::milliseconds(50);
constexpr MonoDuration kMostPatience = std::chrono::milliseconds(250);
constexpr MonoDuration kPatienceAfterLife = std::chrono::milliseconds(500);
// So many answers make its percentiles known.
constexpr size_t kKnownLatencies = 20;
// Attempts see to their deadline themselves; this is for those that do not.
constexpr MonoDuration kGrace = std::chrono::milliseconds(50);

}  // namespace

std::shared_ptr<ReplicaState> AttemptPlan::Next() {
  const bool again = next_ == candidates_.size();
  std::shared_ptr<ReplicaState> replica;
  if (!again) {
    replica = candidates_[next_++];
  } else if (retry_at_.has_value()) {
    const MonoTime now = shard_->now();
    const auto open = std::find_if(candidates_.begin(), candidates_.end(),
                                   [now](const auto& one) { return one->policy.available(now); });
    if (open == candidates_.end()) return nullptr;
    replica = *open;
  } else {
    return nullptr;
  }
  retry_at_.reset();
  const MonoTime asked = shard_->now();
  const MonoDuration usual = replica->policy.Latency(95);
  const MonoDuration patience = usual == MonoDuration::zero()
                                    ? kMostPatience
                                    : std::clamp(usual, kLeastPatience, kMostPatience);
  watched_.push_back({replica, asked, patience, asked + patience});
  const AskOptions& options = shard_->deps.ask;
  if (next_ == 1 && !again && candidates_.size() > 1 && options.hedge_percentile > 0 &&
      replica->policy.latencies() >= kKnownLatencies) {
    hedge_at_ =
        asked + std::max(options.hedge_floor, replica->policy.Latency(options.hedge_percentile));
  }
  return replica;
}

void AttemptPlan::Tell(const ReplicaState& replica) const {
  if (why_.empty() || shard_->deps.observer == nullptr) return;
  shard_->deps.observer->OnExtra(shard_->Id(replica), why_);
}

MonoTime AttemptPlan::NextLook() const {
  MonoTime next = MonoTime::max();
  for (const Watched& one : watched_) next = std::min(next, one.next_look);
  if (hedge_at_.has_value()) next = std::min(next, *hedge_at_);
  if (retry_at_.has_value()) next = *retry_at_;
  return deadline_.infinite() ? next : std::min(next, deadline_.at() + kGrace);
}

bool AttemptPlan::Look() {
  const MonoTime now = shard_->now();
  if (retry_at_.has_value()) return now >= *retry_at_;
  // A hedge does not end the look at who made it necessary: that one may be dead.
  const bool silent = LookAtSilence();
  if (hedge_at_.has_value() && now >= *hedge_at_) {
    hedge_at_.reset();
    // Not to one that is coming back, and not beyond the budget: then everything is slow.
    if (next_ < candidates_.size() && candidates_[next_]->policy.settled(now) &&
        shard_->hedges.Take()) {
      why_ = "hedge";
      return true;
    }
  }
  if (silent) why_ = "silent";
  return silent;
}

// Whether the replica asked last is silent even though it was probed.
bool AttemptPlan::LookAtSilence() {
  const MonoTime now = shard_->now();
  bool dead = false;
  for (Watched& one : watched_) {
    if (now < one.next_look) continue;
    const MonoTime alive = one.replica->policy.last_sign_of_life();
    const MonoTime since = std::max(alive, one.asked);
    const MonoDuration patience = alive > one.asked ? kPatienceAfterLife : one.patience;
    if (now - since < patience) {
      one.next_look = since + patience;
      continue;
    }
    one.replica->kick.Set();
    dead = now - since >= 2 * patience;
    one.next_look = dead ? now + kPatienceAfterLife : since + 2 * patience;
    dead = dead && &one == &watched_.back();
  }
  return dead;
}

AttemptPlan::Then AttemptPlan::AfterFailure(const absl::Status& error) {
  const MonoTime now = shard_->now();
  watched_.clear();
  if (deadline_.Expired(shard_->clock())) return Then::kStop;
  const bool sibling = next_ < candidates_.size();
  const AskOptions& options = shard_->deps.ask;
  if (!sibling && (retries_ >= options.retries_max || !WorthAskingAgain(error))) return Then::kStop;
  if (!shard_->retries.Take()) return Then::kStop;
  why_ = "retry";
  if (sibling) return Then::kStart;
  const MonoDuration most = std::min(options.retry_most, options.retry_first * (1 << retries_++));
  retry_at_ = now + std::chrono::duration_cast<MonoDuration>(shard_->rng.Uniform() *
                                                             std::chrono::duration<double>(most));
  return *retry_at_ < deadline_.at() ? Then::kPause : Then::kStop;
}

absl::Status ShardError(const ShardState& shard, const ReplicaState* replica, std::string_view what,
                        const absl::Status& status) {
  std::string context =
      fmt::format("region \"{}\" shard \"{}\": {}", shard.region.name, shard.shard.name, what);
  if (replica != nullptr && shard.replicas.size() > 1 && ReasonOf(status) != "query") {
    context += fmt::format(": {}", replica->config.url);
  }
  return Annotate(WithReason(status, ReasonOf(status)), context);
}

absl::Status NobodyToAsk(const ShardState& shard, std::string_view what) {
  if (shard.replicas.empty()) {
    return ShardError(
        shard, nullptr, what,
        WithReason(absl::UnavailableError("no replica was found yet"), "no_replicas"));
  }
  return ShardError(
      shard, nullptr, what,
      WithReason(absl::UnavailableError("not asked: every replica failed lately"), "breaker_open"));
}

}  // namespace synoptic::aggregator
