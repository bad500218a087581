// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Native histograms without their buckets, for selectors below histogram_count() and its kin.
//
// Where Prometheus reads such a histogram it compares it with the one it read before and sets the
// reset hint, which later tells. Which one that was depends on how its iterator went: it jumps over
// samples that no step can see and then knows of none. So the way is gone here once more.
#pragma once

#include <cstdint>
#include <span>

#include "promql/model/grid.h"
#include "promql/model/histogram_pool.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {

// Where the iterator is sent, and how far behind that place it reads.
struct ReadingPlan {
  Grid ends;                // the newest sample that each step may see
  int64_t first_delta = 0;  // at the first step
  int64_t delta = 0;        // at later ones
};

// The samples of both kinds, stale markers included, are all that the plan's steps can see. Those
// given are from `pool`, which gives them to no one else.
HistogramColumns ReadStats(std::span<const int64_t> float_t, std::span<const int64_t> t,
                           std::span<const HistogramPtr> h, std::span<const int64_t> st,
                           const ReadingPlan& plan, HistogramPool& pool);

}  // namespace synoptic::promql::internal
