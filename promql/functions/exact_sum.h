// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Sums over windows by prefix sums, where that gives the very bits of adding one by one.
//
// Floating addition is exact as long as all values are multiples of one power of two and no sum
// needs more than 53 bits: counters, byte counts, most gauges of whole numbers. Then the order of
// addition does not matter, Kahan's compensation stays zero, and a window costs one subtraction.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace synoptic::promql {

class ExactSums {
 public:
  // False when sums of `summands`, each with up to two of `values` added, may round; Sum must not
  // be called then. Negative zeros count as inexact: prefix sums would lose the sign.
  bool Init(std::span<const double> values, std::span<const double> summands);
  // summands[lo] + ... + summands[hi - 1]
  double Sum(size_t lo, size_t hi) const { return prefix_[hi] - prefix_[lo]; }

 private:
  std::vector<double> prefix_;
};

}  // namespace synoptic::promql
