// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/stats/distribution.h"

#include <math.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {
namespace {

// std::lgamma writes a global sign: not for threads.
double LogGamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}

// The continued fraction of the incomplete beta function by Lentz' method (DLMF 8.17.22). Converges
// fast for x < (a + 1) / (a + b + 2).
double BetaFraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  const auto away_from_zero = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  // Some sqrt(max(a, b)) rounds are needed; the bound is far above that for any count of requests.
  for (int m = 1; m <= 10'000'000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    const double step = d * c;
    fraction *= step;
    if (std::abs(step - 1) < 1e-16) break;
  }
  return fraction;
}

// I_x(a, b), with y = 1 - x handed in so that no digits are lost near 1.
double RegularizedBeta(double a, double b, double x, double y) {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  const double front =
      std::exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + a * std::log(x) + b * std::log(y));
  if (x < (a + 1) / (a + b + 2)) return front * BetaFraction(a, b, x) / a;
  return 1 - front * BetaFraction(b, a, y) / b;
}

// P(T > t) for t >= 0.
double StudentUpperTail(double t, double degrees) {
  const double x = degrees / (degrees + t * t);
  return 0.5 * RegularizedBeta(degrees / 2, 0.5, x, t * t / (degrees + t * t));
}

// The t >= 0 where a falling upper tail reaches `tail` <= 0.5: bracket, then halve to the last bit.
template <class Tail>
double InvertTail(double tail, Tail upper_tail) {
  double low = 0;
  double high = 1;
  while (upper_tail(high) > tail && high < 1e300) high *= 2;
  for (;;) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return middle;
    (upper_tail(middle) > tail ? low : high) = middle;
  }
}

absl::Status CheckProbability(double p) {
  if (p > 0 && p < 1) return absl::OkStatus();
  return InvalidArgument("probability: {}: expected a number between 0 and 1, both excluded", p);
}

absl::Status CheckCounts(int64_t n, int64_t bad) {
  if (n < 0 || bad < 0 || bad > n) {
    return InvalidArgument("{} bad of {}: expected counts with 0 <= bad <= total", bad, n);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<double> BinomialUpperTail(int64_t n, int64_t bad, double p) {
  RETURN_IF_ERROR(CheckCounts(n, bad));
  RETURN_IF_ERROR(CheckRatio({{"p", p}}));
  if (bad == 0) return 1.0;
  return RegularizedBeta(static_cast<double>(bad), static_cast<double>(n - bad + 1), p, 1 - p);
}

absl::StatusOr<double> WilsonLowerBound(int64_t bad, int64_t n, double z) {
  RETURN_IF_ERROR(CheckCounts(n, bad));
  RETURN_IF_ERROR(CheckPositive({{"total", static_cast<double>(n)}, {"z", z}}));
  const double count = static_cast<double>(n);
  const double p = static_cast<double>(bad) / count;
  const double z2 = z * z;
  const double spread = z * std::sqrt(p * (1 - p) / count + z2 / (4 * count * count));
  return std::max(0.0, (p + z2 / (2 * count) - spread) / (1 + z2 / count));
}

double NormalUpperTail(double z) { return 0.5 * std::erfc(z / std::sqrt(2.0)); }

absl::StatusOr<double> NormalQuantile(double p) {
  RETURN_IF_ERROR(CheckProbability(p));
  if (p == 0.5) return 0.0;
  const double z = InvertTail(std::min(p, 1 - p), NormalUpperTail);
  return p < 0.5 ? -z : z;
}

absl::StatusOr<double> StudentQuantile(double p, int degrees) {
  RETURN_IF_ERROR(CheckProbability(p));
  if (degrees < 1) return InvalidArgument("degrees of freedom: {}: expected at least 1", degrees);
  if (p == 0.5) return 0.0;
  const double t =
      InvertTail(std::min(p, 1 - p), [degrees](double x) { return StudentUpperTail(x, degrees); });
  return p < 0.5 ? -t : t;
}

}  // namespace synoptic::domain
