// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How good forecasts were, and what they say about a limit.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace synoptic::domain {

// J6. `actual` against `forecast` and its interval, step by step; `train` is the history the model
// had, for the scale of MASE.
struct Accuracy {
  std::optional<double> mape;  // mean of |error| / |actual|, a fraction; none where an actual is 0
  std::optional<double> mase;  // mean |error| / mean |step| in training, below 1 beats repeating
                               // the last value; none when training never moved
  double coverage = 0;         // share of actuals within [lower, upper]: near the nominal one
};
// Errors: sizes that differ, nothing to compare, fewer than two training values, not finite.
absl::StatusOr<Accuracy> ForecastAccuracy(std::span<const double> actual,
                                          std::span<const double> forecast,
                                          std::span<const double> train,
                                          std::span<const double> lower,
                                          std::span<const double> upper);

// J9: by step the chance that a normal forecast exceeds the limit, erfc((limit - mean) / (se sqrt
// 2)) / 2, and the first step (from 1) where it is above `alpha`.
struct Exceedance {
  std::vector<double> probability;
  std::optional<int> first;
};
absl::StatusOr<Exceedance> ExceedanceOf(double limit, std::span<const double> mean,
                                        std::span<const double> error, double alpha = 0.05);

}  // namespace synoptic::domain
