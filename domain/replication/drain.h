// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A backlog between a source and a follower: when it is gone, when it is too much, what it is
// worth. Pending in operations (or bytes), rates in the same unit per second, times in seconds.
// Rates are of operations at the two ends in one unit; +Inf means never.
#pragma once

#include <span>

#include "absl/status/statusor.h"

namespace synoptic::domain {

struct Flow {
  double in_rate = 0;   // written at the source
  double out_rate = 0;  // applied at the follower
};

// Until nothing is pending at these rates: 0 for an empty backlog, +Inf unless out > in (E1).
absl::StatusOr<double> DrainTime(double pending, const Flow& flow);

// Until `threshold` is pending: 0 when it is, +Inf unless in > out (E2).
absl::StatusOr<double> TimeToThreshold(double pending, double threshold, const Flow& flow);

// A stretch of known rates, and for how long.
struct FlowSegment {
  double duration_s = 0;
  Flow flow;
};
// The drain time when rates are known to change, a diurnal forecast: through the segments in their
// order, then `tail` for ever. Pending never falls below zero on the way: the first time it is zero
// is the answer (E13).
absl::StatusOr<double> DrainTime(double pending, std::span<const FlowSegment> segments,
                                 const Flow& tail);

// By Little's law: how many seconds of writes are not replicated, and how long the newest of them
// waits (E3). A rate of zero gives +Inf, or 0 when nothing is pending.
struct WritesAtRisk {
  double rpo_s = 0;          // pending / in_rate
  double newest_wait_s = 0;  // pending / out_rate
};
absl::StatusOr<WritesAtRisk> AtRisk(double pending, const Flow& flow);

// Does a pending series agree with its rates? A large residual means operations lost, doubled, or
// counted differently at the two ends (E7).
struct Conservation {
  double residual = 0;  // (after - before) - (in - out) * dt
  double relative = 0;  // residual / |(in - out) * dt|; +Inf or -Inf when the rates are equal
};
absl::StatusOr<Conservation> CheckConservation(double pending_before, double pending_after,
                                               const Flow& flow, double dt_s);

}  // namespace synoptic::domain
