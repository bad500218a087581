// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/range_runner.h"

#include <algorithm>
#include <bit>

#include "promql/functions/dense_rows.h"
#include "promql/functions/start_timestamp_kernels.h"
#include "promql/model/histogram_math.h"

namespace synoptic::promql::internal {
namespace {

// The sum of size(low, high) over all windows.
template <class Size>
int64_t SumOverWindows(const Windows& windows, std::span<const int64_t> t, Size size) {
  int64_t total = 0;
  size_t low = 0, high = 0;
  const size_t steps = windows.grid.size();
  for (size_t s = 0; s < steps; ++s) {
    const int64_t end = windows.End(s);
    const int64_t start = end - windows.range_ms;
    while (high < t.size() && t[high] <= end) ++high;
    while (low < high && t[low] <= start) ++low;
    total += size(low, high);
  }
  return total;
}

// The steps [first, last) outside of which no window reaches the samples: a series that comes and
// goes is looked at only while it is there.
struct StepRange {
  size_t first, last;
};
StepRange StepsThatReach(const RangeInput& in, size_t steps) {
  const Grid& grid = in.grid;
  int64_t from = 0, until = 0;  // evaluation times: from <= at < until
  if (__builtin_add_overflow(in.t.front(), in.offset_ms, &from) ||
      __builtin_add_overflow(in.t.back(), in.offset_ms, &until) ||
      __builtin_add_overflow(until, in.range_ms, &until)) {
    return {0, steps};
  }
  // The first step at or after `time`.
  const auto step_at = [&](int64_t time) -> size_t {
    if (time <= grid.start) return 0;
    if (time > grid.at(steps - 1)) return steps;
    return (static_cast<uint64_t>(time) - static_cast<uint64_t>(grid.start) +
            static_cast<uint64_t>(grid.step) - 1) /
           static_cast<uint64_t>(grid.step);
  };
  const size_t first = step_at(from);
  return {first, std::max(first, step_at(until))};
}

}  // namespace

int64_t SamplesInWindows(const Windows& windows, const SeriesSamples& samples,
                         std::vector<int64_t>& scratch) {
  const int64_t floats = SumOverWindows(windows, samples.floats.t, [](size_t low, size_t high) {
    return static_cast<int64_t>(high - low);
  });
  const HistogramSamples& histograms = samples.histograms;
  if (histograms.empty()) return floats;
  std::vector<int64_t>& until = scratch;
  until.resize(histograms.size() + 1);
  until[0] = 0;
  for (size_t i = 0; i < histograms.size(); ++i) {
    until[i + 1] = until[i] + SizeInSamples(*histograms.h[i]);
  }
  return floats + SumOverWindows(windows, histograms.t,
                                 [&](size_t low, size_t high) { return until[high] - until[low]; });
}

RangeRunner::RangeRunner(FunctionId id, RangeKernel kernel,
                         const std::vector<std::vector<double>>& params, bool use_start_timestamps)
    : id_(id),
      kernel_(kernel),
      params_(params),
      use_start_timestamps_(use_start_timestamps && UsesStartTimestamps(id)) {}

int64_t RangeRunner::Run(const Windows& windows, const SeriesSamples& samples,
                         std::span<double> out, std::vector<HistogramPtr>& histograms,
                         RangeNotes& notes) {
  RangeInput input;
  input.t = samples.floats.t;
  input.v = samples.floats.v;
  input.grid = windows.grid;
  input.range_ms = windows.range_ms;
  input.offset_ms = windows.offset_ms;
  input.windows = &float_windows_;
  if (use_start_timestamps_) input.st = samples.floats.st;
  input.histogram_t = samples.histograms.t;
  if (windows.fixed) return RunFixed(input, windows, samples, out, histograms, notes);

  if (params_.size() > 0) input.param0 = params_[0];
  if (params_.size() > 1) input.param1 = params_[1];
  const int64_t read = RunFloats(input, out, notes);
  if (samples.histograms.empty()) return read;
  RunHistograms(input, samples.histograms, out, histograms, notes);
  return SamplesInWindows(windows, samples, sizes_);
}

int64_t RangeRunner::RunDense(const Windows& windows, const DenseSamples& samples,
                              DenseColumn& out) {
  RangeInput input;
  input.t = samples.t;
  input.grid = windows.grid;
  input.range_ms = windows.range_ms;
  input.offset_ms = windows.offset_ms;
  input.windows = &histogram_windows_;
  DenseRate(id_, input, samples.rows, out);
  return histogram_windows_.samples() * samples.rows.size_in_samples();
}

// The window stands still while the evaluation time and the parameters move on.
int64_t RangeRunner::RunFixed(RangeInput input, const Windows& windows,
                              const SeriesSamples& samples, std::span<double> out,
                              std::vector<HistogramPtr>& histograms, RangeNotes& notes) {
  int64_t read = 0;
  for (size_t s = out.size(); s-- > 0;) {
    const int64_t t = windows.grid.at(s);
    input.grid = Grid::Instant(t);
    input.offset_ms = t - windows.End(s);
    if (params_.size() > 0) input.param0 = std::span(params_[0]).subspan(s, 1);
    if (params_.size() > 1) input.param1 = std::span(params_[1]).subspan(s, 1);
    read += RunFloats(input, out.subspan(s, 1), notes);
  }
  if (samples.histograms.empty()) return read;
  // `input` is that of the first step; where histograms have a say, all steps are alike.
  const auto before = std::bit_cast<uint64_t>(out[0]);
  RunHistograms(input, samples.histograms, out.first(1), histograms, notes);
  if (!histograms.empty() || std::bit_cast<uint64_t>(out[0]) != before) {
    std::fill(out.begin(), out.end(), out[0]);
    if (!histograms.empty()) histograms.assign(out.size(), HistogramPtr(histograms[0]));
    notes.overlaps *= static_cast<int64_t>(out.size());
  }
  return SamplesInWindows(windows, samples, sizes_);
}

int64_t RangeRunner::RunFloats(const RangeInput& input, std::span<double> out, RangeNotes& notes) {
  const StepRange reach = input.t.empty() ? StepRange{0, 0} : StepsThatReach(input, out.size());
  const size_t steps = reach.last - reach.first;
  if (steps < out.size()) {
    std::fill(out.begin(), out.end(), Absent());
    if (steps == 0) return 0;
    RangeInput part = input;
    part.grid.start = input.grid.at(reach.first);
    part.grid.end = input.grid.at(reach.last - 1);
    if (!input.param0.empty()) part.param0 = input.param0.subspan(reach.first, steps);
    if (!input.param1.empty()) part.param1 = input.param1.subspan(reach.first, steps);
    return RunFloats(part, out.subspan(reach.first, steps), notes);
  }
  if (input.st.empty()) {
    kernel_(input, out);
  } else {
    StartTimestampKernel(id_, input, out, notes);
  }
  return float_windows_.samples();
}

void RangeRunner::RunHistograms(const RangeInput& input, const HistogramSamples& samples,
                                std::span<double> out, std::vector<HistogramPtr>& histograms,
                                RangeNotes& notes) {
  results_.BeginRound();
  HistogramInput native{samples.t, samples.h, {}, &histogram_windows_, &results_};
  if (use_start_timestamps_) native.st = samples.st;
  histograms.resize(out.size());
  ApplyToHistograms(id_, input, native, out, histograms, notes);
  const auto is_null = [](const HistogramPtr& h) { return h == nullptr; };
  if (std::all_of(histograms.begin(), histograms.end(), is_null)) histograms.clear();
}

}  // namespace synoptic::promql::internal
