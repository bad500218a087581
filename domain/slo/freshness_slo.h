// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Objectives on how fresh replicated data are.
#pragma once

#include <optional>
#include <span>

#include "absl/status/statusor.h"
#include "domain/verdict/interval.h"

namespace synoptic::domain {

// By time slices, a slice being good when the lag stayed below its limit; slices that nobody saw
// are read in three ways, and the bounds are always told (H1).
struct SliceFreshness {
  std::optional<double> ignore;  // good / (good + bad); none when no slice was seen
  double missing_bad = 0;        // the missing count as bad: the lower bound
  double missing_good = 0;       // and as good: the upper bound
  Interval bounds() const { return {missing_bad, missing_good}; }
};
// Errors: no slices, bad + missing above slices, negative counts.
absl::StatusOr<SliceFreshness> FreshnessOfSlices(double slices, double bad, double missing);

// By objects, as S3 Replication Time Control counts: 1 - missed / replicated, and the share of the
// budget used (H2). Errors: nothing replicated, more missed than replicated.
struct ObjectFreshness {
  double sli = 0;
  double budget_used = 0;
};
absl::StatusOr<ObjectFreshness> FreshnessOfObjects(double missed, double replicated, double target);

// A chain of stages, each done within `within_s` with probability `probability`: all are done
// within the sum with at least 1 - sum of (1 - p), by the union bound, which assumes no
// independence (H4).
struct Stage {
  double within_s = 0;
  double probability = 0;
};
struct ChainFreshness {
  double total_s = 0;
  double at_least = 0;
};
absl::StatusOr<ChainFreshness> FreshnessOfChain(std::span<const Stage> stages);

}  // namespace synoptic::domain
