// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/smooth.h"

#include <algorithm>

#include "promql/functions/interpolate_histogram.h"

namespace synoptic::promql::internal {

void Smoother::Place::Move(std::span<const int64_t> times, int64_t t, int64_t lookback_ms) {
  while (low < times.size() && times[low] <= t - lookback_ms) ++low;
  high = std::max(high, low);
  while (high < times.size() && times[high] <= t + lookback_ms) ++high;
  next = std::max(next, low);
  while (next < times.size() && times[next] < t) ++next;
}

Smoother::Value Smoother::At(int64_t t, RangeNotes& notes) {
  floats_.Move(samples_.floats.t, t, lookback_ms_);
  histograms_.Move(samples_.histograms.t, t, lookback_ms_);
  if (histograms_.empty()) return {Float(t), nullptr};
  if (floats_.empty()) return {Absent(), Histogram(t, notes)};
  notes.mixed_types = true;
  return {Absent(), nullptr};
}

double Smoother::Float(int64_t t) const {
  const auto& [times, values, st] = samples_.floats;
  const size_t next = floats_.next;
  if (floats_.has_next() && times[next] == t) return values[next];
  if (!floats_.has_previous()) return Absent();
  const double before = values[next - 1];
  if (!floats_.has_next()) return before;
  return before + (values[next] - before) * static_cast<double>(t - times[next - 1]) /
                      static_cast<double>(times[next] - times[next - 1]);
}

HistogramPtr Smoother::Histogram(int64_t t, RangeNotes& notes) const {
  const auto& [times, histograms, st] = samples_.histograms;
  const size_t next = histograms_.next;
  if (histograms_.has_next() && times[next] == t) return histograms[next];
  if (!histograms_.has_previous()) return nullptr;
  const FloatHistogram& before = *histograms[next - 1];
  if (!histograms_.has_next()) {
    // Its hint was about the sample in front of it.
    if (before.hint == CounterResetHint::kUnknown) return histograms[next - 1];
    auto copy = std::make_shared<FloatHistogram>(before);
    copy->hint = CounterResetHint::kUnknown;
    return copy;
  }
  const FloatHistogram& after = *histograms[next];
  if (before.UsesCustomBuckets() != after.UsesCustomBuckets()) {
    notes.mixed_schemas = true;
    return nullptr;
  }
  const bool is_counter =
      before.hint != CounterResetHint::kGauge || after.hint != CounterResetHint::kGauge;
  auto between =
      InterpolateHistogram({times[next - 1], before}, {times[next], after}, t, is_counter, notes);
  if (!between.ok()) return nullptr;  // only ever because of their kinds of buckets
  return std::make_shared<FloatHistogram>(*std::move(between));
}

}  // namespace synoptic::promql::internal
