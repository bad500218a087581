// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/exact_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace synoptic::promql {
namespace {

constexpr uint64_t kNegativeZero = uint64_t{1} << 63;
constexpr int kUnusable = -2000;

// Exponent of the lowest bit set in `v`; kUnusable for what cannot take part.
int LowestBit(double v) {
  const uint64_t bits = std::bit_cast<uint64_t>(v);
  if (bits == 0) return INT16_MAX;
  const int exponent = static_cast<int>((bits >> 52) & 0x7FF);
  if (bits == kNegativeZero || exponent == 0 || exponent == 0x7FF) return kUnusable;
  const uint64_t mantissa = (bits & ((uint64_t{1} << 52) - 1)) | (uint64_t{1} << 52);
  return exponent - 1075 + std::countr_zero(mantissa);
}

}  // namespace

bool ExactSums::Init(std::span<const double> values, std::span<const double> summands) {
  int lowest = INT16_MAX;
  double largest = 0;
  // One bit less than 53: `total` itself may have been rounded.
  const auto exact = [&](double total) { return total < std::ldexp(1.0, lowest + 52); };
  for (size_t i = 0; i < values.size(); ++i) {
    lowest = std::min(lowest, LowestBit(values[i]));
    largest = std::max(largest, std::fabs(values[i]));
    // Most series that fail do so within a few samples.
    if (i % 32 == 31 && !exact(largest)) return false;
  }
  if (lowest == kUnusable) return false;
  double total = 2 * largest;
  for (const double v : summands) total += std::fabs(v);
  if (!exact(total)) return false;

  prefix_.resize(summands.size() + 1);
  prefix_[0] = 0;
  for (size_t i = 0; i < summands.size(); ++i) prefix_[i + 1] = prefix_[i] + summands[i];
  return true;
}

}  // namespace synoptic::promql
