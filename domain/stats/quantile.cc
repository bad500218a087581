// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/stats/quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {
namespace {

// Makes a MAD comparable with a standard deviation: 1 / the 0.75 quantile of the normal law.
constexpr double kMadToSigma = 1.4826;

}  // namespace

double SortedQuantile(std::span<const double> sorted, double q) {
  const double rank = q * (static_cast<double>(sorted.size()) - 1);
  const auto lower = static_cast<size_t>(std::floor(rank));
  const size_t upper = std::min(sorted.size() - 1, lower + 1);
  const double weight = rank - std::floor(rank);
  return sorted[lower] * (1 - weight) + sorted[upper] * weight;
}

absl::StatusOr<double> Quantile(std::span<const double> values, double q) {
  if (values.empty()) return InvalidArgument("values: none: expected at least one");
  RETURN_IF_ERROR(CheckRatio({{"quantile", q}}));
  RETURN_IF_ERROR(CheckEachFinite("values", values));
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return SortedQuantile(sorted, q);
}

absl::StatusOr<double> Median(std::span<const double> values) { return Quantile(values, 0.5); }

absl::StatusOr<Outliers> FindOutliers(std::span<const double> values, double limit) {
  RETURN_IF_ERROR(CheckPositive({{"limit", limit}}));
  Outliers found;
  ASSIGN_OR_RETURN(found.median, Median(values));
  std::vector<double> deviations;
  for (const double x : values) deviations.push_back(std::abs(x - found.median));
  ASSIGN_OR_RETURN(found.mad, Median(deviations));
  for (size_t i = 0; i < values.size(); ++i) {
    double score = 0;
    if (found.mad > 0) {
      score = deviations[i] / (kMadToSigma * found.mad);
    } else if (deviations[i] > 0) {
      score = std::numeric_limits<double>::infinity();
    }
    found.scores.push_back(score);
    if (score > limit) found.indices.push_back(i);
  }
  return found;
}

}  // namespace synoptic::domain
