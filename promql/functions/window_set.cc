// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/window_set.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "promql/functions/regular_times.h"
#include "promql/functions/simd.h"
#include "promql/functions/window.h"

namespace synoptic::promql {
namespace {

double Seconds(int64_t ms) { return static_cast<double>(ms) / 1000; }

// First index at or after `from` whose time is over `time`. Most moves are short, by how much only
// chance tells where times have jitter: so a few samples are counted without a branch. The first
// move and those over sparse grids are long: a gallop.
inline size_t Advance(std::span<const int64_t> t, size_t from, int64_t time) {
  const size_t size = t.size();
  const int64_t* const data = t.data();
  if (from + 4 <= size) {
    const int64_t* const near = data + from;
    const int before =
        (near[0] <= time) + (near[1] <= time) + (near[2] <= time) + (near[3] <= time);
    from += static_cast<size_t>(before);
    if (before < 4) return from;
  } else {
    while (from < size && data[from] <= time) ++from;
    return from;
  }
  size_t stride = 4;
  while (from + stride <= size && data[from + stride - 1] <= time) {
    from += stride;
    stride *= 2;
  }
  return static_cast<size_t>(
      std::upper_bound(data + from, data + std::min(size, from + stride), time) - data);
}

// Where each of kLanes times, `step` apart, ends among samples that are about as far apart: at the
// place `expected` and up to two further on, the next one further with each time. False: elsewhere.
// REQUIRES: t[-1] and t[kLanes + 1] are samples; t[0] is the one at `expected`.
SYNOPTIC_CLONES bool FindNear(const int64_t* t, int64_t time, int64_t step, uint32_t expected,
                              uint32_t* out) {
  uint32_t near = 1;
  for (uint32_t i = 0; i < kLanes; ++i) {
    const int64_t at = time + static_cast<int64_t>(i) * step;
    near &= static_cast<uint32_t>(t[static_cast<ptrdiff_t>(i) - 1] <= at) &
            static_cast<uint32_t>(t[i + 2] > at);
    out[i] =
        expected + i + static_cast<uint32_t>(t[i] <= at) + static_cast<uint32_t>(t[i + 1] <= at);
  }
  return near != 0;
}

// Whether there is about one sample to a step, and no time is so far off that sums overflow.
bool AboutOneToAStep(const RangeInput& in) {
  constexpr int64_t kFar = int64_t{1} << 60;
  for (const int64_t t : {in.t.front(), in.t.back(), in.grid.start, in.grid.end, in.offset_ms,
                          in.range_ms, in.grid.step}) {
    if (t < -kFar || t > kFar) return false;
  }
  const double length = static_cast<double>(in.t.back() - in.t.front());
  const double steps = static_cast<double>(in.t.size() - 1) * static_cast<double>(in.grid.step);
  return in.t.size() > 2 * kLanes && steps < 1.5 * length && length < 1.5 * steps;
}

SYNOPTIC_CLONES void FillLine(uint32_t first, uint32_t slope, std::span<uint32_t> out) {
  for (uint32_t i = 0; i < static_cast<uint32_t>(out.size()); ++i) out[i] = first + i * slope;
}

// out[i] = first + i * slope, within [0, most]. Returns between which i none had to be moved there.
// REQUIRES: slope > 0, and the last one does not overflow.
std::pair<size_t, size_t> FillRamp(int64_t first, int64_t slope, int64_t most,
                                   std::span<uint32_t> out) {
  const int64_t size = static_cast<int64_t>(out.size());
  const int64_t below = first >= 0 ? 0 : FloorDivide(-1 - first, slope) + 1;
  const int64_t from = std::min(size, below);
  const int64_t to =
      first > most ? from : std::clamp(FloorDivide(most - first, slope) + 1, from, size);
  std::fill_n(out.begin(), from, 0);
  if (from < to) {
    FillLine(static_cast<uint32_t>(first + from * slope), static_cast<uint32_t>(slope),
             out.subspan(static_cast<size_t>(from), static_cast<size_t>(to - from)));
  }
  std::fill(out.begin() + to, out.end(), static_cast<uint32_t>(most));
  return {static_cast<size_t>(from), static_cast<size_t>(to)};
}

SYNOPTIC_CLONES int64_t SumOfSizes(std::span<const uint32_t> lo, std::span<const uint32_t> hi) {
  int64_t sum = 0;
  for (size_t i = 0; i < lo.size(); ++i) sum += static_cast<int64_t>(hi[i] - lo[i]);
  return sum;
}

// Extents of windows that do not look alike: given in milliseconds, `intervals` as one less than
// the samples of each window.
SYNOPTIC_CLONES void MeasureAll(size_t size, double* sampled, double* to_start, double* to_end,
                                const double* intervals) {
  for (size_t i = 0; i < size; ++i) {
    const double length = sampled[i] / 1000, before = to_start[i] / 1000, behind = to_end[i] / 1000;
    const double average = length / intervals[i];
    const double threshold = average * 1.1;
    sampled[i] = length;
    to_start[i] = before >= threshold ? average / 2 : before;
    to_end[i] = behind >= threshold ? average / 2 : behind;
  }
}

}  // namespace

bool WindowSet::SameAs(const RangeInput& in) const {
  return !t_.empty() && t_.size() == in.t.size() && grid_ == in.grid && range_ms_ == in.range_ms &&
         offset_ms_ == in.offset_ms && t_.back() == in.t.back() &&
         std::memcmp(t_.data(), in.t.data(), t_.size() * sizeof(int64_t)) == 0;
}

void WindowSet::Assign(const RangeInput& in) {
  times_ = in.t;
  if (SameAs(in)) return;
  grid_ = in.grid;
  range_ms_ = in.range_ms;
  offset_ms_ = in.offset_ms;
  has_extents_ = false;
  samples_ = 0;
  alike_from_ = alike_to_ = 0;
  const size_t steps = in.grid.size();
  // Remembering times costs as much as finding a few windows among them.
  if (in.t.size() <= 16 * steps) {
    t_.assign(in.t.begin(), in.t.end());
  } else {
    t_.clear();
  }
  lo_.resize(steps);
  hi_.resize(steps);
  if (!AssignRegular(in)) AssignAny(in);
}

bool WindowSet::AssignRegular(const RangeInput& in) {
  const int64_t interval = IntervalOf(in.t);
  if (interval <= 0 || in.grid.step % interval != 0) return false;
  // Ends and starts of windows as numbers of samples behind the first one.
  const int64_t samples = static_cast<int64_t>(in.t.size());
  const int64_t moved = std::max<int64_t>(1, in.grid.step / interval);  // one step is no length
  const int64_t last_step = static_cast<int64_t>(lo_.size()) - 1;
  int64_t end, start, travel, last;
  if (__builtin_sub_overflow(in.grid.start, in.offset_ms, &end) ||
      __builtin_sub_overflow(end, in.t[0], &end) ||
      __builtin_sub_overflow(end, in.range_ms, &start) ||
      __builtin_mul_overflow(last_step, in.grid.step, &travel) ||
      __builtin_add_overflow(end, travel, &last) || last == INT64_MAX) {
    return false;
  }
  // With no window's time beyond 64 bits here, none is beyond them anywhere.
  const int64_t first_hi = FloorDivide(end, interval) + 1;
  const int64_t first_lo = FloorDivide(start, interval) + 1;
  const auto [hi_from, hi_to] =
      FillRamp(first_hi, moved, samples, std::span(hi_.data(), hi_.size()));
  const auto [lo_from, lo_to] =
      FillRamp(first_lo, moved, samples, std::span(lo_.data(), lo_.size()));
  alike_from_ = std::max(hi_from, lo_from);
  alike_to_ = std::min(hi_to, lo_to);
  samples_ = SumOfSizes(lo_, hi_);
  moving_ = 1;
  if (moved == 1 && first_lo >= 0 && first_hi >= 0 && first_hi < samples) {
    moving_ += static_cast<size_t>(std::min(last_step, samples - first_hi));
  }
  return true;
}

void WindowSet::AssignAny(const RangeInput& in) {
  const size_t steps = lo_.size();
  size_t lo = 0, hi = 0;
  moving_ = 0;
  // Times with jitter: where a window ends by them only chance tells, but it is near.
  size_t look_near_at = !in.t.empty() && AboutOneToAStep(in) ? 1 : steps;
  for (size_t i = 0; i < steps;) {
    const int64_t end = SaturatingSub(in.grid.at(i), in.offset_ms);
    const int64_t start = SaturatingSub(end, in.range_ms);
    if (i >= look_near_at && i + kLanes <= steps && moving_ < i && lo > 0 &&
        hi + kLanes + 2 <= in.t.size()) {
      const auto find = [&](size_t from, int64_t time, uint32_t* out) {
        return FindNear(in.t.data() + from, time, in.grid.step, static_cast<uint32_t>(from), out);
      };
      if (find(hi, end, &hi_[i]) && find(lo, start, &lo_[i])) {
        for (const size_t last = i + kLanes; i < last; ++i) {
          samples_ += static_cast<int64_t>(hi_[i] - lo_[i]);
        }
        lo = lo_[i - 1];
        hi = hi_[i - 1];
        continue;
      }
      look_near_at = i + kLanes;
    }
    const size_t old_lo = lo, old_hi = hi;
    hi = Advance(in.t, hi, end);
    lo = std::min(Advance(in.t, lo, start), hi);
    if (i == 0 || (moving_ == i && lo - old_lo == 1 && hi - old_hi == 1)) ++moving_;
    lo_[i] = static_cast<uint32_t>(lo);
    hi_[i] = static_cast<uint32_t>(hi);
    samples_ += static_cast<int64_t>(hi - lo);
    ++i;
  }
}

void WindowSet::MeasureFrom(size_t first) {
  const size_t steps = lo_.size();
  intervals_.assign(steps - first, 1.0);
  for (size_t i = first; i < steps; ++i) {
    const uint32_t count = hi_[i] - lo_[i];
    if (count < 2) {
      extents_.sampled[i] = 1000;
      continue;
    }
    const int64_t end = SaturatingSub(grid_.at(i), offset_ms_);
    const int64_t first_t = times_[lo_[i]], last_t = times_[hi_[i] - 1];
    intervals_[i - first] = static_cast<double>(count - 1);
    extents_.sampled[i] = static_cast<double>(last_t - first_t);
    extents_.to_start[i] = static_cast<double>(first_t - SaturatingSub(end, range_ms_));
    extents_.to_end[i] = static_cast<double>(end - last_t);
  }
  MeasureAll(steps - first, extents_.sampled.data() + first, extents_.to_start.data() + first,
             extents_.to_end.data() + first, intervals_.data());
}

const WindowSet::Extents& WindowSet::extents() {
  if (has_extents_) return extents_;
  has_extents_ = true;
  const size_t steps = lo_.size();
  extents_.sampled.assign(steps, 1.0);
  extents_.to_start.assign(steps, 0.0);
  extents_.to_end.assign(steps, 0.0);
  // Of the window before: most look alike, and divisions are slow.
  int64_t last_length = -1, last_before = -1, last_behind = -1;
  uint32_t last_count = 0;
  double sampled = 1, to_start = 0, to_end = 0;
  size_t differ = 0;
  for (size_t i = 0; i < steps; ++i) {
    if (differ >= 8 && differ > i / 2) {
      MeasureFrom(i);
      break;
    }
    if (alike_from_ < i && i < alike_to_) {
      const size_t count = alike_to_ - i;
      std::fill_n(extents_.sampled.begin() + i, count, extents_.sampled[i - 1]);
      std::fill_n(extents_.to_start.begin() + i, count, extents_.to_start[i - 1]);
      std::fill_n(extents_.to_end.begin() + i, count, extents_.to_end[i - 1]);
      i = alike_to_ - 1;
      continue;
    }
    const uint32_t count = hi_[i] - lo_[i];
    if (count < 2) continue;
    const int64_t end = SaturatingSub(grid_.at(i), offset_ms_);
    const int64_t first_t = times_[lo_[i]];
    const int64_t last_t = times_[hi_[i] - 1];
    const int64_t before = first_t - SaturatingSub(end, range_ms_);
    const int64_t length = last_t - first_t, behind = end - last_t;
    if (length != last_length || before != last_before || behind != last_behind ||
        count != last_count) {
      ++differ;
      last_length = length;
      last_before = before;
      last_behind = behind;
      last_count = count;
      sampled = Seconds(length);
      to_start = Seconds(before);
      to_end = Seconds(behind);
      const double average = sampled / static_cast<double>(count - 1);
      const double threshold = average * 1.1;
      // Beyond that the series seems to start or end inside the window.
      if (to_start >= threshold) to_start = average / 2;
      if (to_end >= threshold) to_end = average / 2;
    }
    extents_.sampled[i] = sampled;
    extents_.to_start[i] = to_start;
    extents_.to_end[i] = to_end;
  }
  return extents_;
}

}  // namespace synoptic::promql
