// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Quantile; quantile_over_time, mad_over_time.
#include "promql/functions/order.h"

#include <limits>
#include <optional>
#include <vector>

#include "promql/functions/go_sort.h"
#include "promql/functions/kernels.h"
#include "promql/functions/math.h"
#include "promql/functions/sorted_band.h"
#include "promql/functions/window.h"

namespace synoptic::promql {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

// What phi alone decides; Absent() when the values must be looked at.
double QuantileOfAny(double phi) {
  if (std::isnan(phi)) return NormalNaN();
  if (phi < 0) return -kInf;
  if (phi > 1) return kInf;
  return Absent();
}

// Only a sort puts them anywhere: which of the two is at a rank follows from Go's very moves.
bool HasBothZeros(std::span<const double> values) {
  bool positive = false, negative = false;
  for (const double v : values) {
    positive = positive || (v == 0 && !std::signbit(v));
    negative = negative || (v == 0 && std::signbit(v));
  }
  return positive && negative;
}

double QuantileOfSorted(const QuantileRank& rank, std::span<double> values) {
  internal::SortLikeGo(values, [](double a, double b) { return std::isnan(a) || a < b; });
  return rank.Interpolate(values[rank.lower], values[rank.upper]);
}

double Median(std::vector<double>& values) { return Quantile(0.5, values); }

}  // namespace

double Quantile(double phi, std::span<double> values) {
  if (values.empty()) return NormalNaN();
  if (const double fixed = QuantileOfAny(phi); !IsAbsent(fixed)) return fixed;
  const QuantileRank rank = RankOf(phi, values.size());
  if (HasBothZeros(values)) return QuantileOfSorted(rank, values);
  const auto begin = values.begin();
  const auto lower = begin + static_cast<ptrdiff_t>(rank.lower);
  // Selecting needs a strict weak order, which NaN would break.
  const auto numbers = std::partition(begin, values.end(), [](double v) { return std::isnan(v); });
  if (lower < numbers) return NormalNaN();
  std::nth_element(numbers, lower, values.end());
  if (rank.upper == rank.lower) return rank.Interpolate(*lower, *lower);
  return rank.Interpolate(*lower, *std::min_element(lower + 1, values.end()));
}

void QuantileOverTimeKernel(const RangeInput& in, std::span<double> out) {
  WindowList windows(in);
  auto& band = windows.set().Kept<SortedBand>();
  band.Reset(in.v);
  std::vector<double> unsorted;
  std::optional<bool> may_have_both;  // once it matters
  ForEachWindow(in, out, [&](const Window& w, size_t i) {
    const double phi = in.param0[i];
    if (const double fixed = QuantileOfAny(phi); !IsAbsent(fixed)) return fixed;
    const QuantileRank rank = RankOf(phi, w.size());
    const auto [lower, upper] = band.At(w.lo, w.hi, rank);
    const double result = rank.Interpolate(lower, upper);
    if (result != 0) return result;
    if (!may_have_both.has_value()) may_have_both = HasBothZeros(in.v);
    if (!*may_have_both) return result;
    const std::span<const double> values = in.v.subspan(w.lo, w.size());
    if (!HasBothZeros(values)) return result;
    unsorted.assign(values.begin(), values.end());
    return QuantileOfSorted(rank, unsorted);
  });
}

void MadOverTimeKernel(const RangeInput& in, std::span<double> out) {
  std::vector<double> values;
  ForEachWindow(in, out, [&](const Window& w, size_t) {
    const std::span<const double> v = in.v.subspan(w.lo, w.size());
    if (std::any_of(v.begin(), v.end(), [](double x) { return std::isnan(x); })) {
      return NormalNaN();
    }
    values.assign(v.begin(), v.end());
    const double median = Median(values);
    for (double& x : values) x = std::fabs(x - median);
    return Median(values);
  });
}

}  // namespace synoptic::promql
