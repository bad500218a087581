// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/spans.h"

#include <algorithm>

namespace synoptic::aggregator {
namespace {

// An hour at 15 s; long enough that labels and keys do not show, short enough to be evicted in
// parts and to be written anew while its newest steps come in.
constexpr int64_t kStepsPerBlock = 240;
// As Prometheus' own blocks.
constexpr int64_t kSampleBlockMs = 2 * 3'600'000;

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - static_cast<int64_t>(a % b < 0); }

}  // namespace

BlockLayout BlockLayout::OfSteps(const promql::Grid& grid) {
  return {grid.step, grid.start - FloorDiv(grid.start, grid.step) * grid.step, kStepsPerBlock};
}
BlockLayout BlockLayout::OfSamples() { return {1, 0, kSampleBlockMs}; }

int64_t BlockLayout::BlockOf(int64_t t) const { return FloorDiv(t - phase, step * block_points); }
int64_t BlockLayout::FirstOf(int64_t block) const { return block * step * block_points + phase; }
int64_t BlockLayout::LastOf(int64_t block) const { return FirstOf(block + 1) - step; }
int64_t BlockLayout::PointAtOrBefore(int64_t t) const {
  return FloorDiv(t - phase, step) * step + phase;
}

std::vector<Span> GapsOf(const BlockLayout& layout, int64_t first, int64_t last,
                         const std::vector<FragmentPtr>& have) {
  std::vector<Span> gaps;
  const auto add = [&](int64_t from, int64_t to) {
    if (from > to) return;
    if (!gaps.empty() && gaps.back().last + layout.step >= from) {
      gaps.back().last = std::max(gaps.back().last, to);
    } else {
      gaps.push_back({from, to});
    }
  };
  const int64_t first_block = layout.BlockOf(first);
  for (size_t i = 0; i < have.size(); ++i) {
    const int64_t block = first_block + static_cast<int64_t>(i);
    const int64_t from = std::max(first, layout.FirstOf(block));
    const int64_t to = std::min(last, layout.LastOf(block));
    if (have[i] == nullptr) {
      add(from, to);
      continue;
    }
    add(from, have[i]->first() - layout.step);
    if (to > have[i]->last()) add(have[i]->last() + layout.step, to);
  }
  return gaps;
}

std::vector<FragmentPtr> Reaching(const Span& span, std::vector<FragmentPtr> blocks) {
  std::erase_if(blocks, [&](const FragmentPtr& fragment) {
    return fragment == nullptr || fragment->last() < span.first || fragment->first() > span.last;
  });
  return blocks;
}

}  // namespace synoptic::aggregator
