// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/forecast/accuracy.h"

#include <cmath>

#include "base/status.h"
#include "domain/stats/check.h"
#include "domain/stats/distribution.h"

namespace synoptic::domain {

absl::StatusOr<Accuracy> ForecastAccuracy(std::span<const double> actual,
                                          std::span<const double> forecast,
                                          std::span<const double> train,
                                          std::span<const double> lower,
                                          std::span<const double> upper) {
  if (actual.empty()) return InvalidArgument("actual: none: expected at least one value");
  if (train.size() < 2) {
    return InvalidArgument("train: {} values: expected at least 2", train.size());
  }
  RETURN_IF_ERROR(CheckSameSize("forecast", forecast.size(), "actual", actual.size()));
  RETURN_IF_ERROR(CheckSameSize("lower", lower.size(), "actual", actual.size()));
  RETURN_IF_ERROR(CheckSameSize("upper", upper.size(), "actual", actual.size()));
  RETURN_IF_ERROR(CheckEachFinite("actual", actual));
  RETURN_IF_ERROR(CheckEachFinite("forecast", forecast));
  RETURN_IF_ERROR(CheckEachFinite("train", train));
  RETURN_IF_ERROR(CheckEachFinite("lower", lower));
  RETURN_IF_ERROR(CheckEachFinite("upper", upper));

  const auto n = static_cast<double>(actual.size());
  double relative = 0;
  double absolute = 0;
  bool zero = false;
  int covered = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    const double error = std::abs(actual[i] - forecast[i]);
    absolute += error;
    if (actual[i] == 0) {
      zero = true;
    } else {
      relative += error / std::abs(actual[i]);
    }
    if (lower[i] <= actual[i] && actual[i] <= upper[i]) ++covered;
  }
  double steps = 0;
  for (size_t i = 1; i < train.size(); ++i) steps += std::abs(train[i] - train[i - 1]);
  const double scale = steps / static_cast<double>(train.size() - 1);
  Accuracy accuracy;
  if (!zero) accuracy.mape = relative / n;
  if (scale > 0) accuracy.mase = absolute / n / scale;
  accuracy.coverage = covered / n;
  return accuracy;
}

absl::StatusOr<Exceedance> ExceedanceOf(double limit, std::span<const double> mean,
                                        std::span<const double> error, double alpha) {
  RETURN_IF_ERROR(CheckFinite({{"limit", limit}}));
  RETURN_IF_ERROR(CheckRatio({{"alpha", alpha}}));
  RETURN_IF_ERROR(CheckSameSize("error", error.size(), "mean", mean.size()));
  RETURN_IF_ERROR(CheckEachFinite("mean", mean));
  RETURN_IF_ERROR(CheckEachNonNegative("error", error));
  Exceedance exceedance;
  for (size_t i = 0; i < mean.size(); ++i) {
    // Without an error the forecast is certain.
    const double p = error[i] > 0 ? NormalUpperTail((limit - mean[i]) / error[i])
                                  : (mean[i] > limit ? 1.0 : 0.0);
    exceedance.probability.push_back(p);
    if (!exceedance.first && p > alpha) exceedance.first = static_cast<int>(i) + 1;
  }
  return exceedance;
}

}  // namespace synoptic::domain
