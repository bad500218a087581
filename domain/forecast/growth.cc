// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/forecast/growth.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/status.h"
#include "domain/stats/check.h"
#include "domain/stats/quantile.h"

namespace synoptic::domain {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

}  // namespace

absl::StatusOr<std::vector<double>> SeasonalQuantile(std::span<const std::vector<double>> buckets,
                                                     double weekly_growth, double q) {
  RETURN_IF_ERROR(CheckPositive({{"weekly growth", weekly_growth}}));
  RETURN_IF_ERROR(CheckRatio({{"quantile", q}}));
  std::vector<double> next_week;
  std::vector<double> scaled;
  for (size_t hour = 0; hour < buckets.size(); ++hour) {
    const std::vector<double>& values = buckets[hour];
    if (values.empty()) {
      return InvalidArgument("bucket {}: no values: expected one a week", hour);
    }
    RETURN_IF_ERROR(CheckEachNonNegative("bucket", values));
    scaled.clear();
    for (size_t i = 0; i < values.size(); ++i) {
      const auto weeks_ago = static_cast<double>(values.size() - 1 - i);
      scaled.push_back(values[i] * std::pow(weekly_growth, weeks_ago));
    }
    std::sort(scaled.begin(), scaled.end());
    next_week.push_back(SortedQuantile(scaled, q) * weekly_growth);
  }
  return next_week;
}

absl::StatusOr<double> CompoundExhaustion(double load, double limit, double growth) {
  RETURN_IF_ERROR(CheckNonNegative({{"load", load}, {"limit", limit}}));
  RETURN_IF_ERROR(CheckFinite({{"growth", growth}}));
  if (load >= limit) return 0.0;
  if (growth <= 0 || load == 0) return kNever;
  return std::log(limit / load) / std::log(1 + growth);
}

absl::StatusOr<LinearExhaustionTime> LinearExhaustion(double load, double limit, double slope,
                                                      double lead_time) {
  RETURN_IF_ERROR(CheckNonNegative({{"load", load}, {"limit", limit}, {"lead time", lead_time}}));
  RETURN_IF_ERROR(CheckFinite({{"slope", slope}}));
  double time = kNever;
  if (load >= limit) {
    time = 0;
  } else if (slope > 0) {
    time = (limit - load) / slope;
  }
  return LinearExhaustionTime{time, time - lead_time};
}

}  // namespace synoptic::domain
