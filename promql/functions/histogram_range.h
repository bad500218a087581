// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Range-vector functions where a series has native histograms, alone or among floats.
//
// The float kernel (range.h) runs first, over the floats; what is here corrects its answer at the
// steps whose windows hold histograms. Results agree bit for bit with Prometheus 3.15.
#pragma once

#include <cstdint>
#include <span>

#include "promql/functions/range.h"
#include "promql/functions/range_notes.h"
#include "promql/model/histogram.h"
#include "promql/model/histogram_pool.h"

namespace synoptic::promql {

// Histograms of the series of a RangeInput, looked at through its windows.
struct HistogramInput {
  std::span<const int64_t> t;  // rising, no time is among the floats'; stale markers removed
  std::span<const HistogramPtr> h;
  std::span<const int64_t> st;    // start timestamps; empty: unknown, or not to be used
  WindowSet* windows = nullptr;   // as in RangeInput, for these times
  HistogramPool* pool = nullptr;  // where results are taken from; null: they are made
};

// `out` holds the float kernel's answers. A step that has a histogram for an answer gets it in
// `histograms_out` (all null before) and Absent() in `out`.
void ApplyToHistograms(FunctionId id, const RangeInput& floats, const HistogramInput& histograms,
                       std::span<double> out, std::span<HistogramPtr> histograms_out,
                       RangeNotes& notes);

}  // namespace synoptic::promql
