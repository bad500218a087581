// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Simple forecasts that can be explained: a seasonal quantile scaled by growth, and when growing
// load reaches a limit. Load and limit are in one unit.
#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace synoptic::domain {

// Next week by hour of week (J3): buckets[hour] are that hour's values of the last weeks, oldest
// first, the last from this week; each is scaled to this week by growth^(weeks ago), then the
// q-quantile (type 7) is taken and scaled to next week. `weekly_growth` is a factor, 1.02 for 2 %.
// Errors: an empty bucket, negative values, growth not above 0.
absl::StatusOr<std::vector<double>> SeasonalQuantile(std::span<const std::vector<double>> buckets,
                                                     double weekly_growth, double q);

// Periods until load * (1 + growth)^t is the limit: ln(limit / load) / ln(1 + growth) (J4). 0 when
// it is there, +Inf unless growth is above 0 or without load.
absl::StatusOr<double> CompoundExhaustion(double load, double limit, double growth);

// The same in a straight line, and the latest moment to order (J5); order_by is negative when it
// has passed, and both are +Inf unless the slope is above 0.
struct LinearExhaustionTime {
  double time = 0;      // in the slope's time unit, as lead_time
  double order_by = 0;  // time - lead_time
};
absl::StatusOr<LinearExhaustionTime> LinearExhaustion(double load, double limit, double slope,
                                                      double lead_time);

}  // namespace synoptic::domain
