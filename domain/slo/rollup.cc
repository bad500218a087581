// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/slo/rollup.h"

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {

absl::StatusOr<Rollup> RollUp(std::span<const EventCount> regions, double slo) {
  RETURN_IF_ERROR(CheckTarget("slo", slo));
  EventCount all;
  double ratios = 0;
  int with_events = 0;
  for (const EventCount& region : regions) {
    RETURN_IF_ERROR(CheckCounts("region", region));
    all.total += region.total;
    all.bad += region.bad;
    if (region.total > 0) {
      ratios += region.bad / region.total;
      ++with_events;
    }
  }
  if (with_events == 0) {
    return absl::FailedPreconditionError("no events in any region: there is no error ratio");
  }
  Rollup rollup;
  rollup.error_ratio = all.bad / all.total;
  rollup.burn_rate = rollup.error_ratio / (1 - slo);
  rollup.mean_of_ratios = ratios / with_events;
  for (const EventCount& region : regions) {
    rollup.bad_share.push_back(all.bad > 0 ? region.bad / all.bad : 0);
    const double others = all.total - region.total;
    rollup.ratio_if_not.push_back(others > 0 ? (all.bad - region.bad) / others : 0);
  }
  return rollup;
}

absl::StatusOr<PartialRatio> PartialErrorRatio(const EventCount& known, double missing_total) {
  RETURN_IF_ERROR(CheckCounts("known", known));
  RETURN_IF_ERROR(CheckNonNegative({{"missing total", missing_total}}));
  const double all = known.total + missing_total;
  if (all == 0) return absl::FailedPreconditionError("no events: there is no error ratio");
  PartialRatio partial;
  partial.error_ratio = {known.bad / all, (known.bad + missing_total) / all};
  if (known.total > 0) partial.known_only = known.bad / known.total;
  partial.coverage = known.total / all;
  return partial;
}

absl::StatusOr<PartialBudget> BudgetUsed(double period, double unobserved,
                                         double observed_error_ratio, double slo) {
  RETURN_IF_ERROR(CheckTarget("slo", slo));
  RETURN_IF_ERROR(CheckPositive({{"period", period}}));
  RETURN_IF_ERROR(CheckNonNegative({{"unobserved", unobserved}}));
  RETURN_IF_ERROR(CheckRatio({{"observed error ratio", observed_error_ratio}}));
  if (unobserved > period) {
    return InvalidArgument("unobserved: {}: expected at most the period {}", unobserved, period);
  }
  PartialBudget budget;
  budget.unobserved_share = unobserved / period;
  const double seen = observed_error_ratio * (1 - budget.unobserved_share);
  budget.used = {seen / (1 - slo), (seen + budget.unobserved_share) / (1 - slo)};
  return budget;
}

}  // namespace synoptic::domain
