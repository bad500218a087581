// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/forecast/holt_winters.h"

#include <cmath>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {

absl::StatusOr<HoltWinters> FitHoltWinters(std::span<const double> values, int season_length,
                                           const Smoothing& smoothing) {
  if (season_length < 1) {
    return InvalidArgument("season length: {}: expected at least 1", season_length);
  }
  const auto m = static_cast<size_t>(season_length);
  if (values.size() < 2 * m) {
    return InvalidArgument("values: {}: expected at least two seasons of {}", values.size(), m);
  }
  RETURN_IF_ERROR(CheckEachFinite("values", values));
  RETURN_IF_ERROR(CheckRatio(
      {{"alpha", smoothing.alpha}, {"beta", smoothing.beta}, {"gamma", smoothing.gamma}}));
  HoltWinters model;
  model.season_length = season_length;
  model.observations = static_cast<int>(values.size());
  model.smoothing = smoothing;

  double first = 0;
  double second = 0;
  for (size_t i = 0; i < m; ++i) {
    first += values[i];
    second += values[m + i];
  }
  const auto length = static_cast<double>(m);
  model.level = first / length;
  model.trend = (second - first) / (length * length);
  for (size_t i = 0; i < m; ++i) model.season.push_back(values[i] - model.level);

  double squares = 0;
  for (size_t t = m; t < values.size(); ++t) {
    double& season = model.season[t % m];
    const double error = values[t] - (model.level + model.trend + season);
    model.level += model.trend + smoothing.alpha * error;
    model.trend += smoothing.alpha * smoothing.beta * error;
    season += smoothing.gamma * error;
    model.errors.push_back(error);
    squares += error * error;
  }
  model.error_variance = squares / static_cast<double>(model.errors.size());
  return model;
}

absl::StatusOr<HoltWinters> FitHoltWintersByGrid(std::span<const double> values,
                                                 int season_length) {
  ASSIGN_OR_RETURN(HoltWinters best, FitHoltWinters(values, season_length, Smoothing()));
  for (int a = 0; a <= 9; ++a) {
    for (int b = 0; b <= 9; ++b) {
      for (int g = 0; g <= 9; ++g) {
        const Smoothing tried = {(a + 1) / 10.0, b / 10.0, g / 10.0};
        ASSIGN_OR_RETURN(HoltWinters model, FitHoltWinters(values, season_length, tried));
        if (model.error_variance < best.error_variance) best = std::move(model);
      }
    }
  }
  return best;
}

absl::StatusOr<Forecast> ForecastSteps(const HoltWinters& model, int horizon) {
  if (horizon < 1) return InvalidArgument("horizon: {}: expected at least 1 step", horizon);
  const Smoothing& s = model.smoothing;
  Forecast forecast;
  double spread = 1;
  for (int h = 1; h <= horizon; ++h) {
    if (const int j = h - 1; j > 0) {
      const double c =
          s.alpha + s.alpha * s.beta * j + (j % model.season_length == 0 ? s.gamma : 0);
      spread += c * c;
    }
    const auto k = static_cast<size_t>((model.observations + h - 1) % model.season_length);
    forecast.mean.push_back(model.level + h * model.trend + model.season[k]);
    forecast.error.push_back(std::sqrt(model.error_variance * spread));
  }
  return forecast;
}

absl::StatusOr<std::vector<double>> ForecastBound(const Forecast& forecast, double z) {
  RETURN_IF_ERROR(CheckFinite({{"z", z}}));
  RETURN_IF_ERROR(CheckSameSize("error", forecast.error.size(), "mean", forecast.mean.size()));
  std::vector<double> bound;
  for (size_t h = 0; h < forecast.mean.size(); ++h) {
    bound.push_back(forecast.mean[h] + z * forecast.error[h]);
  }
  return bound;
}

}  // namespace synoptic::domain
