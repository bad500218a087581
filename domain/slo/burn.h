// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Error budgets and burn rates. `slo` is the objective as a ratio (0.999), the budget is 1 - slo,
// an error ratio is bad / total over a window, a burn rate is error ratio / budget. Source:
// Google's SRE workbook, "Alerting on SLOs". Windows and periods only have to be in one unit each.
#pragma once

#include "absl/status/statusor.h"

namespace synoptic::domain {

// The burn rate at which a share of the budget is spent within the long window (B1):
// budget_fraction * period / long_window. 0.02, 30 d and 1 h give 14.4.
absl::StatusOr<double> BurnFactor(double budget_fraction, double period, double long_window);

// The budget_fraction spent when an alert of that factor becomes true (B4): the inverse.
absl::StatusOr<double> BudgetSpent(double factor, double long_window, double period);

// The error ratio above which an alert of that factor fires (B2): factor * (1 - slo). In doubles
// 14.4 * (1 - 0.999) is 0.014400000000000013: a ratio of 0.0144 does not exceed it.
absl::StatusOr<double> BurnThreshold(double slo, double factor);

// Until the long window exceeds the threshold, for a constant error ratio after clean times: +Inf
// unless the ratio is above the threshold (B3). In the window's unit.
absl::StatusOr<double> DetectionTime(double slo, double factor, double window, double error_ratio);

// Until a window of that length is below the threshold again, after an outage of that error ratio
// that was at least as long (B6). 0 when it never was above.
absl::StatusOr<double> ResetTime(double window, double threshold, double error_ratio);

// Multi-window: both above, strictly (B7). Both are to come from one moment and the same regions.
bool BurnAlertFires(double short_ratio, double long_ratio, double threshold);

// Until the whole budget is gone at a burn rate: +Inf at 0 (B5). In the period's unit.
absl::StatusOr<double> ExhaustionTime(double period, double burn_rate);

// What is left of the budget, 1 at first, negative when overspent (B8).
absl::StatusOr<double> BudgetRemaining(double slo, double error_ratio);

// The spacing of windows that sums over a base interval can serve: each is a whole number of base
// intervals, short < long <= period. Errors name the window that does not divide. Seconds.
absl::Status CheckWindows(double base_interval_s, double short_s, double long_s, double period_s);

}  // namespace synoptic::domain
