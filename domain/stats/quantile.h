// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Order statistics over plain values.
#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace synoptic::domain {

// The q-quantile of type 7: linear between the closest ranks, rank = q * (n - 1), exactly as
// Prometheus' quantile_over_time computes it (vector H3). In the unit of the values, which need no
// order. Errors: no values, a value that is not finite, q outside [0, 1].
absl::StatusOr<double> Quantile(std::span<const double> values, double q);

// The same over values that rise already.
// REQUIRES: !sorted.empty(), 0 <= q <= 1.
double SortedQuantile(std::span<const double> sorted, double q);

absl::StatusOr<double> Median(std::span<const double> values);

// Values far from the others, by the median absolute deviation: score = |x - median| / (1.4826
// MAD), an outlier has a score above `limit` (3.5 is Iglewicz' and Hoaglin's choice). With a MAD of
// zero every value off the median scores +Inf, which is what one stray pair among equal ones is
// (L3).
struct Outliers {
  double median = 0;
  double mad = 0;               // median of |x - median|, not scaled
  std::vector<double> scores;   // one a value, in the order given
  std::vector<size_t> indices;  // of the outliers, rising
};
absl::StatusOr<Outliers> FindOutliers(std::span<const double> values, double limit = 3.5);

}  // namespace synoptic::domain
