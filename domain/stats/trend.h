// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Straight lines through points (time in seconds, value), and when they reach a threshold.
#pragma once

#include <span>

#include "absl/status/statusor.h"

namespace synoptic::domain {

// Ordinary least squares (vector E9; predict_linear and deriv of Prometheus are the same line,
// E10).
struct LineFit {
  double slope = 0;   // value per second
  double t_mean = 0;  // the line goes through (t_mean, value_mean)
  double value_mean = 0;
  double residual_var = 0;  // SSE / (n - 2); 0 for two points
  double slope_se = 0;      // standard error of the slope: sqrt(residual_var / Sxx)
  int points = 0;

  double At(double t_s) const { return value_mean + slope * (t_s - t_mean); }
};
// Errors: fewer than two points, values that are not finite, all points at one time.
absl::StatusOr<LineFit> FitLine(std::span<const double> t_s, std::span<const double> values);

// The median of the slopes between all pairs of points (Theil 1950, Sen 1968), per second (E11): up
// to 29 % of the points may be stalls or bursts without moving it far. Pairs at one time are left
// out. Takes n^2/2 steps: more than 2,000 points are an error.
absl::StatusOr<double> TheilSenSlope(std::span<const double> t_s, std::span<const double> values);

// Seconds until a fitted line reaches `threshold` from below, counted from the last point, with a
// band: the slope is uncertain by `t_quantile` standard errors to each side. 0 when the line is
// there already, +Inf when a slope does not rise. `latest` is +Inf when the band holds a slope of
// zero: the breach is not certain.
struct BreachTime {
  double now = 0;  // the line's value at the last point
  double best = 0;
  double earliest = 0;
  double latest = 0;
};
// `coverage` of the band, 0.95 for the usual one; Student's t with n - 2 degrees of freedom, so at
// least three points are needed. Source: E9.
absl::StatusOr<BreachTime> TimeToBreach(std::span<const double> t_s, std::span<const double> values,
                                        double threshold, double coverage = 0.95);

}  // namespace synoptic::domain
