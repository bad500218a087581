// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// OpenSLO's three ways to spend a budget, and composites. The same events give answers that differ
// by orders of magnitude (B9, B17). Source: OpenSLO v1, budgetingMethod.
//   Occurrences       bad events / events
//   Timeslices        bad slices / slices, a slice being bad below its own target
//   RatioTimeslices   the mean of the slices' ratios: a quiet slice weighs like a busy one
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace synoptic::domain {

// How many slices a period has. Errors: the slice does not divide the period. Seconds.
absl::StatusOr<double> SlicesIn(double period_s, double slice_s);

// What may go wrong within a period.
absl::StatusOr<double> OccurrencesBudget(double target, double requests);  // events
absl::StatusOr<double> TimeslicesBudget(double target, double slices);     // slices
// Slices at the ratio `bad_ratio` that the budget bears when all others have `good_ratio`: +Inf
// when bad_ratio meets the target, 0 when good_ratio misses it.
absl::StatusOr<double> RatioTimeslicesBudget(double target, double slices, double good_ratio,
                                             double bad_ratio);

struct EventCount {
  double total = 0;
  double bad = 0;
};
// Errors: bad > total, negative or not finite.
absl::Status CheckCounts(std::string_view name, const EventCount& count);

// The error ratio of a sequence of slices by each reading. Without any event the ratio is 0/0: an
// error, FailedPrecondition. (Sloth's recorded period ratio is RatioTimeslices over what was
// evaluated, and NaN as long as one slice without traffic is in the window; here such a slice is
// left out of the mean.)
absl::StatusOr<double> OccurrencesErrorRatio(std::span<const EventCount> slices);
absl::StatusOr<double> RatioTimeslicesErrorRatio(std::span<const EventCount> slices);

// Composite objectives (B20); weights are above 0 and need not add up to 1.
struct Weighted {
  double value = 0;
  double weight = 1;
};
// sum of weight * burn rate
absl::StatusOr<double> CompositeBurn(std::span<const Weighted> burns);
// max(0, 1 - sum of weight * (1 - average success ratio)): 95 % and 95 % give 90 %.
absl::StatusOr<double> CompositeSuccess(std::span<const Weighted> averages);
// Slices bad in any objective; one string an objective, `g` good and `b` bad. Errors: other
// letters, lengths that differ.
absl::StatusOr<int> CompositeBadSlices(std::span<const std::string> objectives);

}  // namespace synoptic::domain
