// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Additive Holt-Winters in error-correction form, with prediction intervals (vector J2): level,
// trend and a season of m steps, each corrected by a share of the last step's error. Source:
// Hyndman et al., "Forecasting with Exponential Smoothing", ETS(A,A,A). Prometheus'
// double_exponential_smoothing has no season; promql/functions has that one.
#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace synoptic::domain {

// Each in [0, 1]. gamma multiplies the one-step error itself (classical Holt-Winters corrects by
// the new level: its gamma is this one / (1 - alpha)); the trend moves by alpha * beta * error.
struct Smoothing {
  double alpha = 0.5;
  double beta = 0.1;
  double gamma = 0.3;
};

struct HoltWinters {
  int season_length = 0;
  int observations = 0;
  Smoothing smoothing;
  double level = 0;
  double trend = 0;            // per step
  std::vector<double> season;  // season[k] is for steps t with t mod m = k, t from 0
  std::vector<double> errors;  // one step ahead, from the second season on
  double error_variance = 0;   // mean of errors squared
};

// Starts from the first season (its mean, the mean step between the first two, what is left) and
// runs through the rest. Errors: fewer than two seasons, m below 1, values that are not finite.
absl::StatusOr<HoltWinters> FitHoltWinters(std::span<const double> values, int season_length,
                                           const Smoothing& smoothing);

// The smoothing with the least error variance, of a grid of ten steps a parameter: some 1,000 fits.
absl::StatusOr<HoltWinters> FitHoltWintersByGrid(std::span<const double> values, int season_length);

struct Forecast {
  std::vector<double> mean;   // for the next 1..horizon steps
  std::vector<double> error;  // standard error of each, rising
};
// se_h^2 = error_variance * (1 + sum over j < h of c_j^2), c_j = alpha + alpha beta j + gamma where
// j is a whole number of seasons. Errors: horizon below 1.
absl::StatusOr<Forecast> ForecastSteps(const HoltWinters& model, int horizon);

// mean + z * error for each step: 1.96 bounds 97.5 % from above, -1.96 from below.
absl::StatusOr<std::vector<double>> ForecastBound(const Forecast& forecast, double z);

}  // namespace synoptic::domain
