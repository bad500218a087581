// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "promql/functions/kernels.h"
#include "promql/functions/window.h"
#include "promql/model/kahan.h"

namespace synoptic::promql {
namespace {

double ZeroIfNaN(double v) { return std::isnan(v) ? 0 : v; }

double Mean(double a, double b) {
  KahanSum sum{a, 0};
  sum.Add(b);
  const bool overflowed = std::isinf(sum.sum) && std::isfinite(a) && std::isfinite(b);
  return overflowed ? a / 2 + b / 2 : sum.Total() / 2;
}

// The value that stands for the time between two samples: left, right or (else) their mean.
double Height(double strategy, double left, double right) {
  if (strategy == 0) return left;
  if (strategy == 1) return right;
  return Mean(left, right);
}

}  // namespace

void IntegralKernel(const RangeInput& in, std::span<double> out) {
  ForEachWindow(in, out, [&](const Window& w, size_t i) {
    const double strategy = in.param0.empty() ? 2 : in.param0[i];
    KahanSum sum;
    for (size_t k = w.lo + 1; k < w.hi; ++k) {
      const double height = Height(strategy, ZeroIfNaN(in.v[k - 1]), ZeroIfNaN(in.v[k]));
      const double area = height * (static_cast<double>(in.t[k] - in.t[k - 1]) / 1000);
      if (area != 0) sum.Add(area);
    }
    return std::isinf(sum.sum) ? sum.sum : sum.Total();
  });
}

}  // namespace synoptic::promql
