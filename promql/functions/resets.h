// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Counter resets within windows. Private to promql/functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "promql/functions/exact_sum.h"

namespace synoptic::promql {

struct ResetRange {
  size_t first = 0;
  size_t last = 0;
};

// Room that is kept from series to series.
struct ResetScratch {
  std::vector<uint32_t> before;    // indexes of the samples before each reset
  std::vector<double> lost;        // and their values
  std::vector<ResetRange> ranges;  // of resets, for each window
  ExactSums exact;
};

// Adds to increase[i] what a counter lost by resets within the samples [lo[i], hi[i]): the values
// before each reset, one after the other. Windows move forward.
void AddWhatResetsLost(std::span<const double> v, std::span<const uint32_t> lo,
                       std::span<const uint32_t> hi, std::span<double> increase,
                       ResetScratch& scratch);

}  // namespace synoptic::promql
