// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/stats/trend.h"

#include <cmath>
#include <limits>
#include <vector>

#include "base/status.h"
#include "domain/stats/check.h"
#include "domain/stats/distribution.h"
#include "domain/stats/quantile.h"

namespace synoptic::domain {
namespace {

constexpr size_t kMaxTheilSenPoints = 2000;

absl::Status CheckPoints(std::span<const double> t_s, std::span<const double> values,
                         size_t least) {
  RETURN_IF_ERROR(CheckSameSize("times", t_s.size(), "values", values.size()));
  if (t_s.size() < least) {
    return InvalidArgument("points: {}: expected at least {}", t_s.size(), least);
  }
  RETURN_IF_ERROR(CheckEachFinite("times", t_s));
  return CheckEachFinite("values", values);
}

double TimeTo(double now, double threshold, double slope) {
  if (now >= threshold) return 0;
  if (slope <= 0) return std::numeric_limits<double>::infinity();
  return (threshold - now) / slope;
}

}  // namespace

absl::StatusOr<LineFit> FitLine(std::span<const double> t_s, std::span<const double> values) {
  RETURN_IF_ERROR(CheckPoints(t_s, values, 2));
  LineFit fit;
  fit.points = static_cast<int>(t_s.size());
  const double n = fit.points;
  // About the first time, so that Unix seconds lose no digits.
  const double origin = t_s.front();
  for (const double t : t_s) fit.t_mean += (t - origin) / n;
  fit.t_mean += origin;
  for (const double v : values) fit.value_mean += v / n;
  double sxx = 0;
  double sxy = 0;
  for (size_t i = 0; i < t_s.size(); ++i) {
    sxx += (t_s[i] - fit.t_mean) * (t_s[i] - fit.t_mean);
    sxy += (t_s[i] - fit.t_mean) * (values[i] - fit.value_mean);
  }
  if (!(sxx > 0)) return InvalidArgument("times: all equal: expected two different ones");
  fit.slope = sxy / sxx;
  if (fit.points > 2) {
    double sse = 0;
    for (size_t i = 0; i < t_s.size(); ++i) {
      const double residual = values[i] - fit.At(t_s[i]);
      sse += residual * residual;
    }
    fit.residual_var = sse / (n - 2);
    fit.slope_se = std::sqrt(fit.residual_var / sxx);
  }
  return fit;
}

absl::StatusOr<double> TheilSenSlope(std::span<const double> t_s, std::span<const double> values) {
  RETURN_IF_ERROR(CheckPoints(t_s, values, 2));
  if (t_s.size() > kMaxTheilSenPoints) {
    return InvalidArgument("points: {}: expected at most {}", t_s.size(), kMaxTheilSenPoints);
  }
  std::vector<double> slopes;
  for (size_t i = 0; i < t_s.size(); ++i) {
    for (size_t j = i + 1; j < t_s.size(); ++j) {
      const double dt = t_s[j] - t_s[i];
      if (dt != 0) slopes.push_back((values[j] - values[i]) / dt);
    }
  }
  if (slopes.empty()) return InvalidArgument("times: all equal: expected two different ones");
  return Median(slopes);
}

absl::StatusOr<BreachTime> TimeToBreach(std::span<const double> t_s, std::span<const double> values,
                                        double threshold, double coverage) {
  RETURN_IF_ERROR(CheckPoints(t_s, values, 3));
  RETURN_IF_ERROR(CheckFinite({{"threshold", threshold}}));
  if (!(coverage > 0 && coverage < 1)) {
    return InvalidArgument("coverage: {}: expected a ratio between 0 and 1, both excluded",
                           coverage);
  }
  ASSIGN_OR_RETURN(const LineFit fit, FitLine(t_s, values));
  ASSIGN_OR_RETURN(const double quantile, StudentQuantile(0.5 + coverage / 2, fit.points - 2));
  const double band = quantile * fit.slope_se;
  BreachTime breach;
  breach.now = fit.At(t_s.back());
  breach.best = TimeTo(breach.now, threshold, fit.slope);
  breach.earliest = TimeTo(breach.now, threshold, fit.slope + band);
  breach.latest = TimeTo(breach.now, threshold, fit.slope - band);
  return breach;
}

}  // namespace synoptic::domain
