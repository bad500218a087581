// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The histogram kernels by name, for the table in histogram_range.cc. Private to promql/functions.
#pragma once

#include <span>

#include "promql/functions/histogram_range.h"
#include "promql/functions/window.h"

namespace synoptic::promql {

// Everything one of them works on.
struct MixedSeries {
  const RangeInput& floats;
  const HistogramInput& histograms;
  std::span<double> out;
  std::span<HistogramPtr> histograms_out;
  RangeNotes& notes;

  // The histograms' times as a RangeInput, for WindowList.
  RangeInput HistogramWindows() const {
    RangeInput in = floats;
    in.t = histograms.t;
    in.v = {};
    in.st = {};
    in.windows = histograms.windows;
    return in;
  }
};

// histogram_rate.cc
void HistogramRateKernel(FunctionId id, const MixedSeries& series);
// histogram_instant_rate.cc
void HistogramInstantRateKernel(FunctionId id, const MixedSeries& series);
// histogram_sums.cc
void HistogramSumOverTimeKernel(const MixedSeries& series);
void HistogramAvgOverTimeKernel(const MixedSeries& series);
// histogram_pick.cc
void HistogramPickKernel(FunctionId id, const MixedSeries& series);

// f(step, window of the floats, window of the histograms) where there is a histogram.
template <class F>
void ForEachMixedWindow(const MixedSeries& series, F f) {
  const RangeInput in = series.HistogramWindows();
  const WindowList windows(in), float_windows(series.floats);
  for (size_t s = 0; s < series.out.size(); ++s) {
    const Window window = windows[s];
    if (!window.empty()) f(s, float_windows[s], window);
  }
}

// f(step, window of the histograms) wherever floats do not interfere: a mixed window has no answer.
template <class F>
void ForEachHistogramWindow(const MixedSeries& series, F f) {
  ForEachMixedWindow(series, [&](size_t s, const Window& floats, const Window& window) {
    if (floats.empty()) {
      f(s, window);
    } else {
      series.out[s] = Absent();
      series.notes.mixed_types = true;
    }
  });
}

}  // namespace synoptic::promql
