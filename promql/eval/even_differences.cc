// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/even_differences.h"

#include <algorithm>

#include "promql/functions/regular_times.h"
#include "promql/functions/simd.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {
namespace {

// A window's places among the samples, for the first of the steps: for others so many further on.
// Between two samples a value is on the line through them.
struct Shape {
  const double* v;
  size_t moved;  // samples from one step to the next
  size_t first, last;
  size_t begin, end;  // strictly inside
  bool left_between, right_between;
  double left_dt, right_dt;  // from the sample before the window's edge
  double interval;
};

template <bool kCounter>
SYNOPTIC_INLINE void Fill(const Shape& shape, size_t steps, double* out) {
  const double* const v = shape.v;
  const bool inside = shape.begin < shape.end;
  for (size_t i = 0; i < steps; ++i) {
    const size_t at = i * shape.moved;
    const size_t first = shape.first + at, last = shape.last + at;
    double left = v[first], right = v[last];
    if (shape.left_between) left += (v[first + 1] - left) * shape.left_dt / shape.interval;
    if (shape.right_between) {
      const double before = v[last - 1];
      right = before + (right - before) * shape.right_dt / shape.interval;
    }
    const double difference = right - left;
    double correction = 0;
    if (kCounter && inside) {
      correction = v[shape.begin + at] < left ? left : 0.0;
      const double newest = v[shape.end - 1 + at];
      correction = right < newest ? correction + newest : correction;
    } else if (kCounter) {
      correction = right < left ? left : 0.0;
    }
    out[i] = kCounter ? difference + correction : difference;
  }
}
SYNOPTIC_CLONES void FillCounter(const Shape& shape, size_t steps, double* out) {
  Fill<true>(shape, steps, out);
}
SYNOPTIC_CLONES void FillGauge(const Shape& shape, size_t steps, double* out) {
  Fill<false>(shape, steps, out);
}

}  // namespace

EvenSteps EvenDifferences(const DifferenceKind& kind, const Windows& windows,
                          const Margins& margins, const SampleSpan& samples,
                          std::span<double> out) {
  constexpr int64_t kFewest = 8;              // steps
  constexpr int64_t kFar = int64_t{1} << 60;  // ms: no sum below is out of range
  const int64_t steps = static_cast<int64_t>(out.size());
  if (windows.fixed || steps < kFewest) return {};
  const int64_t interval = IntervalOf(samples.t);
  if (interval == 0 || windows.grid.step % interval != 0) return {};
  const int64_t start = windows.Start(0), end = windows.End(0), t0 = samples.t[0];
  for (const int64_t t : {start, end, t0, windows.grid.end}) {
    if (t < -kFar || t > kFar) return {};
  }
  const int64_t moved = windows.grid.step / interval;
  // How many samples are at or before a time of the first step; may be negative, or too many.
  const auto until = [&](int64_t t) { return FloorDivide(t - t0, interval) + 1; };
  const int64_t low = until(start - margins.before_ms), high = until(end + margins.after_ms);
  const int64_t behind_start = until(start), at_end = until(end - 1);
  // Nothing is found by its being the first or the last sample there is, but in between.
  const int64_t newest_needed = kind.smoothed ? std::max(at_end, behind_start) : high - 1;
  const int64_t begin = low >= 0 ? 0 : (-low + moved - 1) / moved;
  const int64_t room = static_cast<int64_t>(samples.size()) - 1 - newest_needed;
  const int64_t limit = room < 0 ? 0 : std::min(steps, room / moved + 1);
  if (limit - begin < kFewest || low >= high) return {};

  const int64_t newest = high - 1;
  const int64_t behind = std::clamp(behind_start, low, newest);
  const int64_t first = behind == low ? low : behind - 1;
  const int64_t last = kind.smoothed ? std::clamp(at_end, low, newest) : newest;
  const auto time_of = [&](int64_t i) { return t0 + i * interval; };
  const EvenSteps filled{static_cast<size_t>(begin), static_cast<size_t>(limit)};
  double* const to = out.data() + begin;
  if (time_of(last) <= start || (kind.smoothed && time_of(first) > end)) {
    std::fill(to, out.data() + limit, Absent());
    return filled;
  }
  const auto index = [&](int64_t i) { return static_cast<size_t>(i + begin * moved); };
  const Shape shape{
      .v = samples.v.data(),
      .moved = static_cast<size_t>(moved),
      .first = index(first),
      .last = index(last),
      .begin = index(first + (time_of(first) <= start ? 1 : 0)),
      .end = index(last + (time_of(last) >= end ? 0 : 1)),
      .left_between = kind.smoothed && time_of(first) < start,
      .right_between = kind.smoothed && last > low && time_of(last) > end,
      .left_dt = static_cast<double>(start - time_of(first)),
      .right_dt = static_cast<double>(end - time_of(last - 1)),
      .interval = static_cast<double>(interval),
  };
  const size_t count = filled.last - filled.first;
  if (kind.counter) {
    FillCounter(shape, count, to);
  } else {
    FillGauge(shape, count, to);
  }
  return filled;
}

}  // namespace synoptic::promql::internal
