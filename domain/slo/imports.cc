// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/slo/imports.h"

#include "base/go_format.h"
#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kMostSeconds = int64_t{200} * 366 * 86400;  // in nanoseconds below 2^63

int64_t RoundToMinute(int64_t ns) { return (ns + kMinute / 2) / kMinute * kMinute; }

}  // namespace

absl::StatusOr<SlothNumbers> SlothObjective(double objective_percent) {
  if (!(objective_percent > 0 && objective_percent <= 100)) {
    return InvalidArgument("objective: {}: expected a percentage above 0 and at most 100",
                           GoFloatG(objective_percent));
  }
  SlothNumbers numbers;
  numbers.objective_ratio = objective_percent / 100;
  numbers.recorded_error_budget = 1 - numbers.objective_ratio;
  numbers.alert_error_budget = (100 - objective_percent) / 100;
  return numbers;
}

absl::StatusOr<std::array<PyrraWindow, 4>> PyrraWindows(int64_t period_s) {
  if (period_s <= 0 || period_s > kMostSeconds) {
    return InvalidArgument("window: {} s: expected 1 to {} s", period_s, kMostSeconds);
  }
  const int64_t period = period_s * kSecond;
  // The part of a period that so many minutes are of 28 days.
  const auto scaled = [period](int64_t minutes) {
    return RoundToMinute(period / (int64_t{28} * 24 * 60 / minutes)) / kSecond;
  };
  return std::array<PyrraWindow, 4>{
      {{true, scaled(2), scaled(60), scaled(5), 14},
       {true, scaled(15), scaled(6 * 60), scaled(30), 7},
       {false, scaled(60), scaled(24 * 60), scaled(2 * 60), 2},
       {false, scaled(3 * 60), scaled(4 * 24 * 60), scaled(6 * 60), 1}}};
}

absl::StatusOr<int64_t> PyrraAbsentFor(int64_t period_s, double target) {
  RETURN_IF_ERROR(CheckTarget("target", target));
  ASSIGN_OR_RETURN(const auto windows, PyrraWindows(period_s));
  const PyrraWindow& first = windows[0];
  const double burn_s = first.factor * (1 - target) * static_cast<double>(first.long_s);
  return RoundToMinute((static_cast<int64_t>(burn_s) + first.for_s) * kSecond) / kSecond;
}

}  // namespace synoptic::domain
