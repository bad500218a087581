// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether a replica missed a scrape that its sibling has: the one rule behind filling holes in raw
// samples and behind the timeline of who was whole when.
//
// The rule looks at samples within kNearMs of the time in question and at nothing else, so that the
// answer is the same however long a range was asked for. Replicas scrape the same targets at times
// of their own, half an interval apart as likely as not; what both have at exactly the same time
// (one agent that writes to both, rules evaluated on the grid) is told from that.
#pragma once

#include <cstdint>
#include <vector>

namespace synoptic::aggregator {

// Scrape intervals above half of this are not recognised as such: Prometheus' own lookback does not
// span them.
inline constexpr int64_t kNearMs = 600'000;

class MissedScrapes {
 public:
  using Times = std::vector<int64_t>;
  // Times of samples of one series, rising, without stale markers; both outlive this.
  MissedScrapes(const Times& own, const Times& sibling) : MissedScrapes(own, own, sibling) {}
  // `own` are some of `own_all`: those that count. Interval and phase are learned from all.
  MissedScrapes(const Times& own, const Times& own_all, const Times& sibling);

  bool Lacks(int64_t t) const;
  // The usual distance of samples near `t`, at most half of kNearMs.
  int64_t IntervalNear(int64_t t) const;
  // The sibling has samples right before and right after `t` (or at it), a scrape apart.
  bool SiblingWentOn(int64_t t) const;
  // A scrape of our own and one of the sibling are for the same slot.
  bool SameSlot(int64_t own, int64_t sibling) const;

 private:
  bool SameTimesNear(int64_t t) const;
  const Times& own_;
  const Times& own_all_;
  const Times& sibling_;
  Times common_;
};

}  // namespace synoptic::aggregator
