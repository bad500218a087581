// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What is left of an objective's budget, from counts a slot of time and region. A slot is counted
// once; a period is the sum of its slots, so that 30 days cost no more questions than one. Slots
// that nobody saw make the answer an interval, and are asked for again until their region is back:
// then the past is corrected.
//
// Pure: `app` asks the questions. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "alerting/slo/slo.h"
#include "domain/verdict/interval.h"

namespace synoptic::alerting {

struct SloStatus {
  struct Region {
    double bad = 0;
    double total = 0;
    double bad_share = 0;         // its part of all that was bad
    double ratio_if_not = 0;      // the error ratio without it
    double unobserved_share = 0;  // of its slots
  };
  std::vector<Region> regions;
  int64_t start_ms = 0;  // of the period
  int64_t end_ms = 0;
  bool any = false;  // something was counted
  domain::Interval error_ratio;
  domain::Interval remaining;  // of the budget: 1 untouched, negative overspent
  double known_remaining = 0;  // by what was seen alone
  double unobserved_share = 0;
};

class SloTracker {
 public:
  // `regions`: how many there are; 1 for an objective that does not keep them apart.
  SloTracker(Slo slo, size_t regions);
  const Slo& slo() const { return slo_; }
  size_t regions() const { return seen_.size(); }
  int64_t slot_ms() const { return slot_ms_; }

  // The ends of the slots to ask for now, first and last, a slot apart; none when all is known. At
  // most `most` slots, the newest: the rest comes with later calls.
  struct Range {
    int64_t first_ms = 0;
    int64_t last_ms = 0;
  };
  std::optional<Range> Missing(int64_t now_ms, int64_t most = 1000) const;

  // What one region had in the slot that ends then.
  void Count(size_t region, int64_t end_ms, double bad, double total);
  // The region answered for the slot and had nothing.
  void Seen(size_t region, int64_t end_ms);

  absl::StatusOr<SloStatus> Status(int64_t now_ms) const;

 private:
  struct Slot {
    double bad = 0;
    double total = 0;
  };
  int64_t PeriodStart(int64_t now_ms) const;
  bool Excluded(int64_t end_ms) const;

  const Slo slo_;
  const int64_t slot_ms_;
  std::vector<std::map<int64_t, Slot>> seen_;  // by region: slots by their end
};

}  // namespace synoptic::alerting
