// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/column_models.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace synoptic::promql::internal {
namespace {

// Integers up to here are doubles, all of them.
constexpr double kMostExact = 9'007'199'254'740'992;  // 2^53
// One exception in so many, or the model is none.
constexpr size_t kPerException = 16;
// How far a rounded sum of rounded values may be off, in units of the last place.
constexpr int64_t kMostOff = 1 << 10;
// A common factor is looked for among differences larger than rounding makes them.
constexpr double kNoise = 0x1p-32;

size_t MostExceptions(size_t count) { return count / kPerException + 1; }

bool SameBits(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

// Whether v = n / 10^exponent, to the bit.
bool IsDecimal(double v, int exponent, int64_t& n) {
  const double scaled = v * kPowersOfTen[exponent];
  if (!(std::abs(scaled) < kMostExact)) return false;
  n = std::llrint(scaled);
  return SameBits(static_cast<double>(n) / kPowersOfTen[exponent], v);
}

// The largest number that both are multiples of, give or take `noise`. REQUIRES: a, b > noise.
double CommonFactor(double a, double b, double noise) {
  for (int rounds = 0; rounds < 64; ++rounds) {
    if (a < b) std::swap(a, b);
    const double left = std::abs(a - std::round(a / b) * b);
    if (left <= noise) return b;
    a = b;
    b = left;
  }
  return 0;
}

// Of the differences between neighbours, sharpened by the largest value; zero: none is found.
double FactorOf(std::span<const double> v, double most) {
  const double noise = most * kNoise;
  double factor = 0;
  double largest = 0;
  for (size_t i = 1; i < v.size(); ++i) {
    const double difference = std::abs(v[i] - v[i - 1]);
    if (!(difference > noise) || !std::isfinite(difference)) continue;
    factor = factor == 0 ? difference : CommonFactor(factor, difference, noise);
    if (factor < 4 * noise) return 0;
    largest = std::max(largest, difference);
  }
  if (factor == 0) return 0;
  // The larger the multiple, the less its own rounding says.
  factor = largest / std::round(largest / factor);
  return most / std::round(most / factor);
}

// n and off for a factor that is given; false when too many are too far off.
bool Fit(std::span<const double> v, MultipleModel& model) {
  model.n.clear();
  model.off.clear();
  model.exceptions.clear();
  for (size_t i = 0; i < v.size(); ++i) {
    const double multiple = std::nearbyint(v[i] / model.factor);
    bool fits = std::abs(multiple) < kMostExact;
    const int64_t n = fits ? static_cast<int64_t>(multiple) : 0;
    int64_t off = 0;
    fits = fits && !__builtin_sub_overflow(
                       OrderedBits(v[i]), OrderedBits(static_cast<double>(n) * model.factor), &off);
    if (fits && off >= -kMostOff && off <= kMostOff) {
      model.n.push_back(n);
      model.off.push_back(off);
      continue;
    }
    model.exceptions.push_back(i);
    if (model.exceptions.size() > MostExceptions(v.size())) return false;
    model.n.push_back(model.n.empty() ? 0 : model.n.back());
    model.off.push_back(model.off.empty() ? 0 : model.off.back());
  }
  return true;
}

// What the offsets take: their range, and how many are not zero.
std::pair<int64_t, size_t> CostOf(const MultipleModel& model) {
  const auto [least, most] = std::minmax_element(model.off.begin(), model.off.end());
  const auto zeros = std::count(model.off.begin(), model.off.end(), 0);
  return {*most - *least, model.off.size() - static_cast<size_t>(zeros)};
}

}  // namespace

int64_t OrderedBits(double v) {
  const auto bits = std::bit_cast<int64_t>(v);
  return bits >= 0 ? bits : bits ^ std::numeric_limits<int64_t>::max();
}
double FromOrderedBits(int64_t bits) {
  return std::bit_cast<double>(bits >= 0 ? bits : bits ^ std::numeric_limits<int64_t>::max());
}

std::optional<DecimalModel> FindDecimals(std::span<const double> v) {
  DecimalModel model;
  size_t strange = 0;
  int64_t n = 0;
  for (const double value : v) {
    if (IsDecimal(value, model.exponent, n)) continue;
    int exponent = model.exponent;
    while (exponent < static_cast<int>(std::size(kPowersOfTen)) && !IsDecimal(value, exponent, n)) {
      ++exponent;
    }
    if (exponent < static_cast<int>(std::size(kPowersOfTen))) {
      model.exponent = exponent;
    } else if (++strange > MostExceptions(v.size())) {
      return std::nullopt;
    }
  }
  model.n.reserve(v.size());
  for (size_t i = 0; i < v.size(); ++i) {
    if (IsDecimal(v[i], model.exponent, n)) {
      model.n.push_back(n);
      continue;
    }
    model.exceptions.push_back(i);
    model.n.push_back(model.n.empty() ? 0 : model.n.back());
  }
  if (model.exceptions.size() > MostExceptions(v.size())) return std::nullopt;
  return model;
}

std::optional<MultipleModel> FindMultiples(std::span<const double> v) {
  double most = 0;
  for (const double value : v) {
    if (std::isfinite(value)) most = std::max(most, std::abs(value));
  }
  const double factor = FactorOf(v, most);
  if (factor == 0 || !std::isfinite(factor)) return std::nullopt;
  // The largest value was rounded, too: of the factors next to it, the one that explains most.
  std::optional<MultipleModel> best;
  for (int64_t nudge : {0, 1, -1, 2, -2}) {
    MultipleModel model;
    model.factor = FromOrderedBits(OrderedBits(factor) + nudge);
    if (!Fit(v, model)) continue;
    if (!best || model.exceptions.size() < best->exceptions.size() ||
        (model.exceptions.size() == best->exceptions.size() && CostOf(model) < CostOf(*best))) {
      best = std::move(model);
    }
    if (best->exceptions.empty() && CostOf(*best).second == 0) break;
  }
  return best;
}

}  // namespace synoptic::promql::internal
