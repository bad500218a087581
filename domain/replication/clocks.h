// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Clocks of two ends. All in seconds; a bound is how far a clock may be off to either side.
#pragma once

#include <span>

#include "absl/status/statusor.h"
#include "domain/verdict/interval.h"

namespace synoptic::domain {

// |offset| + root_dispersion + root_delay / 2: the bound in chronyc's manual, with the system time
// offset (chrony_tracking_system_time_seconds), not the last update's (G1). Two clocks differ by at
// most the sum of their bounds.
absl::StatusOr<double> ClockBound(double offset_s, double root_dispersion_s, double root_delay_s);

// Whether the clocks can say which of two time stamps came first: |t1 - t2| > bound1 + bound2 (G2).
absl::StatusOr<bool> Ordered(double t1_s, double t2_s, double bound1_s, double bound2_s);

// A lag measured across two clocks: [max(0, m - b), m + b], b the sum of the bounds (G3). The
// measured value may be negative.
absl::StatusOr<Interval> LagAcrossClocks(double measured_s, double bound1_s, double bound2_s);

// Of the neighbours in a set ordered by time stamps, the share that the clocks cannot order: gaps
// up to `pair_bound_s`, included (G4). `scores` need no order; fewer than two give 0.
absl::StatusOr<double> AmbiguousShare(std::span<const double> scores, double pair_bound_s);

}  // namespace synoptic::domain
