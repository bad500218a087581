// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// deriv, predict_linear.
#include <cmath>

#include "promql/functions/broadcast.h"
#include "promql/functions/kernels.h"
#include "promql/functions/window.h"

namespace synoptic::promql {
namespace {

struct Line {
  double slope;
  double intercept;
};

// Least squares over (seconds since `origin`, value), all sums compensated. Times are exact as
// doubles.
template <class Number>
struct Regression {
  // origin, first value, whether all values equal it (1 or 0), n, and the KahanSums of x, y, xy, xx
  Number f[12];

  SYNOPTIC_INLINE void Add(const Number& t, const Number& v) {
    // The first sample is NaN or not: only a later one can tell it from itself.
    const Number zero = {};
    Select((v == f[1]) | (f[3] == 0.0), f[2], zero, f[2]);
    f[3] += 1.0;
    const Number seconds = (t - f[0]) / 1e3;
    KahanAdd(seconds, f[4], f[5]);
    KahanAdd(v, f[6], f[7]);
    KahanAdd(Number(seconds * v), f[8], f[9]);
    KahanAdd(Number(seconds * seconds), f[10], f[11]);
  }
};
SYNOPTIC_CLONES void AddRegressions(const RangeInput& in, Block<Regression, 1>& block, size_t first,
                                    size_t common_first, size_t common_last, size_t last) {
  AddBroadcast(in, block, first, common_first, common_last, last);
}

Line Fit(const Regression<double>& r) {
  const double first = r.f[1], n = r.f[3];
  if (r.f[2] != 0) return std::isinf(first) ? Line{NormalNaN(), NormalNaN()} : Line{0, first};
  const double sum_x = r.f[4] + r.f[5];
  const double sum_y = r.f[6] + r.f[7];
  const double cov = (r.f[8] + r.f[9]) - sum_x * sum_y / n;
  const double var = (r.f[10] + r.f[11]) - sum_x * sum_x / n;
  const double slope = cov / var;
  return {slope, sum_y / n - slope * sum_x / n};
}

template <class Origin, class Finish>
void RegressionKernel(const RangeInput& in, std::span<double> out, Origin origin, Finish finish) {
  ForEachWindowBroadcast<Regression, 1>(
      in, out, 2, AddRegressions,
      [&](const Window& w, size_t i, Regression<double>& r) {
        r.f[0] = static_cast<double>(origin(w, i));
        r.f[1] = in.v[w.lo];
        r.f[2] = 1;
      },
      [&](const Regression<double>& r, const Window&, size_t i) { return finish(Fit(r), i); });
}

}  // namespace

void DerivKernel(const RangeInput& in, std::span<double> out) {
  RegressionKernel(
      in, out, [&](const Window& w, size_t) { return in.t[w.lo]; },
      [](const Line& line, size_t) { return line.slope; });
}

// The line is taken at the evaluation time itself, whatever the offset.
void PredictLinearKernel(const RangeInput& in, std::span<double> out) {
  RegressionKernel(
      in, out, [&](const Window&, size_t i) { return in.grid.at(i); },
      [&](const Line& line, size_t i) { return line.slope * in.param0[i] + line.intercept; });
}

}  // namespace synoptic::promql
