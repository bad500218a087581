// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// sum, avg, stddev and stdvar over time.
#include <cmath>

#include "promql/functions/exact_sum.h"
#include "promql/functions/kahan.h"
#include "promql/functions/kernels.h"
#include "promql/functions/lanes.h"

namespace synoptic::promql {
namespace {

struct SumAccumulator {
  KahanSum sum;
  void Add(size_t, int64_t, double v) { sum.Add(v); }
};

// The mean when the plain sum leaves the range of a double: from the sample on that would overflow
// it, a running mean takes over.
double MeanOfLargeValues(std::span<const double> v) {
  KahanSum sum{v[0], 0};
  size_t i = 1;
  for (; i < v.size(); ++i) {
    KahanSum next = sum;
    next.Add(v[i]);
    if (std::isinf(next.sum)) break;
    sum = next;
  }
  if (i == v.size()) {
    const double n = static_cast<double>(i);
    return sum.sum / n + sum.c / n;
  }
  const double before = static_cast<double>(i);
  KahanSum mean{sum.sum / before, sum.c / before};
  for (; i < v.size(); ++i) {
    const double n = static_cast<double>(i + 1);
    const double q = (n - 1) / n;
    mean.sum *= q;
    mean.c *= q;
    mean.Add(v[i] / n);
  }
  return mean.Total();
}

// Welford's running variance, both accumulators compensated.
struct VarianceAccumulator {
  double count = 0;
  KahanSum mean;
  KahanSum squares;

  void Add(size_t, int64_t, double v) {
    count += 1;
    const double delta = v - mean.Total();
    mean.Add(delta / count);
    squares.Add(delta * (v - mean.Total()));
  }
  double Variance() const { return squares.Total() / count; }
};

template <class Finish>
void VarianceKernel(const RangeInput& in, std::span<double> out, Finish finish) {
  ForEachWindowInLanes(
      in, out, 1, [](const Window&, size_t) { return VarianceAccumulator(); },
      [&](const VarianceAccumulator& a, const Window&) { return finish(a.Variance()); });
}

}  // namespace

void SumOverTimeKernel(const RangeInput& in, std::span<double> out) {
  ExactSums sums;
  if (sums.Init(in.v, in.v)) {
    ForEachWindow(in, out, [&](const Window& w, size_t) { return sums.Sum(w.lo, w.hi); });
    return;
  }
  ForEachWindowInLanes(
      in, out, 1, [](const Window&, size_t) { return SumAccumulator(); },
      [](const SumAccumulator& a, const Window&) { return a.sum.Total(); });
}

void AvgOverTimeKernel(const RangeInput& in, std::span<double> out) {
  ExactSums sums;
  if (sums.Init(in.v, in.v)) {
    ForEachWindow(in, out, [&](const Window& w, size_t) {
      return sums.Sum(w.lo, w.hi) / static_cast<double>(w.size());
    });
    return;
  }
  ForEachWindowInLanes(
      in, out, 1, [](const Window&, size_t) { return SumAccumulator(); },
      [&](const SumAccumulator& a, const Window& w) {
        // A sum that overflowed on its way stays infinite or became NaN.
        if (!std::isfinite(a.sum.sum)) return MeanOfLargeValues(in.v.subspan(w.lo, w.size()));
        const double n = static_cast<double>(w.size());
        return a.sum.sum / n + a.sum.c / n;
      });
}

void StddevOverTimeKernel(const RangeInput& in, std::span<double> out) {
  VarianceKernel(in, out, [](double variance) { return std::sqrt(variance); });
}

void StdvarOverTimeKernel(const RangeInput& in, std::span<double> out) {
  VarianceKernel(in, out, [](double variance) { return variance; });
}

}  // namespace synoptic::promql
