// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One objective over many regions, some of them unseen. The global ratio is a ratio of sums; an
// average of regional ratios weighs a tiny region like a big one (C1).
#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/slo/budgeting.h"
#include "domain/verdict/interval.h"

namespace synoptic::domain {

struct Rollup {
  double error_ratio = 0;         // sum of bad / sum of total
  double burn_rate = 0;           // error_ratio / (1 - slo)
  std::vector<double> bad_share;  // by region: its part of what is bad; all 0 when nothing is
  std::vector<double>
      ratio_if_not;           // by region: the error ratio without it; 0 without other events
  double mean_of_ratios = 0;  // what an average of regional ratios would have said
};
// By region index. Errors: no regions, no events at all, counts that are no counts.
absl::StatusOr<Rollup> RollUp(std::span<const EventCount> regions, double slo);

// The error ratio when regions are unseen, whose total is estimated (take a high estimate: it
// widens both ends): nothing of theirs failed, or all of it did (C2).
struct PartialRatio {
  Interval error_ratio;
  double known_only = 0;  // of what was seen; 0 when nothing was
  double coverage = 0;    // seen total / (seen + estimated)
};
absl::StatusOr<PartialRatio> PartialErrorRatio(const EventCount& known, double missing_total);

// The share of the period's budget used when a part of the period was not observed (B18):
// [r (1 - u), r (1 - u) + u] / (1 - slo), u = unobserved / period, r the ratio observed. Remaining
// is 1 - used. Weigh u by traffic, not by clock time, where it can be.
struct PartialBudget {
  double unobserved_share = 0;
  Interval used;
  Interval remaining() const { return Subtract({1, 1}, used); }
};
absl::StatusOr<PartialBudget> BudgetUsed(double period, double unobserved,
                                         double observed_error_ratio, double slo);

}  // namespace synoptic::domain
