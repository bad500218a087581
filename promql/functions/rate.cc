// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// rate, increase, delta, irate, idelta.
#include <vector>

#include "promql/functions/kernels.h"
#include "promql/functions/resets.h"
#include "promql/functions/simd.h"
#include "promql/functions/window.h"

namespace synoptic::promql {
namespace {

double Seconds(int64_t ms) { return static_cast<double>(ms) / 1000; }

// What the steps below work on, one value per step: the value of the window's first sample, and the
// increase from there to the last.
struct Columns {
  const double* first;
  const double* increase;
};

SYNOPTIC_CLONES void SubtractMoving(const double* v, size_t lo, size_t hi, size_t steps,
                                    double* first, double* increase) {
  const double* const last = v + hi - 1;
  v += lo;
  for (size_t i = 0; i < steps; ++i) {
    first[i] = v[i];
    increase[i] = last[i] - v[i];
  }
}

// Extends the increase between the first and last sample to the whole window, unless the series
// seems to start or end inside of it.
template <bool kCounter>
SYNOPTIC_INLINE void Extend(const Columns& in, const WindowSet::Extents& extents,
                            double range_seconds, std::span<double> out) {
  const double* const first = in.first;
  const double* const increase = in.increase;
  const double* const sampled = extents.sampled.data();
  const double* const starts = extents.to_start.data();
  const double* const ends = extents.to_end.data();
  double* const result = out.data();
  const double divisor = range_seconds != 0 ? range_seconds : 1.0;
  for (size_t i = 0; i < out.size(); ++i) {
    double to_start = starts[i];
    if (kCounter) {
      // A counter is never below zero: do not extend past where it would have been zero.
      const double to_zero = sampled[i] * (first[i] / increase[i]);
      const bool clipped = (increase[i] > 0) & (first[i] >= 0) & (to_zero < to_start);
      to_start = clipped ? to_zero : to_start;
    }
    const double factor = (sampled[i] + to_start + ends[i]) / sampled[i] / divisor;
    result[i] = increase[i] * factor;
  }
}
SYNOPTIC_CLONES void ExtendCounter(const Columns& in, const WindowSet::Extents& extents,
                                   double range_seconds, std::span<double> out) {
  Extend<true>(in, extents, range_seconds, out);
}
SYNOPTIC_CLONES void ExtendGauge(const Columns& in, const WindowSet::Extents& extents,
                                 double range_seconds, std::span<double> out) {
  Extend<false>(in, extents, range_seconds, out);
}

template <bool kCounter>
void ExtrapolatedRate(const RangeInput& in, std::span<double> out, double range_seconds) {
  WindowList windows(in);
  WindowSet& set = windows.set();
  const std::span<const uint32_t> lo = set.lo(), hi = set.hi();
  const size_t steps = out.size();
  StepVector<double>& first = set.scratch().first;
  StepVector<double>& increase = set.scratch().second;
  first.resize(steps);
  increase.resize(steps);
  size_t moving = 0;
  if (hi[0] - lo[0] >= 2) {
    moving = set.moving();
    SubtractMoving(in.v.data(), lo[0], hi[0], moving, first.data(), increase.data());
  }
  for (size_t i = moving; i < steps; ++i) {
    const bool enough = hi[i] - lo[i] >= 2;
    first[i] = enough ? in.v[lo[i]] : 0.0;
    increase[i] = enough ? in.v[hi[i] - 1] - in.v[lo[i]] : 0.0;
  }
  if (kCounter) AddWhatResetsLost(in.v, lo, hi, increase, set.Kept<ResetScratch>());
  const Columns columns{first.data(), increase.data()};
  if (kCounter) {
    ExtendCounter(columns, set.extents(), range_seconds, out);
  } else {
    ExtendGauge(columns, set.extents(), range_seconds, out);
  }
  for (size_t i = moving; i < steps; ++i) {
    if (hi[i] - lo[i] < 2) out[i] = Absent();
  }
}

// From the last two samples of each window.
template <bool kRate>
void InstantValue(const RangeInput& in, std::span<double> out) {
  ForEachWindow(in, out, [&](const Window& w, size_t) {
    if (w.size() < 2) return Absent();
    const double previous = in.v[w.hi - 2];
    const double last = in.v[w.hi - 1];
    if (!kRate) return last - previous;
    // After a reset the counter started from zero.
    const double increase = last < previous ? last : last - previous;
    return increase / Seconds(in.t[w.hi - 1] - in.t[w.hi - 2]);
  });
}

}  // namespace

void RateKernel(const RangeInput& in, std::span<double> out) {
  ExtrapolatedRate<true>(in, out, DurationSeconds(in.range_ms));
}
void IncreaseKernel(const RangeInput& in, std::span<double> out) {
  ExtrapolatedRate<true>(in, out, 0);
}
void DeltaKernel(const RangeInput& in, std::span<double> out) {
  ExtrapolatedRate<false>(in, out, 0);
}
void IrateKernel(const RangeInput& in, std::span<double> out) { InstantValue<true>(in, out); }
void IdeltaKernel(const RangeInput& in, std::span<double> out) { InstantValue<false>(in, out); }

}  // namespace synoptic::promql
