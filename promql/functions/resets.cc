// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/resets.h"

#include <algorithm>

#include "promql/functions/simd.h"

namespace synoptic::promql {
namespace {

// Two NaN in a row do not fall: comparisons with NaN are false.
SYNOPTIC_CLONES bool EverFalls(const double* v, size_t size) {
  uint64_t falls = 0;
  for (size_t i = 1; i < size; ++i) falls |= v[i] < v[i - 1] ? uint64_t{1} : uint64_t{0};
  return falls != 0;
}

// Sums of windows side by side, each of which looks at its own range of what resets lost.
constexpr size_t kGroups = 8;
constexpr size_t kSums = kGroups * kLanes;
struct SumBlock {
  Lanes sums[kGroups];
  LaneMask first[kGroups];
  LaneMask last[kGroups];
};

// Adds lost[begin, end) to the sums, one after the other, those in [common, common_end) to all.
SYNOPTIC_CLONES void AddToBlock(const double* lost, size_t begin, size_t common, size_t common_end,
                                size_t end, SumBlock& block) {
  Lanes sums[kGroups];
  for (size_t g = 0; g < kGroups; ++g) sums[g] = block.sums[g];
  for (size_t i = begin; i < common; ++i) {
    for (size_t g = 0; g < kGroups; ++g) {
      sums[g] = block.first[g] <= static_cast<int64_t>(i) ? sums[g] + lost[i] : sums[g];
    }
  }
  for (size_t i = common; i < common_end; ++i) {
    for (size_t g = 0; g < kGroups; ++g) sums[g] += lost[i];
  }
  for (size_t i = common_end; i < end; ++i) {
    for (size_t g = 0; g < kGroups; ++g) {
      sums[g] = block.last[g] > static_cast<int64_t>(i) ? sums[g] + lost[i] : sums[g];
    }
  }
  for (size_t g = 0; g < kGroups; ++g) block.sums[g] = sums[g];
}

// Where the bits of a sum depend on the order of its additions, each window has to add up for
// itself. Windows that follow each other share most of what they add: that goes to many at once.
void AddInOrder(const std::vector<double>& lost, std::span<const ResetRange> ranges,
                std::span<double> increase) {
  for (size_t begin = 0; begin < ranges.size(); begin += kSums) {
    const size_t count = std::min(kSums, ranges.size() - begin);
    const std::span<const ResetRange> windows = ranges.subspan(begin, count);
    double* const sums = increase.data() + begin;
    const size_t common = windows.back().first, common_end = windows.front().last;
    if (count < kLanes || common_end <= common + 8) {
      for (size_t j = 0; j < count; ++j) {
        for (size_t i = windows[j].first; i < windows[j].last; ++i) sums[j] += lost[i];
      }
      continue;
    }
    SumBlock block{};
    for (size_t j = 0; j < kSums; ++j) {
      const size_t lane = j % kLanes, group = j / kLanes;
      // What is beyond the last window adds up for nobody.
      const ResetRange& window = windows[std::min(j, count - 1)];
      block.first[group][lane] = static_cast<int64_t>(window.first);
      block.last[group][lane] = static_cast<int64_t>(window.last);
      block.sums[group][lane] = j < count ? sums[j] : 0;
    }
    AddToBlock(lost.data(), windows.front().first, common, common_end, windows.back().last, block);
    for (size_t j = 0; j < count; ++j) sums[j] = block.sums[j / kLanes][j % kLanes];
  }
}

}  // namespace

void AddWhatResetsLost(std::span<const double> v, std::span<const uint32_t> lo,
                       std::span<const uint32_t> hi, std::span<double> increase,
                       ResetScratch& scratch) {
  if (!EverFalls(v.data(), v.size())) return;
  auto& [before, lost, ranges, exact] = scratch;
  before.clear();
  lost.clear();
  for (size_t i = 1; i < v.size(); ++i) {
    if (!(v[i] < v[i - 1])) continue;
    before.push_back(static_cast<uint32_t>(i - 1));
    lost.push_back(v[i - 1]);
  }
  ranges.resize(lo.size());
  size_t first = 0, last = 0;
  for (size_t i = 0; i < ranges.size(); ++i) {
    while (first < before.size() && before[first] < lo[i]) ++first;
    last = std::max(last, first);
    while (last < before.size() && before[last] + 1 < hi[i]) ++last;
    ranges[i] = {first, last};
  }
  // The first and last value of the window take part in the sum, too.
  if (lost.size() < 2 || !exact.Init(v, lost)) return AddInOrder(lost, ranges, increase);
  for (size_t i = 0; i < ranges.size(); ++i) {
    if (ranges[i].first == ranges[i].last) continue;
    increase[i] += exact.Sum(ranges[i].first, ranges[i].last);
  }
}

}  // namespace synoptic::promql
