// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/slo/budgeting.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {
namespace {

absl::Status CheckWeights(std::span<const Weighted> parts) {
  if (parts.empty()) return InvalidArgument("objectives: none: expected at least one");
  for (const Weighted& part : parts) RETURN_IF_ERROR(CheckPositive({{"weight", part.weight}}));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<double> SlicesIn(double period_s, double slice_s) {
  RETURN_IF_ERROR(CheckPositive({{"period", period_s}, {"slice", slice_s}}));
  if (std::fmod(period_s, slice_s) != 0) {
    return InvalidArgument("slice: {} s: expected to divide the period {} s", slice_s, period_s);
  }
  return period_s / slice_s;
}

absl::StatusOr<double> OccurrencesBudget(double target, double requests) {
  RETURN_IF_ERROR(CheckTarget("target", target));
  RETURN_IF_ERROR(CheckNonNegative({{"requests", requests}}));
  return requests * (1 - target);
}

absl::StatusOr<double> TimeslicesBudget(double target, double slices) {
  RETURN_IF_ERROR(CheckTarget("target", target));
  RETURN_IF_ERROR(CheckNonNegative({{"slices", slices}}));
  return slices * (1 - target);
}

absl::StatusOr<double> RatioTimeslicesBudget(double target, double slices, double good_ratio,
                                             double bad_ratio) {
  RETURN_IF_ERROR(CheckTarget("target", target));
  RETURN_IF_ERROR(CheckNonNegative({{"slices", slices}}));
  RETURN_IF_ERROR(CheckRatio({{"good ratio", good_ratio}, {"bad ratio", bad_ratio}}));
  if (bad_ratio >= target) return std::numeric_limits<double>::infinity();
  if (good_ratio <= target) return 0.0;
  return (good_ratio - target) / (good_ratio - bad_ratio) * slices;
}

absl::Status CheckCounts(std::string_view name, const EventCount& count) {
  RETURN_IF_ERROR(CheckNonNegative({{name, count.total}, {name, count.bad}}));
  if (count.bad <= count.total) return absl::OkStatus();
  return InvalidArgument("{}: {} bad of {}: expected at most all of them", name, count.bad,
                         count.total);
}

absl::StatusOr<double> OccurrencesErrorRatio(std::span<const EventCount> slices) {
  EventCount all;
  for (const EventCount& slice : slices) {
    RETURN_IF_ERROR(CheckCounts("slice", slice));
    all.total += slice.total;
    all.bad += slice.bad;
  }
  if (all.total == 0) return absl::FailedPreconditionError("no events: there is no error ratio");
  return all.bad / all.total;
}

absl::StatusOr<double> RatioTimeslicesErrorRatio(std::span<const EventCount> slices) {
  double sum = 0;
  int with_traffic = 0;
  for (const EventCount& slice : slices) {
    RETURN_IF_ERROR(CheckCounts("slice", slice));
    if (slice.total == 0) continue;
    sum += slice.bad / slice.total;
    ++with_traffic;
  }
  if (with_traffic == 0) {
    return absl::FailedPreconditionError("no slice with events: there is no error ratio");
  }
  return sum / with_traffic;
}

absl::StatusOr<double> CompositeBurn(std::span<const Weighted> burns) {
  RETURN_IF_ERROR(CheckWeights(burns));
  double sum = 0;
  for (const Weighted& burn : burns) {
    RETURN_IF_ERROR(CheckNonNegative({{"burn rate", burn.value}}));
    sum += burn.weight * burn.value;
  }
  return sum;
}

absl::StatusOr<double> CompositeSuccess(std::span<const Weighted> averages) {
  RETURN_IF_ERROR(CheckWeights(averages));
  double failure = 0;
  for (const Weighted& average : averages) {
    RETURN_IF_ERROR(CheckRatio({{"average", average.value}}));
    failure += average.weight * (1 - average.value);
  }
  return std::max(0.0, 1 - failure);
}

absl::StatusOr<int> CompositeBadSlices(std::span<const std::string> objectives) {
  if (objectives.empty()) return InvalidArgument("objectives: none: expected at least one");
  for (const std::string& slices : objectives) {
    RETURN_IF_ERROR(CheckSameSize("objective", slices.size(), "the first", objectives[0].size()));
    if (slices.find_first_not_of("gb") != std::string::npos) {
      return InvalidArgument("slices \"{}\": expected g and b only", slices);
    }
  }
  int bad = 0;
  for (size_t i = 0; i < objectives[0].size(); ++i) {
    bad += std::any_of(objectives.begin(), objectives.end(),
                       [i](const std::string& slices) { return slices[i] == 'b'; });
  }
  return bad;
}

}  // namespace synoptic::domain
