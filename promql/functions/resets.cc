// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/resets.h"

#include <algorithm>
#include <array>
#include <vector>

#include "promql/functions/exact_sum.h"
#include "promql/functions/simd.h"

namespace synoptic::promql {
namespace {

// Two NaN in a row do not fall: comparisons with NaN are false.
SYNOPTIC_CLONES bool EverFalls(const double* v, size_t size) {
  uint64_t falls = 0;
  for (size_t i = 1; i < size; ++i) falls |= v[i] < v[i - 1] ? uint64_t{1} : uint64_t{0};
  return falls != 0;
}

// Thirty-two sums, to which the same values are added one after the other.
SYNOPTIC_CLONES void AddToAll(const double* values, size_t count, double* sums) {
  Lanes a, b, c, d;
  __builtin_memcpy(&a, sums, sizeof a);
  __builtin_memcpy(&b, sums + kLanes, sizeof b);
  __builtin_memcpy(&c, sums + 2 * kLanes, sizeof c);
  __builtin_memcpy(&d, sums + 3 * kLanes, sizeof d);
  for (size_t i = 0; i < count; ++i) {
    const double v = values[i];
    a += v;
    b += v;
    c += v;
    d += v;
  }
  __builtin_memcpy(sums, &a, sizeof a);
  __builtin_memcpy(sums + kLanes, &b, sizeof b);
  __builtin_memcpy(sums + 2 * kLanes, &c, sizeof c);
  __builtin_memcpy(sums + 3 * kLanes, &d, sizeof d);
}
constexpr size_t kSums = 4 * kLanes;

// For each window the range of the resets inside of it.
struct ResetRange {
  size_t first = 0;
  size_t last = 0;
};

// Where the bits of a sum depend on the order of its additions, each window has to add up for
// itself. Windows that follow each other share most of what they add: that goes to many at once.
void AddInOrder(const std::vector<double>& lost, std::span<const ResetRange> ranges,
                std::span<double> increase) {
  for (size_t begin = 0; begin < ranges.size(); begin += kSums) {
    const size_t count = std::min(kSums, ranges.size() - begin);
    const std::span<const ResetRange> block = ranges.subspan(begin, count);
    double* const sums = increase.data() + begin;
    const size_t common_first = block.back().first;
    const size_t common_last = block.front().last;
    const bool together = count == kSums && common_last > common_first + 8;
    for (size_t j = 0; j < count; ++j) {
      const size_t until = together ? common_first : block[j].last;
      for (size_t i = block[j].first; i < until; ++i) sums[j] += lost[i];
    }
    if (!together) continue;
    AddToAll(lost.data() + common_first, common_last - common_first, sums);
    for (size_t j = 0; j < count; ++j) {
      for (size_t i = common_last; i < block[j].last; ++i) sums[j] += lost[i];
    }
  }
}

}  // namespace

void AddWhatResetsLost(std::span<const double> v, std::span<const uint32_t> lo,
                       std::span<const uint32_t> hi, std::span<double> increase) {
  if (!EverFalls(v.data(), v.size())) return;
  std::vector<uint32_t> before;  // indexes of the samples before each reset
  std::vector<double> lost;      // and their values
  for (size_t i = 1; i < v.size(); ++i) {
    if (!(v[i] < v[i - 1])) continue;
    before.push_back(static_cast<uint32_t>(i - 1));
    lost.push_back(v[i - 1]);
  }
  std::vector<ResetRange> ranges(lo.size());
  size_t first = 0, last = 0;
  for (size_t i = 0; i < ranges.size(); ++i) {
    while (first < before.size() && before[first] < lo[i]) ++first;
    last = std::max(last, first);
    while (last < before.size() && before[last] + 1 < hi[i]) ++last;
    ranges[i] = {first, last};
  }
  // The first and last value of the window take part in the sum, too.
  ExactSums exact;
  if (lost.size() < 2 || !exact.Init(v, lost)) return AddInOrder(lost, ranges, increase);
  for (size_t i = 0; i < ranges.size(); ++i) {
    if (ranges[i].first == ranges[i].last) continue;
    increase[i] += exact.Sum(ranges[i].first, ranges[i].last);
  }
}

}  // namespace synoptic::promql
