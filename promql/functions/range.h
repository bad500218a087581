// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Range-vector functions as kernels: one series' samples in, one value per step out, windows slid
// once over the samples (a rate over a day costs the same per step as over a minute).
#pragma once

#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "promql/functions/table.h"
#include "promql/model/grid.h"

namespace synoptic::promql {

class WindowSet;  // window_set.h

// The windows (at(i) - offset - range, at(i) - offset], i < grid.size(), over one series.
struct RangeInput {
  std::span<const int64_t> t;  // rising, stale markers already removed
  std::span<const double> v;
  Grid grid;              // evaluation times
  int64_t range_ms = 0;   // > 0
  int64_t offset_ms = 0;  // window ends at(i) - offset; may be negative
  // Scalar parameters per step (quantile_over_time's phi, predict_linear's t, smoothing factors):
  // each span has grid.size() values, unused ones are empty.
  std::span<const double> param0;
  std::span<const double> param1;
  // Kept by a caller that has many series with the same grid: their windows are found once where
  // their times are the same. May be null.
  WindowSet* windows = nullptr;
  std::span<const int64_t> st = {};           // start timestamps; empty: unknown, or not to be used
  std::span<const int64_t> histogram_t = {};  // of the histograms beside the floats
};

// A parameter that no kernel can check for itself: an error here fails the query, and is due as
// soon as one window of one series has a sample.
absl::Status CheckSmoothingFactors(double smoothing_factor, double trend_factor);

// Writes one value per step into `out` (size grid.size()); Absent() where the function has none.
using RangeKernel = void (*)(const RangeInput& input, std::span<double> out);

// The kernel of a function that takes one range vector; nullptr for others. Native histograms are
// not handled here.
RangeKernel FindRangeKernel(FunctionId id);

}  // namespace synoptic::promql
