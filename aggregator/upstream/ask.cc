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
// Attempts see to their deadline themselves; this is for those that do not.
constexpr MonoDuration kGrace = std::chrono::milliseconds(50);

}  // namespace

std::shared_ptr<ReplicaState> AttemptPlan::Next() {
  if (next_ == candidates_.size()) return nullptr;
  const auto& replica = candidates_[next_++];
  asked_ = shard_->now();
  const MonoDuration usual = replica->policy.LatencyP95();
  patience_ = usual == MonoDuration::zero() ? kMostPatience
                                            : std::clamp(usual, kLeastPatience, kMostPatience);
  next_look_ = asked_ + patience_;
  return replica;
}

MonoTime AttemptPlan::NextLook() const {
  return deadline_.infinite() ? next_look_ : std::min(next_look_, deadline_.at() + kGrace);
}

bool AttemptPlan::Look() {
  ReplicaState& replica = *candidates_[next_ - 1];
  const MonoTime now = shard_->now();
  const MonoTime alive = replica.policy.last_sign_of_life();
  const MonoTime since = std::max(alive, asked_);
  const MonoDuration patience = alive > asked_ ? kPatienceAfterLife : patience_;
  if (now - since < patience) {
    next_look_ = since + patience;
    return false;
  }
  replica.kick.Set();
  const bool dead = now - since >= 2 * patience;
  next_look_ = dead ? now + kPatienceAfterLife : since + 2 * patience;
  return dead;
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
  return ShardError(
      shard, nullptr, what,
      WithReason(absl::UnavailableError("not asked: every replica failed lately"), "breaker_open"));
}

}  // namespace synoptic::aggregator
