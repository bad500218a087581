// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/plain_sums.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "promql/functions/simd.h"

namespace synoptic::promql {
namespace {

constexpr int kFractionBits = 52;
constexpr uint64_t kFraction = (uint64_t{1} << kFractionBits) - 1;
constexpr int kBias = 1023;
// The largest value is less than 2^kSpread times as large as the smallest: then values in units
// have 63 bits, and the compensation less than 53 (see the header).
constexpr int kSpread = 10;
constexpr size_t kMostValues = size_t{1} << 20;
constexpr int kLargest = 900, kSmallest = -900;  // far from overflow and from denormals
// So many values of a window are added one by one: its sum grows quickly then, and values between
// two multiples are frequent.
constexpr uint32_t kStart = 64;
// Ties are added one by one. With so few bits dropped there are not many samples to a phase.
constexpr int kFewDropped = 9;

int ExponentOf(double positive) {
  return static_cast<int>(std::bit_cast<uint64_t>(positive) >> kFractionBits) - kBias;
}
double PowerOfTwo(int exponent) {
  return std::bit_cast<double>(static_cast<uint64_t>(exponent + kBias) << kFractionBits);
}

struct Sizes {
  double least = std::numeric_limits<double>::infinity();  // of values that are not zero
  double most = 0;
  bool has_negative = false, has_positive = false, has_nan = false;
};
SYNOPTIC_CLONES void MeasureSizes(std::span<const double> values, Sizes& out) {
  double least = out.least, most = out.most;
  bool has_negative = false, has_positive = false, has_nan = false;
  for (size_t i = 0; i < values.size(); ++i) {
    const double v = values[i], magnitude = v < 0 ? -v : v;
    has_nan |= v != v;
    has_negative |= v < 0;
    has_positive |= v > 0;
    most = magnitude > most ? magnitude : most;
    const double counted = magnitude > 0 ? magnitude : least;
    least = counted < least ? counted : least;
  }
  out.least = least;
  out.most = most;
  out.has_negative = has_negative;
  out.has_positive = has_positive;
  out.has_nan = has_nan;
}

}  // namespace

bool PlainSums::Compute(std::span<const double> values, std::span<const uint32_t> lo,
                        std::span<const uint32_t> hi) {
  if (!Scale(values)) return false;
  Start(lo, hi);
  for (;;) {
    int drop = std::numeric_limits<int>::max();
    for (size_t i = 0; i < running_.size(); ++i) {
      if (running_[i].next < hi[i]) drop = std::min(drop, DropOf(running_[i].sum));
    }
    if (drop == std::numeric_limits<int>::max()) break;
    if (!Advance(drop, hi)) return false;
  }
  const double unit = PowerOfTwo(unit_), sign = negative_ ? -1 : 1;
  sums_.resize(lo.size());
  for (size_t i = 0; i < lo.size(); ++i) {
    const double sum = running_[i].sum;
    if (sum == 0) {
      sums_[i] = {};
      continue;
    }
    const auto bits = std::bit_cast<uint64_t>(sum);
    const Uint128 plain = static_cast<Uint128>((bits & kFraction) | (kFraction + 1)) << DropOf(sum);
    const auto lost = static_cast<int64_t>(prefix_[hi[i]] - prefix_[lo[i]] - plain);
    sums_[i] = {sign * sum, sign * (static_cast<double>(lost) * unit)};
  }
  return true;
}

int PlainSums::DropOf(double sum) const { return ExponentOf(sum) - kFractionBits - unit_; }

bool PlainSums::Scale(std::span<const double> values) {
  Sizes sizes;
  MeasureSizes(values, sizes);
  if (sizes.has_nan || sizes.has_negative == sizes.has_positive || values.size() > kMostValues) {
    return false;
  }
  if (!(sizes.most < PowerOfTwo(kLargest)) || !(sizes.least > PowerOfTwo(kSmallest))) return false;
  const int least = ExponentOf(sizes.least);
  if (ExponentOf(sizes.most) - least > kSpread) return false;
  negative_ = sizes.has_negative;
  unit_ = least - kFractionBits;
  magnitudes_.resize(values.size());
  in_units_.resize(values.size());
  prefix_.resize(values.size() + 1);
  prefix_[0] = 0;
  Uint128 prefix = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    magnitudes_[i] = std::fabs(values[i]);
    // Zeros are below all exponents there are.
    const int shift = std::max(ExponentOf(magnitudes_[i]) - least, -1);
    const uint64_t mantissa = (std::bit_cast<uint64_t>(values[i]) & kFraction) | (kFraction + 1);
    in_units_[i] = shift < 0 ? 0 : mantissa << shift;
    prefix += in_units_[i];
    prefix_[i + 1] = prefix;
  }
  return true;
}

void PlainSums::Start(std::span<const uint32_t> lo, std::span<const uint32_t> hi) {
  running_.resize(lo.size());
  for (size_t i = 0; i < lo.size(); ++i) {
    double sum = 0;
    uint32_t at = lo[i];
    for (; at < hi[i] && (at < lo[i] + kStart || sum == 0); ++at) sum += magnitudes_[at];
    running_[i] = {sum, at};
  }
}

bool PlainSums::Advance(int drop, std::span<const uint32_t> hi) {
  uint32_t first = std::numeric_limits<uint32_t>::max(), last = 0;
  for (size_t i = 0; i < running_.size(); ++i) {
    if (running_[i].next == hi[i] || DropOf(running_[i].sum) != drop) continue;
    first = std::min(first, running_[i].next);
    last = std::max(last, hi[i]);
  }
  rounded_.resize(in_units_.size() + 1);
  ties_.clear();
  const uint64_t half = drop == 0 ? 0 : uint64_t{1} << (drop - 1);
  const uint64_t below = (uint64_t{1} << drop) - 1;
  uint64_t sum = 0;
  rounded_[first] = 0;
  for (uint32_t i = first; i < last; ++i) {
    const uint64_t v = in_units_[i];
    sum += (v + half) >> drop;
    rounded_[i + 1] = sum;
    if ((v & below) == half && drop > 0) ties_.push_back(i);
  }
  if (drop > kFewDropped && ties_.size() > (last - first) / 8) return false;
  size_t tie = 0;
  uint32_t ahead = 0;  // so many samples on the sum before was through
  for (size_t i = 0; i < running_.size(); ++i) {
    if (running_[i].next == hi[i] || DropOf(running_[i].sum) != drop) continue;
    Follow(running_[i], hi[i], drop, tie, ahead);
  }
  return true;
}

uint32_t PlainSums::FirstThrough(uint32_t at, uint32_t stop, uint64_t room, uint32_t guess) const {
  const auto is_through = [&](uint32_t i) { return rounded_[i + 1] - rounded_[at] >= room; };
  uint32_t low = at, high = stop - 1, stride = 1;
  guess = std::min(guess, high);
  if (is_through(guess)) {
    high = guess;
    for (; high - low >= stride && is_through(high - stride); stride *= 2) high -= stride;
    if (high - low >= stride) low = high - stride + 1;
  } else {
    low = guess + 1;
    for (; high - low >= stride && !is_through(low + stride - 1); stride *= 2) low += stride;
    high = std::min(high, low + stride - 1);
  }
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (is_through(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

void PlainSums::Follow(Running& sum, uint32_t hi, int drop, size_t& tie, uint32_t& ahead) const {
  constexpr uint64_t kFull = uint64_t{1} << (kFractionBits + 1);
  const double multiple = PowerOfTwo(unit_ + drop);
  uint32_t at = sum.next;
  // Windows come in order, their sums nearly so.
  while (tie > 0 && ties_[tie - 1] >= at) --tie;
  while (at < hi && DropOf(sum.sum) == drop) {
    while (tie < ties_.size() && ties_[tie] < at) ++tie;
    const uint32_t stop = tie < ties_.size() ? std::min(ties_[tie], hi) : hi;
    const auto now = static_cast<uint64_t>(sum.sum / multiple);
    const uint64_t room = kFull - now;
    uint32_t end = stop;
    if (rounded_[stop] - rounded_[at] >= room) {
      end = FirstThrough(at, stop, room, at + ahead);
      ahead = end - at;
    }
    sum.sum = static_cast<double>(now + (rounded_[end] - rounded_[at])) * multiple;
    at = end;
    if (at < hi) sum.sum += magnitudes_[at++];
  }
  sum.next = at;
}

}  // namespace synoptic::promql
