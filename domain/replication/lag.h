// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What is known of a lag, in seconds, from its last values and from physics: lag rises by at most
// one second in a second and may fall at any speed.
#pragma once

#include <optional>
#include <span>

#include "absl/status/statusor.h"
#include "domain/verdict/interval.h"
#include "domain/verdict/logic.h"

namespace synoptic::domain {

// Bounds while the region that holds the signal has been unseen for `unseen_s` (D3).
absl::StatusOr<Interval> UnseenLag(double last_lag_s, double unseen_s);

// Bounds of a pending count unseen for so long, in its unit: out_max and in_max are the most that
// can be applied and written per second, in_max as a high quantile of the same hour of week (D2).
absl::StatusOr<Interval> UnseenPending(double last_pending, double unseen_s, double in_max,
                                       double out_max);

// What a value published `delay_s` late says about now (CloudWatch; E6).
absl::StatusOr<Interval> DelayedLag(double value_s, double delay_s);

// The follower's speed against the source's clock, from two readings `dt_s` apart: 1 keeps pace, 0
// stands still, above 1 catches up (E4, E5). When lag is the age of the last applied write, an idle
// source lets it rise with speed 0: ask for a source in-rate above zero first.
absl::StatusOr<double> ApplySpeed(double lag_before_s, double lag_after_s, double dt_s);

// Until the lag is zero at a speed: +Inf unless it is above 1; 0 without lag (E4).
absl::StatusOr<double> CatchUpTime(double lag_s, double speed);

// Until the lag is the objective: 0 when it is, +Inf unless speed is below 1 (E5).
absl::StatusOr<double> TimeToRpo(double lag_s, double speed, double rpo_s);

// One sight of a log's head: its offset and when it had it.
struct OffsetPoint {
  double offset = 0;
  double time_s = 0;
};
// Lag in seconds of a consumer at `committed`: now minus the time at which the head was there,
// linear between points (E12; as kafka-lag-exporter). 0 at the newest offset or after it; before
// the oldest, on the line through the first and the last point. Points rise in both; fewer than two
// give no value. Errors: points that do not rise, numbers that are not finite.
absl::StatusOr<std::optional<double>> InterpolatedLag(std::span<const OffsetPoint> points,
                                                      double committed, double now_s);

// The lying zero: a lag that looks fine while the source writes and the follower applies nothing.
// PostgreSQL, MirrorMaker, MSK and others report such (E8).
struct LagReading {
  std::optional<double> lag_s;       // absent: the series is gone
  std::optional<double> previous_s;  // one reading before
  std::optional<double> in_rate;     // at the source; empty when that end is unseen
  std::optional<double> out_rate;    // at the follower
};
// TRUE: writes come in, nothing is applied, and the lag is zero, unchanged or absent. FALSE: one of
// these is known not to hold. UNKNOWN: an end is unseen and could decide it.
// Errors: negative rates, values that are not finite.
absl::StatusOr<Verdict> LyingLag(const LagReading& reading);

// The same on one sample alone (the vector's rows): lag == 0, in > 0, out == 0.
absl::StatusOr<bool> LyingZero(double lag_s, double in_rate, double out_rate);

}  // namespace synoptic::domain
