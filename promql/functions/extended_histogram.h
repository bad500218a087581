// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// rate, increase and delta of native histograms over one `anchored` or `smoothed` window.
#pragma once

#include "promql/functions/histogram_range.h"

namespace synoptic::promql {

struct ExtendedWindow {
  int64_t start;
  int64_t end;
  bool smoothed;  // else anchored
};

// `samples`: all that the window and its margins hold, at least one. Null: no answer.
HistogramPtr ExtendedHistogramRate(FunctionId id, const HistogramInput& samples,
                                   const ExtendedWindow& window, RangeNotes& notes);

}  // namespace synoptic::promql
