// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/replication/lag.h"

#include <algorithm>
#include <limits>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

absl::Status CheckOptional(std::string_view name, const std::optional<double>& value) {
  return value ? CheckNonNegative({{name, *value}}) : absl::OkStatus();
}

// The time of `offset` on the line through two points.
double TimeOf(double offset, const OffsetPoint& a, const OffsetPoint& b) {
  return a.time_s + (offset - a.offset) * (b.time_s - a.time_s) / (b.offset - a.offset);
}

}  // namespace

absl::StatusOr<Interval> UnseenLag(double last_lag_s, double unseen_s) {
  RETURN_IF_ERROR(CheckNonNegative({{"lag", last_lag_s}, {"unseen for", unseen_s}}));
  return Interval{0, last_lag_s + unseen_s};
}

absl::StatusOr<Interval> UnseenPending(double last_pending, double unseen_s, double in_max,
                                       double out_max) {
  RETURN_IF_ERROR(CheckNonNegative({{"pending", last_pending},
                                    {"unseen for", unseen_s},
                                    {"in_max", in_max},
                                    {"out_max", out_max}}));
  return Interval{std::max(0.0, last_pending - out_max * unseen_s),
                  last_pending + in_max * unseen_s};
}

absl::StatusOr<Interval> DelayedLag(double value_s, double delay_s) {
  RETURN_IF_ERROR(CheckNonNegative({{"lag", value_s}, {"delay", delay_s}}));
  return Interval{0, value_s + delay_s};
}

absl::StatusOr<double> ApplySpeed(double lag_before_s, double lag_after_s, double dt_s) {
  RETURN_IF_ERROR(CheckNonNegative({{"lag before", lag_before_s}, {"lag after", lag_after_s}}));
  RETURN_IF_ERROR(CheckPositive({{"dt", dt_s}}));
  return 1 - (lag_after_s - lag_before_s) / dt_s;
}

absl::StatusOr<double> CatchUpTime(double lag_s, double speed) {
  RETURN_IF_ERROR(CheckNonNegative({{"lag", lag_s}}));
  RETURN_IF_ERROR(CheckFinite({{"speed", speed}}));
  if (lag_s == 0) return 0.0;
  return speed > 1 ? lag_s / (speed - 1) : kNever;
}

absl::StatusOr<double> TimeToRpo(double lag_s, double speed, double rpo_s) {
  RETURN_IF_ERROR(CheckNonNegative({{"lag", lag_s}, {"rpo", rpo_s}}));
  RETURN_IF_ERROR(CheckFinite({{"speed", speed}}));
  if (lag_s >= rpo_s) return 0.0;
  return speed < 1 ? (rpo_s - lag_s) / (1 - speed) : kNever;
}

absl::StatusOr<std::optional<double>> InterpolatedLag(std::span<const OffsetPoint> points,
                                                      double committed, double now_s) {
  RETURN_IF_ERROR(CheckFinite({{"committed", committed}, {"now", now_s}}));
  for (size_t i = 0; i < points.size(); ++i) {
    RETURN_IF_ERROR(CheckFinite({{"offset", points[i].offset}, {"time", points[i].time_s}}));
    if (i > 0 &&
        (points[i].offset <= points[i - 1].offset || points[i].time_s < points[i - 1].time_s)) {
      return InvalidArgument("point {}: offset {} at {} s: expected both to rise", i,
                             points[i].offset, points[i].time_s);
    }
  }
  if (points.size() < 2) return std::nullopt;
  if (committed >= points.back().offset) return 0.0;
  if (committed < points.front().offset) {
    return now_s - TimeOf(committed, points.front(), points.back());
  }
  const auto after =
      std::upper_bound(points.begin(), points.end(), committed,
                       [](double offset, const OffsetPoint& p) { return offset < p.offset; });
  return now_s - TimeOf(committed, *std::prev(after), *after);
}

absl::StatusOr<Verdict> LyingLag(const LagReading& reading) {
  RETURN_IF_ERROR(CheckOptional("lag", reading.lag_s));
  RETURN_IF_ERROR(CheckOptional("previous lag", reading.previous_s));
  RETURN_IF_ERROR(CheckOptional("in_rate", reading.in_rate));
  RETURN_IF_ERROR(CheckOptional("out_rate", reading.out_rate));
  const bool still = !reading.lag_s || *reading.lag_s == 0 ||
                     (reading.previous_s && *reading.lag_s == *reading.previous_s);
  const Verdict writes = reading.in_rate ? FromBool(*reading.in_rate > 0) : Verdict::kUnknown;
  const Verdict stands = reading.out_rate ? FromBool(*reading.out_rate == 0) : Verdict::kUnknown;
  return And(FromBool(still), And(writes, stands));
}

absl::StatusOr<bool> LyingZero(double lag_s, double in_rate, double out_rate) {
  ASSIGN_OR_RETURN(
      const Verdict verdict,
      LyingLag({.lag_s = lag_s, .previous_s = {}, .in_rate = in_rate, .out_rate = out_rate}));
  return verdict == Verdict::kTrue;
}

}  // namespace synoptic::domain
