// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/replication/clocks.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {

absl::StatusOr<double> ClockBound(double offset_s, double root_dispersion_s, double root_delay_s) {
  RETURN_IF_ERROR(CheckFinite({{"offset", offset_s}}));
  RETURN_IF_ERROR(
      CheckNonNegative({{"root_dispersion", root_dispersion_s}, {"root_delay", root_delay_s}}));
  return std::abs(offset_s) + root_dispersion_s + root_delay_s / 2;
}

absl::StatusOr<bool> Ordered(double t1_s, double t2_s, double bound1_s, double bound2_s) {
  RETURN_IF_ERROR(CheckFinite({{"t1", t1_s}, {"t2", t2_s}}));
  RETURN_IF_ERROR(CheckNonNegative({{"bound1", bound1_s}, {"bound2", bound2_s}}));
  return std::abs(t1_s - t2_s) > bound1_s + bound2_s;
}

absl::StatusOr<Interval> LagAcrossClocks(double measured_s, double bound1_s, double bound2_s) {
  RETURN_IF_ERROR(CheckFinite({{"measured", measured_s}}));
  RETURN_IF_ERROR(CheckNonNegative({{"bound1", bound1_s}, {"bound2", bound2_s}}));
  const double bound = bound1_s + bound2_s;
  if (measured_s + bound < 0) {
    return InvalidArgument("lag {} s across clocks within {} s: expected at least {}", measured_s,
                           bound, -bound);
  }
  return Interval{std::max(0.0, measured_s - bound), measured_s + bound};
}

absl::StatusOr<double> AmbiguousShare(std::span<const double> scores, double pair_bound_s) {
  RETURN_IF_ERROR(CheckEachFinite("scores", scores));
  RETURN_IF_ERROR(CheckNonNegative({{"pair_bound", pair_bound_s}}));
  if (scores.size() < 2) return 0.0;
  std::vector<double> sorted(scores.begin(), scores.end());
  std::sort(sorted.begin(), sorted.end());
  int ambiguous = 0;
  for (size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i] - sorted[i - 1] <= pair_bound_s) ++ambiguous;
  }
  return ambiguous / (static_cast<double>(sorted.size()) - 1);
}

}  // namespace synoptic::domain
