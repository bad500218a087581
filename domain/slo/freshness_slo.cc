// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/slo/freshness_slo.h"

#include <algorithm>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {

absl::StatusOr<SliceFreshness> FreshnessOfSlices(double slices, double bad, double missing) {
  RETURN_IF_ERROR(CheckPositive({{"slices", slices}}));
  RETURN_IF_ERROR(CheckNonNegative({{"bad", bad}, {"missing", missing}}));
  if (bad + missing > slices) {
    return InvalidArgument("{} bad and {} missing slices: expected at most {} in all", bad, missing,
                           slices);
  }
  const double good = slices - bad - missing;
  SliceFreshness freshness;
  if (good + bad > 0) freshness.ignore = good / (good + bad);
  freshness.missing_bad = good / slices;
  freshness.missing_good = (good + missing) / slices;
  return freshness;
}

absl::StatusOr<ObjectFreshness> FreshnessOfObjects(double missed, double replicated,
                                                   double target) {
  RETURN_IF_ERROR(CheckTarget("target", target));
  RETURN_IF_ERROR(CheckNonNegative({{"missed", missed}}));
  RETURN_IF_ERROR(CheckPositive({{"replicated", replicated}}));
  if (missed > replicated) {
    return InvalidArgument("missed: {}: expected at most the {} replicated", missed, replicated);
  }
  ObjectFreshness freshness;
  freshness.sli = 1 - missed / replicated;
  freshness.budget_used = (1 - freshness.sli) / (1 - target);
  return freshness;
}

absl::StatusOr<ChainFreshness> FreshnessOfChain(std::span<const Stage> stages) {
  ChainFreshness chain;
  double failure = 0;
  for (const Stage& stage : stages) {
    RETURN_IF_ERROR(CheckNonNegative({{"stage time", stage.within_s}}));
    RETURN_IF_ERROR(CheckRatio({{"stage probability", stage.probability}}));
    chain.total_s += stage.within_s;
    failure += 1 - stage.probability;
  }
  chain.at_least = std::max(0.0, 1 - failure);
  return chain;
}

}  // namespace synoptic::domain
