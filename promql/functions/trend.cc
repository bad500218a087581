// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// deriv, predict_linear, double_exponential_smoothing.
#include <cmath>

#include "base/go_format.h"
#include "base/status.h"
#include "promql/functions/kahan.h"
#include "promql/functions/kernels.h"
#include "promql/functions/lanes.h"

namespace synoptic::promql {
namespace {

struct Line {
  double slope;
  double intercept;
};

// Least squares over (seconds since `origin`, value), all sums compensated.
struct Regression {
  int64_t origin = 0;
  double first = 0;
  bool constant = true;
  double n = 0;
  KahanSum x = {};
  KahanSum y = {};
  KahanSum xy = {};
  KahanSum xx = {};

  void Add(size_t, int64_t t, double v) {
    // The first sample is NaN or not: only a later one can tell it from itself.
    constant = constant && (n == 0 || v == first);
    n += 1;
    const double seconds = static_cast<double>(t - origin) / 1e3;
    x.Add(seconds);
    y.Add(v);
    xy.Add(seconds * v);
    xx.Add(seconds * seconds);
  }

  Line Fit() const {
    if (constant) {
      return std::isinf(first) ? Line{NormalNaN(), NormalNaN()} : Line{0, first};
    }
    const double sum_x = x.Total();
    const double sum_y = y.Total();
    const double cov = xy.Total() - sum_x * sum_y / n;
    const double var = xx.Total() - sum_x * sum_x / n;
    const double slope = cov / var;
    return {slope, sum_y / n - slope * sum_x / n};
  }
};

struct Smoothing {
  double smoothing_factor = 0;
  double trend_factor = 0;
  double previous = 0;
  double smoothed = 0;
  double trend = 0;

  void Add(size_t k, int64_t, double v) {
    if (k == 0) {
      smoothed = v;
      return;
    }
    if (k == 1) {
      trend = v - smoothed;
    } else {
      trend = trend_factor * (smoothed - previous) + (1 - trend_factor) * trend;
    }
    const double scaled = smoothing_factor * v;
    const double carried = (1 - smoothing_factor) * (smoothed + trend);
    previous = smoothed;
    smoothed = scaled + carried;
  }
};

}  // namespace

absl::Status CheckSmoothingFactors(double smoothing_factor, double trend_factor) {
  const auto outside = [](double f) { return f <= 0 || f >= 1; };
  if (outside(smoothing_factor)) {
    return InvalidArgument("invalid smoothing factor. Expected: 0 < sf < 1, got: {}",
                           GoFixed(smoothing_factor, 6));
  }
  if (outside(trend_factor)) {
    return InvalidArgument("invalid trend factor. Expected: 0 < tf < 1, got: {}",
                           GoFixed(trend_factor, 6));
  }
  return absl::OkStatus();
}

void DerivKernel(const RangeInput& in, std::span<double> out) {
  ForEachWindowInLanes(
      in, out, 2,
      [&](const Window& w, size_t) {
        return Regression{.origin = in.t[w.lo], .first = in.v[w.lo]};
      },
      [](const Regression& r, const Window&) { return r.Fit().slope; });
}

// The line is taken at the evaluation time itself, whatever the offset.
void PredictLinearKernel(const RangeInput& in, std::span<double> out) {
  struct Prediction : Regression {
    double ahead = 0;
  };
  ForEachWindowInLanes(
      in, out, 2,
      [&](const Window& w, size_t i) {
        Prediction p;
        p.origin = in.grid.at(i);
        p.first = in.v[w.lo];
        p.ahead = in.param0[i];
        return p;
      },
      [](const Prediction& p, const Window&) {
        const Line line = p.Fit();
        return line.slope * p.ahead + line.intercept;
      });
}

void DoubleExponentialSmoothingKernel(const RangeInput& in, std::span<double> out) {
  ForEachWindowInLanes(
      in, out, 2,
      [&](const Window&, size_t i) {
        return Smoothing{.smoothing_factor = in.param0[i], .trend_factor = in.param1[i]};
      },
      [](const Smoothing& s, const Window&) { return s.smoothed; });
}

}  // namespace synoptic::promql
