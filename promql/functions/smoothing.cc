// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// double_exponential_smoothing, which starts anew at each window's first sample.
//
// Smoothing forgets: some hundreds of samples after their starts two windows have the same state to
// the last bit, and from there on for good, since they see the same samples. So one course through
// the samples is kept, and each window is followed only until it has met that course. Where windows
// never meet (factors near zero forget slowly) they are followed to their ends.
#include <array>
#include <bit>
#include <cmath>

#include "base/go_format.h"
#include "base/status.h"
#include "promql/functions/broadcast.h"
#include "promql/functions/kernels.h"
#include "promql/functions/window.h"

namespace synoptic::promql {
namespace {

struct Factors {
  double smoothing;
  double trend;
};

// What smoothing knows after a sample.
template <class Number>
struct State {
  Number smoothed;
  Number previous;  // the value before it
  Number trend;

  SYNOPTIC_INLINE void Add(const Factors& factors, const Number& v) {
    trend = factors.trend * (smoothed - previous) + (1 - factors.trend) * trend;
    Continue(factors, v);
  }
  // The second sample of a window.
  SYNOPTIC_INLINE void AddSecond(const Factors& factors, const Number& v) {
    trend = v - smoothed;
    Continue(factors, v);
  }

 private:
  SYNOPTIC_INLINE void Continue(const Factors& factors, const Number& v) {
    const Number scaled = factors.smoothing * v;
    const Number carried = (1 - factors.smoothing) * (smoothed + trend);
    previous = smoothed;
    smoothed = scaled + carried;
  }
};

double SmoothOne(std::span<const double> v, const Factors& factors) {
  State<double> state{v[0], 0, 0};
  state.AddSecond(factors, v[1]);
  for (const double value : v.subspan(2)) state.Add(factors, value);
  return state.smoothed;
}

bool SameBits(const State<double>& a, const State<double>& b) {
  return std::bit_cast<uint64_t>(a.smoothed) == std::bit_cast<uint64_t>(b.smoothed) &&
         std::bit_cast<uint64_t>(a.previous) == std::bit_cast<uint64_t>(b.previous) &&
         std::bit_cast<uint64_t>(a.trend) == std::bit_cast<uint64_t>(b.trend);
}

// A stretch of samples in equal pieces, one to a lane, each begun kWarmUp samples early from a
// guess, which is mostly forgotten where the piece begins.
struct Pieces {
  static constexpr size_t kWarmUp = 384;
  const double* v;  // sample `from` and all behind it, and kWarmUp + 2 before the second piece
  size_t size;      // samples of each piece
  double* smoothed;
  double* trend;
};

SYNOPTIC_INLINE State<double> LaneOf(const State<Lanes>& state, size_t lane) {
  return {state.smoothed[lane], state.previous[lane], state.trend[lane]};
}

// Writes the states of all pieces; `state` is the one before the first and becomes that behind the
// last that is right. Returns how many are: those whose beginning was, to the last bit, the end of
// the piece before.
SYNOPTIC_CLONES size_t FollowPieces(const Pieces& p, const Factors& factors,
                                    State<double>& state_out) {
  State<Lanes> state{};
  for (size_t lane = 1; lane < kLanes; ++lane) {
    const double* const before = p.v + lane * p.size - Pieces::kWarmUp;
    state.smoothed[lane] = before[-1];
    state.previous[lane] = before[-2];
    state.trend[lane] = before[-1] - before[-2];
  }
  const auto value_at = [&p](size_t i, size_t back, Lanes& value) {
    value[0] = p.v[i];
    for (size_t lane = 1; lane < kLanes; ++lane) value[lane] = p.v[lane * p.size + i - back];
  };
  Lanes value;
  for (size_t i = 0; i < Pieces::kWarmUp; ++i) {
    value_at(i, Pieces::kWarmUp, value);
    state.Add(factors, value);
  }
  state.smoothed[0] = state_out.smoothed;
  state.previous[0] = state_out.previous;
  state.trend[0] = state_out.trend;
  const State<Lanes> begin = state;
  for (size_t i = 0; i < p.size; ++i) {
    value_at(i, 0, value);
    state.Add(factors, value);
    for (size_t lane = 0; lane < kLanes; ++lane) {
      p.smoothed[lane * p.size + i] = state.smoothed[lane];
      p.trend[lane * p.size + i] = state.trend[lane];
    }
  }
  size_t right = 1;
  while (right < kLanes && SameBits(LaneOf(begin, right), LaneOf(state, right - 1))) ++right;
  state_out = LaneOf(state, right - 1);
  return right;
}

// The states of one window after each of its samples, from the second one on.
struct Course {
  StepVector<double>& smoothed;
  StepVector<double>& trend;
  size_t first = 0;     // samples [first, smoothed.size()) are known
  bool forgets = true;  // until pieces have shown otherwise

  bool has(size_t i) const { return i > first && i < smoothed.size(); }
  void ExtendTo(size_t end, const double* v, const Factors& factors) {
    size_t i = smoothed.size();
    State<double> state{smoothed[i - 1], smoothed[i - 2], trend[i - 1]};
    const size_t piece = i < end ? (end - i) / kLanes : 0;
    if (piece >= 2 * Pieces::kWarmUp && forgets) {
      smoothed.resize(end);
      trend.resize(end);
      const Pieces pieces{v + i, piece, smoothed.data() + i, trend.data() + i};
      const size_t right = FollowPieces(pieces, factors, state);
      forgets = right == kLanes;
      i += right * piece;
      smoothed.resize(i);
      trend.resize(i);
    }
    for (; i < end; ++i) {
      state.Add(factors, v[i]);
      smoothed.push_back(state.smoothed);
      trend.push_back(state.trend);
    }
  }
  void Start(size_t at, const double* v, const Factors& factors) {
    State<double> state{v[at], 0, 0};
    state.AddSecond(factors, v[at + 1]);
    smoothed.resize(at);
    trend.resize(at + 1);
    first = at;
    smoothed.push_back(v[at]);
    smoothed.push_back(state.smoothed);
    trend.push_back(state.trend);
  }
};

// Windows in lanes, all of which have begun. Follows them through samples [at, end) and stops
// early, saying where, when all are in the same state as `course` (null: never).
SYNOPTIC_CLONES size_t Follow(State<Lanes>& state_out, const Course* course, const double* v,
                              size_t at, size_t end, const Factors& factors) {
  State<Lanes> state = state_out;
  while (at < end) {
    const size_t stop = std::min(end, at + 8);
    for (; at < stop; ++at) {
      Lanes value;
      Splat(v[at], value);
      state.Add(factors, value);
    }
    if (course == nullptr || !course->has(at - 1)) continue;
    const LaneMask differ =
        ((LaneMask)state.smoothed ^ std::bit_cast<int64_t>(course->smoothed[at - 1])) |
        ((LaneMask)state.previous ^ std::bit_cast<int64_t>(course->smoothed[at - 2])) |
        ((LaneMask)state.trend ^ std::bit_cast<int64_t>(course->trend[at - 1]));
    int64_t any = 0;
    for (size_t j = 0; j < kLanes; ++j) any |= differ[j];
    if (any == 0) break;
  }
  state_out = state;
  return at;
}

// Eight windows with two samples or more, and more samples in common than not.
class Smoother {
 public:
  Smoother(const double* v, const Factors& factors, WindowSet::Scratch& scratch)
      : v_(v), factors_(factors), course_{scratch.first, scratch.second} {
    course_.smoothed.clear();
    course_.trend.clear();
  }

  // `last`: nobody comes behind who could meet the course of these.
  void Smooth(std::span<const Window, kLanes> windows, bool last, std::span<double, kLanes> out) {
    const size_t all_begun = windows.back().lo + 2;
    const bool use_course = !last || course_.smoothed.size() >= windows.front().lo + 2 ||
                            windows.front().size() >= kLong;
    if (use_course) PrepareCourse(windows.front());
    State<Lanes> lanes{};
    for (size_t j = 0; j < kLanes; ++j) {
      const size_t lo = windows[j].lo;
      State<double> state{v_[lo], 0, 0};
      state.AddSecond(factors_, v_[lo + 1]);
      for (size_t i = lo + 2; i < all_begun; ++i) state.Add(factors_, v_[i]);
      lanes.smoothed[j] = state.smoothed;
      lanes.previous[j] = state.previous;
      lanes.trend[j] = state.trend;
    }
    size_t at = all_begun;
    const size_t first_end = windows.front().hi;
    at = Follow(lanes, use_course ? &course_ : nullptr, v_, at, first_end, factors_);
    if (at < first_end) {  // all have met the course
      course_.ExtendTo(windows.back().hi, v_, factors_);
      for (size_t j = 0; j < kLanes; ++j) out[j] = course_.smoothed[windows[j].hi - 1];
      return;
    }
    for (size_t j = 0; j < kLanes; ++j) {
      at = Follow(lanes, nullptr, v_, at, windows[j].hi, factors_);
      out[j] = lanes.smoothed[j];
    }
  }

 private:
  void PrepareCourse(const Window& front) {
    if (course_.smoothed.size() < front.lo + 2 || course_.first > front.lo) {
      course_.Start(front.lo, v_, factors_);
    }
    course_.ExtendTo(std::max(front.hi, course_.smoothed.size()), v_, factors_);
  }

  // Samples from which on a course is there before its windows are.
  static constexpr size_t kLong = 3 * kLanes * Pieces::kWarmUp / 2;

  const double* v_;
  Factors factors_;
  Course course_;
};

bool Constant(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [&](double v) { return v == values.front(); });
}

}  // namespace

absl::Status CheckSmoothingFactors(double smoothing_factor, double trend_factor) {
  const auto outside = [](double f) { return f <= 0 || f >= 1; };
  if (outside(smoothing_factor)) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "invalid smoothing factor. Expected: 0 < sf < 1, got: {}",
                      GoFixed(smoothing_factor, 6));
  }
  if (outside(trend_factor)) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "invalid trend factor. Expected: 0 < tf < 1, got: {}",
                      GoFixed(trend_factor, 6));
  }
  return absl::OkStatus();
}

void DoubleExponentialSmoothingKernel(const RangeInput& in, std::span<double> out) {
  WindowList windows(in);
  const bool constant = Constant(in.param0) && Constant(in.param1);
  Smoother smoother(in.v.data(), {in.param0[0], in.param1[0]}, windows.set().scratch());
  for (size_t begin = 0; begin < out.size();) {
    std::array<Window, kLanes> block;
    const size_t count = std::min(kLanes, out.size() - begin);
    for (size_t j = 0; j < kLanes; ++j) block[j] = windows[begin + std::min(j, count - 1)];
    // Worth while for windows that have all begun before the first of them is half over.
    if (constant && block.back().lo + 4 < block.front().hi &&
        block.back().lo - block.front().lo < block.front().size() / 2) {
      std::array<double, kLanes> results;
      smoother.Smooth(block, begin + count == out.size(), results);
      std::copy_n(results.begin(), count, out.begin() + static_cast<ptrdiff_t>(begin));
    } else {
      for (size_t j = 0; j < count; ++j) {
        const size_t i = begin + j;
        const Window& w = block[j];
        out[i] = w.size() < 2
                     ? Absent()
                     : SmoothOne(in.v.subspan(w.lo, w.size()), {in.param0[i], in.param1[i]});
      }
    }
    begin += count;
  }
}

}  // namespace synoptic::promql
