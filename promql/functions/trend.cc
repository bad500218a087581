// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// deriv, predict_linear.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "promql/functions/broadcast.h"
#include "promql/functions/certified_sum.h"
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

// Of windows that lie alike over their samples' times all that depends on times is the same: it is
// summed once, and what is left, y and xy, without branches.
struct SumsOfY {
  Lanes y, y_c, xy, xy_c;
};

// KahanSum::Add for sums that stay finite: what the addition loses is exact however it is computed
// (Knuth's TwoSum), and +0 where nothing is lost.
SYNOPTIC_INLINE void AddFinite(const Lanes& inc, Lanes& sum, Lanes& c) {
  const Lanes t = sum + inc;
  const Lanes of_inc = t - sum;
  c += (sum - (t - of_inc)) + (inc - of_inc);
  sum = t;
}

// Sums of sixteen windows of x.size() samples: the first one at `v`, each further `stride` on;
// those of y only if asked for.
template <bool kWithY>
SYNOPTIC_INLINE void SumAlikeOf(const double* v, size_t stride, std::span<const double> x,
                                SumsOfY* sums) {
  SumsOfY a{}, b{};
  const double* const second = v + kLanes * stride;
  for (size_t i = 0; i < x.size(); ++i) {
    Lanes seconds, va, vb;
    Splat(x[i], seconds);
    if (stride == 1) {
      std::memcpy(&va, v + i, sizeof va);
      std::memcpy(&vb, second + i, sizeof vb);
    } else {
      for (size_t l = 0; l < kLanes; ++l) va[l] = v[i + l * stride];
      for (size_t l = 0; l < kLanes; ++l) vb[l] = second[i + l * stride];
    }
    if constexpr (kWithY) {
      AddFinite(va, a.y, a.y_c);
      AddFinite(vb, b.y, b.y_c);
    }
    AddFinite(Lanes(seconds * va), a.xy, a.xy_c);
    AddFinite(Lanes(seconds * vb), b.xy, b.xy_c);
  }
  sums[0] = a;
  sums[1] = b;
}
SYNOPTIC_CLONES void SumAlike(const double* v, size_t stride, std::span<const double> x,
                              SumsOfY* sums) {
  SumAlikeOf<true>(v, stride, x, sums);
}
SYNOPTIC_CLONES void SumProductsAlike(const double* v, size_t stride, std::span<const double> x,
                                      SumsOfY* sums) {
  SumAlikeOf<false>(v, stride, x, sums);
}
constexpr size_t kAlikeAtOnce = 2 * kLanes;

// No sum of such values, or of their products with seconds, comes near the largest double.
SYNOPTIC_CLONES bool AreModest(std::span<const double> v) {
  constexpr double kModest = 1e270;
  int64_t others = 0;  // NaNs among them
  for (size_t i = 0; i < v.size(); ++i) others += !(__builtin_fabs(v[i]) < kModest);
  return others == 0;
}

// So many windows, from the first one on, have the same times around their origins, are `stride`
// samples apart, and hold modest values. 0 when they are too few to profit.
template <class Origin>
size_t CountAlike(const RangeInput& in, const WindowList& windows, size_t steps, size_t stride,
                  Origin origin) {
  const Window first = windows[0], back = windows[steps - 1];
  const size_t n = first.size();
  if (n < 2 || back.empty()) return 0;
  constexpr int64_t kExact = int64_t{1} << 52;  // and its differences do not overflow
  for (const int64_t t :
       {in.t[first.lo], in.t[back.hi - 1], origin(first, 0), origin(back, steps - 1)}) {
    if (t < -kExact || t > kExact) return 0;
  }
  const int64_t interval = in.t[first.lo + 1] - in.t[first.lo];
  size_t regular = first.lo + 1;  // samples before this one follow each other by the interval
  while (regular < back.hi && in.t[regular] - in.t[regular - 1] == interval) ++regular;
  const int64_t lead = origin(first, 0) - in.t[first.lo];
  size_t alike = 1;
  for (; alike < steps; ++alike) {
    const Window w = windows[alike];
    if (w.lo != first.lo + alike * stride || w.size() != n || w.hi > regular ||
        origin(w, alike) - in.t[w.lo] != lead) {
      break;
    }
  }
  if (alike < kAlikeAtOnce) return 0;
  const size_t end = windows[alike - 1].hi;
  return AreModest(in.v.subspan(first.lo, end - first.lo)) ? alike : 0;
}

// Does the windows that are alike; returns how many there were.
template <class Origin, class Finish>
size_t FitAlike(const RangeInput& in, std::span<double> out, Origin origin, Finish finish) {
  WindowList windows(in);
  if (out.size() < kAlikeAtOnce) return 0;
  const Window first = windows[0];
  const size_t stride = windows[1].lo - first.lo;
  const size_t alike = CountAlike(in, windows, out.size(), stride, origin);
  if (alike == 0) return 0;
  StepVector<double>& x = windows.set().scratch().first;
  x.resize(first.size());
  Regression<double> line{};
  line.f[3] = static_cast<double>(x.size());
  const double from = static_cast<double>(origin(first, 0));
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] = (static_cast<double>(in.t[first.lo + i]) - from) / 1e3;
    KahanAdd(x[i], line.f[4], line.f[5]);
    KahanAdd(x[i] * x[i], line.f[10], line.f[11]);
  }
  // Where windows are long, prefix sums tell their sums of y.
  constexpr size_t kLong = 32;
  auto& sums_of_y = windows.set().Kept<CertifiedSums>();
  const bool certified = x.size() >= kLong && sums_of_y.Init(in.v);
  size_t seen = first.lo + 1, equal_from = first.lo;  // values from there to `seen` are equal
  for (size_t done = 0; done < alike;) {
    const size_t begin = std::min(done, alike - kAlikeAtOnce);  // the last ones overlap
    SumsOfY sums[2];
    (certified ? SumProductsAlike : SumAlike)(in.v.data() + windows[begin].lo, stride, x, sums);
    for (; done < begin + kAlikeAtOnce; ++done) {
      const Window w = windows[done];
      for (; seen < w.hi; ++seen) {
        if (in.v[seen] != in.v[seen - 1]) equal_from = seen;
      }
      const SumsOfY& sum = sums[(done - begin) / kLanes];
      const size_t lane = (done - begin) % kLanes;
      line.f[1] = in.v[w.lo];
      line.f[2] = equal_from <= w.lo ? 1 : 0;
      if (certified) {
        line.f[6] = sums_of_y.Sum(w.lo, w.hi);
        line.f[7] = 0;
      } else {
        line.f[6] = sum.y[lane];
        line.f[7] = sum.y_c[lane];
      }
      line.f[8] = sum.xy[lane];
      line.f[9] = sum.xy_c[lane];
      out[done] = finish(Fit(line), done);
    }
  }
  return alike;
}

template <class Origin, class Finish>
void RegressionKernel(const RangeInput& in, std::span<double> out, Origin origin, Finish finish) {
  const size_t done = FitAlike(in, out, origin, finish);
  if (done == out.size()) return;
  RangeInput rest = in;
  if (done > 0) {
    rest.grid.start = in.grid.at(done);
    rest.windows = nullptr;
  }
  ForEachWindowBroadcast<Regression, 1>(
      rest, out.subspan(done), 2, AddRegressions,
      [&](const Window& w, size_t i, Regression<double>& r) {
        r.f[0] = static_cast<double>(origin(w, done + i));
        r.f[1] = in.v[w.lo];
        r.f[2] = 1;
      },
      [&](const Regression<double>& r, const Window&, size_t i) {
        return finish(Fit(r), done + i);
      });
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
