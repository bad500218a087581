// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/arrival_edge.h"

#include <algorithm>
#include <utility>

namespace synoptic::aggregator {
namespace {

constexpr int64_t kEveryMs = 5'000;
// So long a reading speaks for questions that come after it.
constexpr int64_t kBelievedMs = 60'000;
// A region whose canaries stand still is waited for that long.
constexpr int64_t kMostMs = 3'600'000;
constexpr size_t kReadings = 8;
// What delays are may have changed so long before somebody read them again.
constexpr int64_t kUnreadMs = 300'000;

int64_t LatestOf(const KnownDelays& delays) { return std::max(delays.scrape_ms, delays.others_ms); }

}  // namespace

std::optional<int64_t> ArrivalEdge::Learn(int64_t asked_ms, std::optional<int64_t> newest_ms,
                                          const std::optional<KnownDelays>& delays) {
  const absl::MutexLock lock(&mutex_);
  // What was expected has come, or does not.
  if (!std::exchange(learned_, true)) unlearned_ms_ = fixed_ms_;
  if (delays) unlearned_ms_ = std::max(fixed_ms_, LatestOf(*delays));
  const bool learned = delays && (newest_ms || !readings_.empty());
  const int64_t latest = learned ? LatestOf(*delays) : unlearned_ms_;
  std::optional<int64_t> too_early;
  if (std::exchange(trusted_ms_, latest) < latest) too_early = asked_ms - latest - kUnreadMs;
  if (!newest_ms) {
    // Canaries that went away: what came after them may still be on its way.
    if (readings_.empty()) return too_early;
    newest_ms = readings_.back().newest_ms;
  }
  if (!readings_.empty() && readings_.back().asked_ms >= asked_ms) return too_early;
  readings_.push_back({asked_ms, *newest_ms, delays});
  if (readings_.size() > kReadings) readings_.pop_front();
  return too_early;
}

int64_t ArrivalEdge::At(int64_t asked_ms) const {
  const absl::MutexLock lock(&mutex_);
  const int64_t fixed = asked_ms - unlearned_ms_;
  const auto after = std::find_if(readings_.begin(), readings_.end(),
                                  [=](const Reading& one) { return one.asked_ms > asked_ms; });
  if (after == readings_.begin()) return fixed;
  const Reading& last = *std::prev(after);
  if (asked_ms - last.asked_ms > kBelievedMs) return fixed;
  if (asked_ms - last.newest_ms > kMostMs) return fixed;
  if (!last.delays) return std::min(fixed, last.newest_ms);
  return std::min(last.newest_ms - last.delays->scrape_ms, asked_ms - LatestOf(*last.delays));
}

void ArrivalEdge::Expect(int64_t late_ms) {
  const absl::MutexLock lock(&mutex_);
  if (learned_) return;
  unlearned_ms_ = trusted_ms_ = std::max(fixed_ms_, late_ms);
}

bool ArrivalEdge::Begin(int64_t now_ms) {
  const absl::MutexLock lock(&mutex_);
  if (now_ms - begun_ms_ < kEveryMs) return false;
  begun_ms_ = now_ms;
  return true;
}

}  // namespace synoptic::aggregator
