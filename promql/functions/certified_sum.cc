// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/certified_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "promql/functions/simd.h"
#include "promql/model/kahan.h"

namespace synoptic::promql {
namespace {

constexpr int kMantissaBits = 53;
constexpr uint64_t kFraction = (uint64_t{1} << 52) - 1;
// A sum of so many values of at most 2^kLargest is far from overflow, and none that can be
// certified is near the smallest double.
constexpr int kMostValuesBits = 20;
constexpr int kLargest = 900, kSmallest = -900;

// The largest magnitude; NaN or infinite when some value is.
SYNOPTIC_CLONES double LargestMagnitude(std::span<const double> values) {
  uint64_t largest = 0;  // the bits of magnitudes are in their order, NaN above all
  for (size_t i = 0; i < values.size(); ++i) {
    const uint64_t magnitude = std::bit_cast<uint64_t>(values[i]) & ~(uint64_t{1} << 63);
    largest = magnitude > largest ? magnitude : largest;
  }
  return std::bit_cast<double>(largest);
}

// `v` in units of 2^unit; what is below a unit is cut off.
SYNOPTIC_INLINE __int128 InUnits(double v, int unit) {
  const auto bits = std::bit_cast<uint64_t>(v);
  const int biased = static_cast<int>((bits >> 52) & 0x7FF);
  if (biased == 0) return 0;  // zero, or less than any unit
  const __int128 mantissa = static_cast<__int128>((bits & kFraction) | (kFraction + 1));
  const int shift = biased - 1075 - unit;
  const __int128 magnitude =
      shift >= 0 ? mantissa << shift : (shift > -64 ? mantissa >> -shift : __int128{0});
  const __int128 sign = static_cast<int64_t>(bits) >> 63;
  return (magnitude ^ sign) - sign;
}

}  // namespace

bool CertifiedSums::Init(std::span<const double> values) {
  const double largest = LargestMagnitude(values);
  if (!std::isfinite(largest) || largest == 0) return false;
  const int exponent = std::ilogb(largest) + 1;  // largest < 2^exponent
  const int count_bits = static_cast<int>(std::bit_width(values.size()));
  if (exponent > kLargest || exponent < kSmallest || count_bits > kMostValuesBits) return false;
  unit_ = exponent + count_bits - 125;  // no prefix reaches 2^126 units
  values_ = values;
  prefix_.resize(values.size() + 1);
  Int128 sum = 0, least = 0, most = 0;
  prefix_[0] = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    sum += InUnits(values[i], unit_);
    prefix_[i + 1] = sum;
    least = std::min(least, sum);
    most = std::max(most, sum);
  }
  error_ = ErrorOf(static_cast<unsigned __int128>(most - least), count_bits);
  return true;
}

unsigned __int128 CertifiedSums::ErrorOf(unsigned __int128 span, int count_bits) {
  // (n*u)^2 * span with n < 2^count_bits, and twice that; four times as much covers higher orders,
  // and what InUnits cuts off is less than a unit for each of n values.
  const int down = 2 * kMantissaBits - 2 * count_bits - 3;
  return (span >> down) + (static_cast<unsigned __int128>(8) << count_bits);
}

double CertifiedSums::Sum(size_t lo, size_t hi) const {
  if (const auto sum = CertainSum(lo, hi)) return *sum;
  KahanSum one_by_one;
  for (const double v : values_.subspan(lo, hi - lo)) one_by_one.Add(v);
  return one_by_one.Total();
}

std::optional<double> CertifiedSums::CertainSum(size_t lo, size_t hi) const {
  using Uint128 = unsigned __int128;
  const Int128 sum = prefix_[hi] - prefix_[lo];
  const Uint128 magnitude = static_cast<Uint128>(sum < 0 ? -sum : sum);
  const auto high = static_cast<uint64_t>(magnitude >> 64);
  if (high == 0) return std::nullopt;  // as large as its error, or nearly
  const int below = 128 - std::countl_zero(high) - kMantissaBits;  // bits that rounding takes off
  const Uint128 half = Uint128{1} << (below - 1);
  const Uint128 rest = magnitude & ((half << 1) - 1);
  const Uint128 from_middle = rest > half ? rest - half : half - rest;
  // Twice the error, as below a power of two doubles are twice as dense.
  if (from_middle <= error_) return std::nullopt;
  const auto mantissa = static_cast<double>(static_cast<uint64_t>(magnitude >> below) +
                                            static_cast<uint64_t>(rest > half));
  const auto scale = std::bit_cast<double>(static_cast<uint64_t>(below + unit_ + 1023) << 52);
  return sum < 0 ? -(mantissa * scale) : mantissa * scale;
}

}  // namespace synoptic::promql
