// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/histogram_range.h"

#include "promql/functions/histogram_kernels.h"

namespace synoptic::promql {
namespace {

// Functions of floats: the answer stands, and the user is told where histograms were left out.
void IgnoreHistograms(const MixedSeries& series) {
  ForEachMixedWindow(series, [&](size_t, const Window& floats, const Window&) {
    series.notes.histograms_ignored |= !floats.empty();
  });
}

}  // namespace

void ApplyToHistograms(FunctionId id, const RangeInput& floats, const HistogramInput& histograms,
                       std::span<double> out, std::span<HistogramPtr> histograms_out,
                       RangeNotes& notes) {
  const MixedSeries series{floats, histograms, out, histograms_out, notes};
  switch (id) {
    case FunctionId::kRate:
    case FunctionId::kIncrease:
    case FunctionId::kDelta:
      return HistogramRateKernel(id, series);
    case FunctionId::kIrate:
    case FunctionId::kIdelta:
      return HistogramInstantRateKernel(id, series);
    case FunctionId::kSumOverTime:
      return HistogramSumOverTimeKernel(series);
    case FunctionId::kAvgOverTime:
      return HistogramAvgOverTimeKernel(series);
    case FunctionId::kCountOverTime:
    case FunctionId::kPresentOverTime:
    case FunctionId::kFirstOverTime:
    case FunctionId::kLastOverTime:
    case FunctionId::kTsOfFirstOverTime:
    case FunctionId::kTsOfLastOverTime:
    case FunctionId::kChanges:
    case FunctionId::kResets:
      return HistogramPickKernel(id, series);
    default:
      return IgnoreHistograms(series);
  }
}

}  // namespace synoptic::promql
