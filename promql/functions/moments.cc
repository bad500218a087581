// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// sum, avg, stddev and stdvar over time.
#include <cmath>

#include "promql/functions/broadcast.h"
#include "promql/functions/certified_sum.h"
#include "promql/functions/exact_sum.h"
#include "promql/functions/kernels.h"
#include "promql/functions/plain_sums.h"
#include "promql/model/kahan.h"

namespace synoptic::promql {
namespace {

template <class Number>
struct Sum {
  Number f[2];  // a KahanSum
  SYNOPTIC_INLINE void Add(const Number&, const Number& v) { KahanAdd(v, f[0], f[1]); }
};
SYNOPTIC_CLONES void AddSums(const RangeInput& in, Block<Sum, 2>& block, size_t first,
                             size_t common_first, size_t common_last, size_t last) {
  AddBroadcast(in, block, first, common_first, common_last, last);
}

template <class Finish>
void SumKernel(const RangeInput& in, std::span<double> out, Finish finish) {
  ForEachWindowBroadcast<Sum, 2>(
      in, out, 1, AddSums, [](const Window&, size_t, Sum<double>&) {},
      [&](const Sum<double>& sum, const Window& w, size_t) {
        return finish(KahanSum{sum.f[0], sum.f[1]}, w);
      });
}

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
template <class Number>
struct Variance {
  Number f[5];  // count, mean, squares: the latter two are KahanSums

  SYNOPTIC_INLINE void Add(const Number&, const Number& v) {
    f[0] += 1.0;
    const Number delta = v - (f[1] + f[2]);
    KahanAdd(Number(delta / f[0]), f[1], f[2]);
    KahanAdd(Number(delta * (v - (f[1] + f[2]))), f[3], f[4]);
  }
};
SYNOPTIC_CLONES void AddVariances(const RangeInput& in, Block<Variance, 2>& block, size_t first,
                                  size_t common_first, size_t common_last, size_t last) {
  AddBroadcast(in, block, first, common_first, common_last, last);
}

template <class Finish>
void VarianceKernel(const RangeInput& in, std::span<double> out, Finish finish) {
  ForEachWindowBroadcast<Variance, 2>(
      in, out, 1, AddVariances, [](const Window&, size_t, Variance<double>&) {},
      [&](const Variance<double>& a, const Window&, size_t) {
        return finish((a.f[3] + a.f[4]) / a.f[0]);
      });
}

}  // namespace

void SumOverTimeKernel(const RangeInput& in, std::span<double> out) {
  WindowList windows(in);
  auto& sums = windows.set().Kept<ExactSums>();
  if (sums.Init(in.v, in.v)) {
    ForEachWindow(in, out, [&](const Window& w, size_t) { return sums.Sum(w.lo, w.hi); });
    return;
  }
  auto& certified = windows.set().Kept<CertifiedSums>();
  // Windows of some length, on average.
  if (windows.set().samples() >= 32 * static_cast<int64_t>(out.size()) && certified.Init(in.v)) {
    ForEachWindow(in, out, [&](const Window& w, size_t) { return certified.Sum(w.lo, w.hi); });
    return;
  }
  SumKernel(in, out, [](const KahanSum& sum, const Window&) { return sum.Total(); });
}

void AvgOverTimeKernel(const RangeInput& in, std::span<double> out) {
  WindowList windows(in);
  auto& sums = windows.set().Kept<ExactSums>();
  if (sums.Init(in.v, in.v)) {
    ForEachWindow(in, out, [&](const Window& w, size_t) {
      return sums.Sum(w.lo, w.hi) / static_cast<double>(w.size());
    });
    return;
  }
  auto& plain = windows.set().Kept<PlainSums>();
  // Windows of some length, on average.
  if (windows.set().samples() >= 256 * static_cast<int64_t>(out.size()) &&
      plain.Compute(in.v, windows.set().lo(), windows.set().hi())) {
    ForEachWindow(in, out, [&](const Window& w, size_t i) {
      const KahanSum& sum = plain.sums()[i];
      const double n = static_cast<double>(w.size());
      return sum.sum / n + sum.c / n;
    });
    return;
  }
  SumKernel(in, out, [&](const KahanSum& sum, const Window& w) {
    // A sum that overflowed on its way stays infinite or became NaN.
    if (!std::isfinite(sum.sum)) return MeanOfLargeValues(in.v.subspan(w.lo, w.size()));
    const double n = static_cast<double>(w.size());
    return sum.sum / n + sum.c / n;
  });
}

void StddevOverTimeKernel(const RangeInput& in, std::span<double> out) {
  VarianceKernel(in, out, [](double variance) { return std::sqrt(variance); });
}

void StdvarOverTimeKernel(const RangeInput& in, std::span<double> out) {
  VarianceKernel(in, out, [](double variance) { return variance; });
}

}  // namespace synoptic::promql
