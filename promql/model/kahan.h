// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Compensated summation (Neumaier's variant of Kahan's), operation for operation as Prometheus does
// it. Results are compared bit for bit, so nothing here may be reassociated or fused.
#pragma once

#include <cmath>

namespace synoptic::promql {

// A running sum and the rounding error it has lost.
struct KahanSum {
  double sum = 0;
  double c = 0;

  // Selects instead of branches: several sums then run side by side (lanes.h).
  void Add(double inc) {
    const double t = sum + inc;
    const bool sum_is_larger = std::fabs(sum) >= std::fabs(inc);
    const double large = sum_is_larger ? sum : inc;
    const double small = sum_is_larger ? inc : sum;
    const double compensated = c + ((large - t) + small);
    c = std::isinf(t) ? 0 : compensated;
    sum = t;
  }
  double Total() const { return sum + c; }
};

}  // namespace synoptic::promql
