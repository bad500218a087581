// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The arithmetic of blocks: a stream's points (steps of a phase, or milliseconds) fall into blocks
// of equal length, and a block's fragment covers one unbroken run of them.
#pragma once

#include <cstdint>
#include <vector>

#include "aggregator/cache/fragment.h"
#include "promql/model/grid.h"

namespace synoptic::aggregator {

// Points phase, phase + step, ... (and before); `block_points` of them to a block, aligned to the
// epoch.
struct BlockLayout {
  int64_t step = 1;
  int64_t phase = 0;  // 0 <= phase < step
  int64_t block_points = 1;

  // Of the points that `grid` lies on.
  static BlockLayout OfSteps(const promql::Grid& grid);
  // Of stored samples: every millisecond is a point.
  static BlockLayout OfSamples();

  int64_t BlockOf(int64_t t) const;
  int64_t FirstOf(int64_t block) const;  // ms
  int64_t LastOf(int64_t block) const;   // ms
  // The last point at or before `t`.
  int64_t PointAtOrBefore(int64_t t) const;
};

// Both ends inclusive, ms, on points.
struct Span {
  int64_t first = 0;
  int64_t last = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

// What is to be asked so that, with `have`, all of [first, last] is known and every block's
// coverage stays unbroken: so a gap may begin before `first` or end after `last`, at the edge of
// what is known. `have` are the fragments of the blocks of [first, last] in order, null where there
// is none.
std::vector<Span> GapsOf(const BlockLayout& layout, int64_t first, int64_t last,
                         const std::vector<FragmentPtr>& have);

// Those that reach into `span`, without the null ones.
std::vector<FragmentPtr> Reaching(const Span& span, std::vector<FragmentPtr> blocks);

}  // namespace synoptic::aggregator
