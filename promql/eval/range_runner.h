// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Kernels let loose on one series after the other: on its floats, then on its native histograms.
#pragma once

#include <span>
#include <vector>

#include "promql/eval/range_source.h"
#include "promql/functions/histogram_range.h"
#include "promql/functions/range.h"
#include "promql/functions/window_set.h"

namespace synoptic::promql::internal {

// Of each series' windows, as many samples as they hold together; a histogram is as many samples as
// it takes the memory of. `scratch`: room to work in.
int64_t SamplesInWindows(const Windows& windows, const SeriesSamples& samples,
                         std::vector<int64_t>& scratch);

// Not thread-safe: what series have in common is kept from one to the next.
class RangeRunner {
 public:
  // `params`: one value per step each.
  RangeRunner(FunctionId id, RangeKernel kernel, const std::vector<std::vector<double>>& params,
              bool use_start_timestamps);

  // Fills `out`, and `histograms` as Operator::histograms (empty before). Returns
  // SamplesInWindows.
  int64_t Run(const Windows& windows, const SeriesSamples& samples, std::span<double> out,
              std::vector<HistogramPtr>& histograms, RangeNotes& notes);
  // The same for histograms as DenseRate wants them.
  int64_t RunDense(const Windows& windows, const DenseSamples& samples, DenseColumn& out);

 private:
  int64_t RunFloats(const RangeInput& input, std::span<double> out, RangeNotes& notes);
  void RunHistograms(const RangeInput& input, const HistogramSamples& samples,
                     std::span<double> out, std::vector<HistogramPtr>& histograms,
                     RangeNotes& notes);
  int64_t RunFixed(RangeInput input, const Windows& windows, const SeriesSamples& samples,
                   std::span<double> out, std::vector<HistogramPtr>& histograms, RangeNotes& notes);

  const FunctionId id_;
  const RangeKernel kernel_;
  const std::vector<std::vector<double>>& params_;
  const bool use_start_timestamps_;
  WindowSet float_windows_;
  WindowSet histogram_windows_;
  HistogramPool results_;
  std::vector<int64_t> sizes_;
};

}  // namespace synoptic::promql::internal
