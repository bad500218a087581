// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/extended_range.h"

#include <algorithm>
#include <cmath>

#include "base/status.h"
#include "promql/eval/extended_difference.h"
#include "promql/functions/extended_histogram.h"
#include "promql/functions/merged_samples.h"

namespace synoptic::promql::internal {
namespace {

// Samples of one window with its margins, and where the window's own edges lie among them.
struct Extent {
  SampleSpan samples;
  size_t first = 0;
  size_t last = 0;
  int64_t start = 0;
  int64_t end = 0;
  bool smoothed = false;
};

size_t FirstAtLeast(std::span<const int64_t> t, size_t limit, int64_t bound) {
  return static_cast<size_t>(
      std::lower_bound(t.begin(), t.begin() + static_cast<std::ptrdiff_t>(limit), bound) -
      t.begin());
}

// False when no sample lies behind the window's start.
bool FindExtent(const SampleSpan& samples, int64_t start, int64_t end, bool smoothed,
                Extent& extent) {
  if (samples.empty()) return false;
  extent = {samples, 0, samples.size() - 1, start, end, smoothed};
  const size_t behind_start = FirstAtLeast(samples.t, extent.last, start + 1);
  extent.first = behind_start == 0 ? 0 : behind_start - 1;
  if (smoothed) extent.last = FirstAtLeast(samples.t, extent.last, end);
  return samples.t[extent.last] > start;
}

double Interpolate(const SampleSpan& s, size_t i, int64_t t, bool counter) {
  double y1 = s.v[i];
  const double y2 = s.v[i + 1];
  if (counter && y2 < y1) y1 = 0;  // it started again from zero
  return y1 +
         (y2 - y1) * static_cast<double>(t - s.t[i]) / static_cast<double>(s.t[i + 1] - s.t[i]);
}

double LeftValue(const Extent& e, bool counter) {
  if (e.smoothed && e.samples.t[e.first] < e.start) {
    return Interpolate(e.samples, e.first, e.start, counter);
  }
  return e.samples.v[e.first];
}

double RightValue(const Extent& e, bool counter) {
  if (e.smoothed && e.last > 0 && e.samples.t[e.last] > e.end) {
    return Interpolate(e.samples, e.last - 1, e.end, counter);
  }
  return e.samples.v[e.last];
}

// [begin, end) of the samples strictly inside the window.
std::pair<size_t, size_t> Inside(const Extent& e) {
  const size_t begin = e.first + (e.samples.t[e.first] <= e.start ? 1 : 0);
  const size_t end = e.last + (e.samples.t[e.last] >= e.end ? 0 : 1);
  return {begin, std::max(begin, end)};
}

double CounterCorrection(const Extent& e, double left, double right) {
  const auto [begin, end] = Inside(e);
  double correction = 0, previous = left;
  for (size_t i = begin; i < end; ++i) {
    if (e.samples.v[i] < previous) correction += previous;
    previous = e.samples.v[i];
  }
  if (right < previous) correction += previous;
  return correction;
}

double Difference(FunctionId id, const Extent& e, int64_t range_ms) {
  if (e.smoothed && e.samples.t[e.first] > e.end) return Absent();
  const bool counter = id != FunctionId::kDelta;
  const double left = LeftValue(e, counter);
  const double right = RightValue(e, counter);
  double result = right - left;
  if (counter) result += CounterCorrection(e, left, right);
  if (id == FunctionId::kRate) result /= DurationSeconds(range_ms);
  return result;
}

bool IsDifference(FunctionId id) {
  return id == FunctionId::kRate || id == FunctionId::kIncrease || id == FunctionId::kDelta;
}

// The part of a column that a window and its margins hold, moving forward.
class Visible {
 public:
  explicit Visible(std::span<const int64_t> t) : t_(t) {}
  void Move(int64_t after, int64_t until) {
    while (low_ < t_.size() && t_[low_] <= after) ++low_;
    high_ = std::max(high_, low_);
    while (high_ < t_.size() && t_[high_] <= until) ++high_;
  }
  bool empty() const { return low_ == high_; }
  template <class T>
  std::span<const T> Of(std::span<const T> column) const {
    return column.subspan(low_, high_ - low_);
  }

 private:
  std::span<const int64_t> t_;
  size_t low_ = 0, high_ = 0;
};

void RunDifferences(FunctionId id, ExtendedKind kind, const Windows& windows, int64_t lookback_ms,
                    const SeriesSamples& samples, std::span<double> out,
                    std::vector<HistogramPtr>& histograms, RangeNotes& notes) {
  const bool smoothed = kind == ExtendedKind::kSmoothed;
  const Margins margins = ExtendedMargins(kind, lookback_ms);
  if (samples.histograms.empty()) {
    return FloatDifferences(id, smoothed, windows, margins, samples.floats, out);
  }
  Visible floats(samples.floats.t), native(samples.histograms.t);
  histograms.resize(out.size());
  for (size_t s = 0; s < out.size(); ++s) {
    const int64_t start = windows.Start(s), end = windows.End(s);
    floats.Move(start - margins.before_ms, end + margins.after_ms);
    native.Move(start - margins.before_ms, end + margins.after_ms);
    out[s] = Absent();
    Extent extent;
    if (native.empty()) {
      const SampleSpan visible{floats.Of(samples.floats.t), floats.Of(samples.floats.v)};
      if (FindExtent(visible, start, end, smoothed, extent)) {
        out[s] = Difference(id, extent, windows.range_ms);
      }
    } else if (floats.empty()) {
      const HistogramInput visible{
          native.Of(samples.histograms.t), native.Of(samples.histograms.h), {}};
      histograms[s] = ExtendedHistogramRate(id, visible, {start, end, smoothed}, notes);
    } else {
      notes.mixed_types = true;
    }
  }
}

// changes and resets from the newest sample at or before the window's start on, if anything
// follows.
void CountTransitions(FunctionId id, const Windows& windows, int64_t lookback_ms,
                      const SeriesSamples& samples, std::span<double> out) {
  RangeInput floats;
  floats.t = samples.floats.t;
  floats.v = samples.floats.v;
  floats.st = samples.floats.st;
  const MergedSamples merged(floats,
                             {samples.histograms.t, samples.histograms.h, samples.histograms.st});
  const std::span<const int64_t> t = merged.t();
  std::vector<uint32_t> until(t.size());  // events up to and including each sample
  for (size_t i = 1; i < t.size(); ++i) {
    const bool event = id == FunctionId::kResets ? merged.IsReset(i) : merged.IsChange(i);
    until[i] = until[i - 1] + (event ? 1 : 0);
  }
  size_t low = 0, high = 0;
  for (size_t s = 0; s < out.size(); ++s) {
    const int64_t start = windows.Start(s), end = windows.End(s);
    while (low < t.size() && t[low] <= start) ++low;
    while (high < t.size() && t[high] <= end) ++high;
    out[s] = Absent();
    if (low >= high) continue;
    const bool anchored = low > 0 && t[low - 1] > start - lookback_ms;
    out[s] = static_cast<double>(until[high - 1] - until[anchored ? low - 1 : low]);
  }
}

}  // namespace

absl::StatusOr<std::optional<ExtendedKind>> ExtendedKindOf(const Expr& arg,
                                                           const Function& function) {
  if (arg.kind != ExprKind::kMatrixSelector) return std::optional<ExtendedKind>();
  const VectorSelector& selector = *As<MatrixSelector>(arg).selector;
  const bool counts = function.id == FunctionId::kChanges || function.id == FunctionId::kResets;
  if (selector.anchored) {
    if (counts || IsDifference(function.id)) return std::optional(ExtendedKind::kAnchored);
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "anchored modifier can only be used with: changes, delta, increase, rate, "
                      "resets - not with {}",
                      function.name);
  }
  if (selector.smoothed) {
    if (IsDifference(function.id)) return std::optional(ExtendedKind::kSmoothed);
    return MakeStatus(
        absl::StatusCode::kFailedPrecondition,
        "smoothed modifier can only be used with: delta, increase, rate - not with {}",
        function.name);
  }
  return std::optional<ExtendedKind>();
}

Margins ExtendedMargins(std::optional<ExtendedKind> kind, int64_t lookback_ms) {
  if (!kind.has_value()) return {};
  return {lookback_ms, *kind == ExtendedKind::kSmoothed ? lookback_ms : 0};
}

void RunExtended(FunctionId id, ExtendedKind kind, const Windows& windows, int64_t lookback_ms,
                 const SeriesSamples& samples, std::span<double> out,
                 std::vector<HistogramPtr>& histograms, RangeNotes& notes) {
  if (IsDifference(id)) {
    RunDifferences(id, kind, windows, lookback_ms, samples, out, histograms, notes);
    const auto is_null = [](const HistogramPtr& h) { return h == nullptr; };
    if (std::all_of(histograms.begin(), histograms.end(), is_null)) histograms.clear();
  } else {
    CountTransitions(id, windows, lookback_ms, samples, out);
  }
}

void ExtendSamples(ExtendedKind kind, int64_t start, int64_t end, const SampleSpan& samples,
                   SampleColumns& out) {
  Extent extent;
  if (!FindExtent(samples, start, end, kind == ExtendedKind::kSmoothed, extent)) return;
  out.push_back(start, LeftValue(extent, false));
  const auto [begin, limit] = Inside(extent);
  for (size_t i = begin; i < limit; ++i) out.push_back(samples.t[i], samples.v[i]);
  out.push_back(end, RightValue(extent, false));
}

absl::Status NoExtendedHistograms(ExtendedKind kind) {
  return MakeStatus(absl::StatusCode::kFailedPrecondition,
                    "{} modifier is not supported with histograms",
                    kind == ExtendedKind::kAnchored ? "anchored" : "smoothed");
}

}  // namespace synoptic::promql::internal
