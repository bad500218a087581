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

// The values of a window in order. A window that has moved by a few samples is repaired by
// insertion and deletion, which beats sorting or selecting anew: most of the work is one memmove.
class SortedWindow {
 public:
  explicit SortedWindow(std::span<const double> v) : v_(v) {}

  const std::vector<double>& MoveTo(size_t lo, size_t hi) {
    const size_t moved = (lo - lo_) + (hi - hi_);
    if (lo >= hi_ || moved > (hi - lo) / 8 + 1) {
      sorted_.assign(v_.begin() + static_cast<ptrdiff_t>(lo),
                     v_.begin() + static_cast<ptrdiff_t>(hi));
      std::sort(sorted_.begin(), sorted_.end(), NaNFirst);
    } else {
      for (size_t i = lo_; i < lo; ++i) sorted_.erase(FindSame(v_[i]));
      for (size_t i = hi_; i < hi; ++i) sorted_.insert(Find(v_[i]), v_[i]);
    }
    lo_ = lo;
    hi_ = hi;
    return sorted_;
  }

 private:
  // Equal values differ at most in the sign of zero or the payload of NaN.
  std::vector<double>::iterator Find(double value) {
    return std::lower_bound(sorted_.begin(), sorted_.end(), value, NaNFirst);
  }

  std::vector<double>::iterator FindSame(double value) {
    auto it = Find(value);
    while (value == 0 && std::signbit(*it) != std::signbit(value)) ++it;
    return it;
  }

  std::span<const double> v_;
  std::vector<double> sorted_;
  size_t lo_ = 0;
  size_t hi_ = 0;
};

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
  SortedWindow window(in.v);
  std::vector<double> unsorted;
  std::optional<bool> may_have_both;  // once it matters
  ForEachWindow(in, out, [&](const Window& w, size_t i) {
    const double phi = in.param0[i];
    if (const double fixed = QuantileOfAny(phi); !IsAbsent(fixed)) return fixed;
    const std::vector<double>& sorted = window.MoveTo(w.lo, w.hi);
    const QuantileRank rank = RankOf(phi, sorted.size());
    const double result = rank.Interpolate(sorted[rank.lower], sorted[rank.upper]);
    if (result != 0) return result;
    if (!may_have_both.has_value()) may_have_both = HasBothZeros(in.v);
    if (!*may_have_both || !HasBothZeros(sorted)) return result;
    const auto begin = in.v.begin();
    unsorted.assign(begin + static_cast<ptrdiff_t>(w.lo), begin + static_cast<ptrdiff_t>(w.hi));
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
