// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The numbers that Sloth and Pyrra write for an objective, to the last bit: imported objectives
// give the alerts they gave there.
#pragma once

#include <array>
#include <cstdint>

#include "absl/status/statusor.h"

namespace synoptic::domain {

// Sloth (sloth.slok.dev v1): `objective` is a percentage in (0, 100]. It computes the budget in two
// ways that differ in the last bits (B19).
struct SlothNumbers {
  double objective_ratio = 0;        // objective / 100
  double recorded_error_budget = 0;  // 1 - objective / 100
  double alert_error_budget = 0;     // (100 - objective) / 100

  double Threshold(double factor) const { return factor * alert_error_budget; }
};
absl::StatusOr<SlothNumbers> SlothObjective(double objective_percent);

// Pyrra: four windows that scale with the period over 28 days, each rounded to a minute with halves
// away from zero; factors 14, 7, 2, 1 whatever the period (B15). Computed as Pyrra does, in whole
// nanoseconds.
struct PyrraWindow {
  bool critical = false;  // severity "critical", else "warning"
  int64_t for_s = 0;
  int64_t long_s = 0;
  int64_t short_s = 0;
  int factor = 0;
};
// `period_s` above 0, at most 200 years.
absl::StatusOr<std::array<PyrraWindow, 4>> PyrraWindows(int64_t period_s);

// The `for` of Pyrra's alert on absent metrics (B16): a minute's rounding of
// trunc(factor * (1 - target) * long) + for, of the first window. Seconds.
absl::StatusOr<int64_t> PyrraAbsentFor(int64_t period_s, double target);

}  // namespace synoptic::domain
