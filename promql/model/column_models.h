// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which integers a column of doubles is made of. Inside of column_chunk.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace synoptic::promql::internal {

inline constexpr double kPowersOfTen[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6, 1e7,
                                          1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};

// v[i] = n[i] / 10^exponent, but for the exceptions (indexes, rising).
struct DecimalModel {
  int exponent = 0;
  std::vector<int64_t> n;  // an exception's is its predecessor's
  std::vector<size_t> exceptions;
};
// Nothing when too few of them are such.
std::optional<DecimalModel> FindDecimals(std::span<const double> v);

// The bits of v[i], as an integer, are those of n[i] * factor and off[i] more.
struct MultipleModel {
  double factor = 0;
  std::vector<int64_t> n;
  std::vector<int64_t> off;
  std::vector<size_t> exceptions;
};
std::optional<MultipleModel> FindMultiples(std::span<const double> v);

// Bits as integers that are ordered as the values; NaNs have a place, too.
int64_t OrderedBits(double v);
double FromOrderedBits(int64_t bits);

}  // namespace synoptic::promql::internal
