// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Functions that count samples of both kinds, pick one of them, or count what happens between
// neighbours, in the order of time.
#include <algorithm>
#include <cmath>
#include <vector>

#include "promql/functions/histogram_kernels.h"
#include "promql/functions/merged_samples.h"

namespace synoptic::promql {
namespace {

void PickOne(FunctionId id, const MixedSeries& series) {
  const std::span<const int64_t> floats_t = series.floats.t, t = series.histograms.t;
  const bool first = id == FunctionId::kFirstOverTime || id == FunctionId::kTsOfFirstOverTime;
  const bool its_time = id == FunctionId::kTsOfFirstOverTime || id == FunctionId::kTsOfLastOverTime;
  ForEachMixedWindow(series, [&](size_t s, const Window& floats, const Window& w) {
    const size_t i = first ? w.lo : w.hi - 1;
    if (id == FunctionId::kTsOfLastOverTime) {  // that of either kind, which is 0 without samples
      const int64_t float_t = floats.empty() ? 0 : floats_t[floats.hi - 1];
      series.out[s] = static_cast<double>(std::max(float_t, t[i])) / 1000;
      return;
    }
    if (!floats.empty()) {
      const int64_t float_t = floats_t[first ? floats.lo : floats.hi - 1];
      if (first ? float_t < t[i] : float_t > t[i]) return;  // the kernel's answer stands
    }
    if (its_time) {
      series.out[s] = static_cast<double>(t[i]) / 1000;
    } else {
      series.out[s] = Absent();
      series.histograms_out[s] = series.histograms.h[i];
    }
  });
}

void CountEvents(FunctionId id, const MixedSeries& series) {
  const MergedSamples samples(series.floats, series.histograms);
  RangeInput in = series.floats;
  in.t = samples.t();
  in.windows = nullptr;
  std::vector<uint32_t> until(in.t.size());  // events up to and including each sample
  for (size_t i = 1; i < until.size(); ++i) {
    const bool event = id == FunctionId::kResets ? samples.IsReset(i) : samples.IsChange(i);
    until[i] = until[i - 1] + (event ? 1 : 0);
  }
  ForEachWindow(in, series.out, [&](const Window& w, size_t) {
    return static_cast<double>(until[w.hi - 1] - until[w.lo]);
  });
}

}  // namespace

void HistogramPickKernel(FunctionId id, const MixedSeries& series) {
  switch (id) {
    case FunctionId::kCountOverTime:
      return ForEachMixedWindow(series, [&](size_t s, const Window& floats, const Window& w) {
        series.out[s] = static_cast<double>(floats.size() + w.size());
      });
    case FunctionId::kPresentOverTime:
      return ForEachMixedWindow(series,
                                [&](size_t s, const Window&, const Window&) { series.out[s] = 1; });
    case FunctionId::kChanges:
    case FunctionId::kResets:
      return CountEvents(id, series);
    default:
      return PickOne(id, series);
  }
}

}  // namespace synoptic::promql
