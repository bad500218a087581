// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Order statistics as Prometheus takes them: NaN is smaller than everything. Private to
// promql/functions.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace synoptic::promql {

inline bool NaNFirst(double a, double b) { return std::isnan(a) ? !std::isnan(b) : a < b; }

// Where between two ranks a quantile lies.
struct QuantileRank {
  size_t lower;
  size_t upper;
  double weight;  // of the upper one

  double Interpolate(double lower_value, double upper_value) const {
    return lower_value * (1 - weight) + upper_value * weight;
  }
};

// REQUIRES: 0 <= phi <= 1, n > 0.
inline QuantileRank RankOf(double phi, size_t n) {
  const double last = static_cast<double>(n - 1);
  const double rank = phi * last;
  const double lower = std::max(0.0, std::floor(rank));
  const double upper = std::min(last, lower + 1);
  return {static_cast<size_t>(lower), static_cast<size_t>(upper), rank - std::floor(rank)};
}

}  // namespace synoptic::promql
