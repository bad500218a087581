// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/slo/burn.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {

absl::StatusOr<double> BurnFactor(double budget_fraction, double period, double long_window) {
  RETURN_IF_ERROR(CheckRatio({{"budget fraction", budget_fraction}}));
  RETURN_IF_ERROR(CheckPositive({{"period", period}, {"long window", long_window}}));
  return budget_fraction * period / long_window;
}

absl::StatusOr<double> BudgetSpent(double factor, double long_window, double period) {
  RETURN_IF_ERROR(
      CheckPositive({{"factor", factor}, {"long window", long_window}, {"period", period}}));
  return factor * long_window / period;
}

absl::StatusOr<double> BurnThreshold(double slo, double factor) {
  RETURN_IF_ERROR(CheckTarget("slo", slo));
  RETURN_IF_ERROR(CheckPositive({{"factor", factor}}));
  return factor * (1 - slo);
}

absl::StatusOr<double> DetectionTime(double slo, double factor, double window, double error_ratio) {
  ASSIGN_OR_RETURN(const double threshold, BurnThreshold(slo, factor));
  RETURN_IF_ERROR(CheckPositive({{"window", window}}));
  RETURN_IF_ERROR(CheckRatio({{"error ratio", error_ratio}}));
  if (error_ratio <= threshold) return std::numeric_limits<double>::infinity();
  return (1 - slo) / error_ratio * window * factor;
}

absl::StatusOr<double> ResetTime(double window, double threshold, double error_ratio) {
  RETURN_IF_ERROR(CheckPositive({{"window", window}}));
  RETURN_IF_ERROR(CheckNonNegative({{"threshold", threshold}}));
  RETURN_IF_ERROR(CheckRatio({{"error ratio", error_ratio}}));
  if (error_ratio <= threshold) return 0.0;
  return window * (1 - threshold / error_ratio);
}

bool BurnAlertFires(double short_ratio, double long_ratio, double threshold) {
  return short_ratio > threshold && long_ratio > threshold;
}

absl::StatusOr<double> ExhaustionTime(double period, double burn_rate) {
  RETURN_IF_ERROR(CheckPositive({{"period", period}}));
  RETURN_IF_ERROR(CheckNonNegative({{"burn rate", burn_rate}}));
  return burn_rate > 0 ? period / burn_rate : std::numeric_limits<double>::infinity();
}

absl::StatusOr<double> BudgetRemaining(double slo, double error_ratio) {
  RETURN_IF_ERROR(CheckTarget("slo", slo));
  RETURN_IF_ERROR(CheckRatio({{"error ratio", error_ratio}}));
  return 1 - error_ratio / (1 - slo);
}

absl::Status CheckWindows(double base_interval_s, double short_s, double long_s, double period_s) {
  RETURN_IF_ERROR(CheckPositive({{"base interval", base_interval_s},
                                 {"short window", short_s},
                                 {"long window", long_s},
                                 {"period", period_s}}));
  for (const auto& [name, window] :
       {Named{"short window", short_s}, Named{"long window", long_s}, Named{"period", period_s}}) {
    if (std::fmod(window, base_interval_s) != 0) {
      return InvalidArgument("{}: {} s: expected a multiple of the base interval {} s", name,
                             window, base_interval_s);
    }
  }
  if (short_s >= long_s) {
    return InvalidArgument("short window: {} s: expected less than the long window {} s", short_s,
                           long_s);
  }
  if (long_s > period_s) {
    return InvalidArgument("long window: {} s: expected at most the period {} s", long_s, period_s);
  }
  return absl::OkStatus();
}

}  // namespace synoptic::domain
