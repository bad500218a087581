// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// min, max and the times they were reached at.
//
// Values: overlapping windows share what all of them hold, which is looked at once; what they have
// before and after it are extrema that run outwards from there. Each sample is looked at twice at
// most, however wide the window. Times, and values among NaNs: by a queue of candidates, which each
// sample enters and leaves once.
#include <cmath>
#include <functional>
#include <type_traits>
#include <vector>

#include "promql/functions/kernels.h"
#include "promql/functions/simd.h"
#include "promql/functions/window.h"

namespace synoptic::promql {
namespace {

struct Less {
  SYNOPTIC_INLINE bool operator()(double a, double b) const { return a < b; }
  // The better one in each lane; `best` where neither is.
  SYNOPTIC_INLINE static void Keep(const Lanes& v, Lanes& best) { best = v < best ? v : best; }
};
struct Greater {
  SYNOPTIC_INLINE bool operator()(double a, double b) const { return a > b; }
  SYNOPTIC_INLINE static void Keep(const Lanes& v, Lanes& best) { best = v > best ? v : best; }
};

// Indexes of samples that are or may become the extremum, best first. `Beats(new, old)` drops the
// old candidate: a strict comparison keeps the earliest of equal samples, else the latest stays.
template <class Beats>
class Candidates {
 public:
  explicit Candidates(std::span<const double> v) : v_(v) {}

  // The extremum's index; the last sample's when all are NaN, which win over nothing.
  size_t Best(const Window& w) {
    for (size_t i = std::max(next_, w.lo); i < w.hi; ++i) Push(i);
    next_ = std::max(next_, w.hi);
    while (head_ < queue_.size() && queue_[head_] < w.lo) ++head_;
    return head_ < queue_.size() ? queue_[head_] : w.hi - 1;
  }

 private:
  void Push(size_t i) {
    if (std::isnan(v_[i])) return;
    while (queue_.size() > head_ && Beats()(v_[i], v_[queue_.back()])) queue_.pop_back();
    queue_.push_back(i);
  }

  std::span<const double> v_;
  std::vector<size_t> queue_;
  size_t head_ = 0;
  size_t next_ = 0;
};

SYNOPTIC_CLONES bool HasNaN(std::span<const double> v) {
  bool found = false;
  for (size_t i = 0; i < v.size(); ++i) found |= v[i] != v[i];
  return found;
}

template <class Beats>
SYNOPTIC_INLINE double BestOf(std::span<const double> v) {
  Lanes best[4];
  for (size_t group = 0; group < 4; ++group) Splat(v[0], best[group]);
  size_t i = 0;
  for (; i + 4 * kLanes <= v.size(); i += 4 * kLanes) {
    for (size_t group = 0; group < 4; ++group) {
      Lanes next;
      __builtin_memcpy(&next, v.data() + i + group * kLanes, sizeof next);
      Beats::Keep(next, best[group]);
    }
  }
  double result = v[0];
  for (size_t group = 0; group < 4; ++group) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      if (Beats()(best[group][lane], result)) result = best[group][lane];
    }
  }
  for (; i < v.size(); ++i) {
    if (Beats()(v[i], result)) result = v[i];
  }
  if (result != 0) return result;
  // Zeros may differ in their sign: the earliest one's counts.
  for (i = 0; v[i] != 0; ++i) {
  }
  result = v[i];
  return result;
}
SYNOPTIC_CLONES double LeastOf(std::span<const double> v) { return BestOf<Less>(v); }
SYNOPTIC_CLONES double MostOf(std::span<const double> v) { return BestOf<Greater>(v); }

// The extremum of windows without NaN; the earliest of equal values.
template <class Beats>
class SharedExtrema {
 public:
  SharedExtrema(const RangeInput& in, std::span<double> out) : v_(in.v), out_(out), windows_(in) {}

  void Run() {
    for (size_t first = 0; first < out_.size();) {
      if (windows_[first].empty()) {
        out_[first++] = Absent();
        continue;
      }
      size_t last = first;  // of those that have samples in common with the first one
      while (last + 1 < out_.size() && windows_[last + 1].lo < windows_[first].hi) ++last;
      Share(first, last);
      first = last + 1;
    }
  }

 private:
  static double Earlier(double earlier, double later) {
    return Beats()(later, earlier) ? later : earlier;
  }

  void Share(size_t first, size_t last) {
    const size_t begin = windows_[last].lo, end = windows_[first].hi;
    const std::span<const double> common = v_.subspan(begin, end - begin);
    const double shared = std::is_same_v<Beats, Less> ? LeastOf(common) : MostOf(common);
    // Backwards from what they share, then forwards.
    double before = shared;
    size_t at = begin;
    for (size_t step = last + 1; step-- > first;) {
      for (const size_t lo = windows_[step].lo; at > lo;) before = Earlier(v_[--at], before);
      out_[step] = before;
    }
    double after = v_[end - 1];
    at = end;
    for (size_t step = first; step <= last; ++step) {
      for (const size_t hi = windows_[step].hi; at < hi; ++at) after = Earlier(after, v_[at]);
      out_[step] = Earlier(out_[step], after);
    }
  }

  const std::span<const double> v_;
  const std::span<double> out_;
  const WindowList windows_;
};

template <class Beats>
void ValueKernel(const RangeInput& in, std::span<double> out) {
  if (!HasNaN(in.v)) return SharedExtrema<Beats>(in, out).Run();
  Candidates<Beats> candidates(in.v);
  ForEachWindow(in, out, [&](const Window& w, size_t) { return in.v[candidates.Best(w)]; });
}

template <class Beats>
void TimeKernel(const RangeInput& in, std::span<double> out) {
  Candidates<Beats> candidates(in.v);
  ForEachWindow(in, out, [&](const Window& w, size_t) {
    return static_cast<double>(in.t[candidates.Best(w)]) / 1000;
  });
}

}  // namespace

void MinOverTimeKernel(const RangeInput& in, std::span<double> out) { ValueKernel<Less>(in, out); }
void MaxOverTimeKernel(const RangeInput& in, std::span<double> out) {
  ValueKernel<Greater>(in, out);
}
void TsOfMinOverTimeKernel(const RangeInput& in, std::span<double> out) {
  TimeKernel<std::less_equal<>>(in, out);
}
void TsOfMaxOverTimeKernel(const RangeInput& in, std::span<double> out) {
  TimeKernel<std::greater_equal<>>(in, out);
}

}  // namespace synoptic::promql
