// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Walks through the samples of several overlapping windows at once, for functions that have to see
// every sample of every window: each sample is read once and given to all windows that hold it, a
// window in each lane of a vector. Private to promql/functions.
//
// What a function keeps of a window is a struct template over the type of a number, with all of its
// state in an array `f` and an Add that is written with the helpers below: once for a single window
// (double), once for many (Lanes).
#pragma once

#include <array>
#include <cmath>
#include <limits>

#include "promql/functions/simd.h"
#include "promql/functions/window.h"

namespace synoptic::promql {

SYNOPTIC_INLINE void Abs(const double& v, double& out) { out = std::fabs(v); }
SYNOPTIC_INLINE void Abs(const Lanes& v, Lanes& out) {
  out = (Lanes)((LaneMask)v & std::numeric_limits<int64_t>::max());
}
SYNOPTIC_INLINE void Select(bool mask, const double& a, const double& b, double& out) {
  out = mask ? a : b;
}
SYNOPTIC_INLINE void Select(const LaneMask& mask, const Lanes& a, const Lanes& b, Lanes& out) {
  out = mask ? a : b;
}

// Operation for operation KahanSum::Add.
template <class Number>
SYNOPTIC_INLINE void KahanAdd(const Number& inc, Number& sum, Number& c) {
  const Number t = sum + inc;
  Number abs_sum, abs_inc, abs_t, large, small, compensated;
  Abs(sum, abs_sum);
  Abs(inc, abs_inc);
  Abs(t, abs_t);
  const auto sum_is_larger = abs_sum >= abs_inc;
  Select(sum_is_larger, sum, inc, large);
  Select(sum_is_larger, inc, sum, small);
  compensated = c + ((large - t) + small);
  const Number zero = {};
  Select(abs_t == std::numeric_limits<double>::infinity(), zero, compensated, c);
  sum = t;
}

// A block of windows of one Accumulator, and the ranges of samples that they look at.
template <template <class> class Accumulator, size_t kGroups>
struct Block {
  static constexpr size_t kWindows = kGroups * kLanes;
  std::array<Accumulator<Lanes>, kGroups> groups{};
  std::array<LaneMask, kGroups> lo, hi;
};

// The loop over samples [first, last): those in [common_first, common_last) are in all windows.
// Must become part of a function with SYNOPTIC_CLONES.
template <class AnyBlock>
SYNOPTIC_INLINE void AddBroadcast(const RangeInput& in, AnyBlock& block_out, size_t first,
                                  size_t common_first, size_t common_last, size_t last) {
  AnyBlock block = block_out;  // in registers
  const auto add_to_some = [&](size_t from, size_t to) __attribute__((always_inline)) {
    for (size_t i = from; i < to; ++i) {
      for (size_t g = 0; g < block.groups.size(); ++g) {
        auto next = block.groups[g];
        Lanes t, v;
        Splat(static_cast<double>(in.t[i]), t);
        Splat(in.v[i], v);
        next.Add(t, v);
        const int64_t at = static_cast<int64_t>(i);
        const LaneMask inside = (block.lo[g] <= at) & (block.hi[g] > at);
        for (size_t f = 0; f < std::size(next.f); ++f) {
          Select(inside, next.f[f], block.groups[g].f[f], block.groups[g].f[f]);
        }
      }
    }
  };
  add_to_some(first, common_first);
  for (size_t i = common_first; i < common_last; ++i) {
    Lanes t, v;
    Splat(static_cast<double>(in.t[i]), t);
    Splat(in.v[i], v);
    for (auto& group : block.groups) group.Add(t, v);
  }
  add_to_some(common_last, last);
  block_out = block;
}

// For each step with `min_samples` or more: an accumulator set up by start(window, step,
// accumulator), fed every sample of the window by `loop` (a function with SYNOPTIC_CLONES around
// AddBroadcast), turned into the result by finish(accumulator, window, step).
template <template <class> class Accumulator, size_t kGroups, class Loop, class Start, class Finish>
void ForEachWindowBroadcast(const RangeInput& in, std::span<double> out, size_t min_samples,
                            Loop loop, Start start, Finish finish) {
  using AnyBlock = Block<Accumulator, kGroups>;
  constexpr size_t kWindows = AnyBlock::kWindows;
  const WindowList windows(in);
  for (size_t begin = 0; begin < out.size(); begin += kWindows) {
    const size_t count = std::min(kWindows, out.size() - begin);
    const Window front = windows[begin], back = windows[begin + count - 1];
    size_t narrowest = std::numeric_limits<size_t>::max(), total = 0;
    for (size_t j = 0; j < count; ++j) {
      narrowest = std::min(narrowest, windows[begin + j].size());
      total += windows[begin + j].size();
    }
    // Windows that lie far apart have few samples in common: then each goes for itself.
    const bool together = total > 2 * (back.hi - front.lo);
    AnyBlock block;
    for (size_t j = 0; j < count; ++j) {
      const Window w = windows[begin + j];
      Accumulator<double> one{};
      if (w.size() >= min_samples) start(w, begin + j, one);
      if (!together) {
        if (w.size() < min_samples) {
          out[begin + j] = Absent();
          continue;
        }
        for (size_t i = w.lo; i < w.hi; ++i) one.Add(static_cast<double>(in.t[i]), in.v[i]);
        out[begin + j] = finish(one, w, begin + j);
        continue;
      }
      const bool used = w.size() >= min_samples;
      block.lo[j / kLanes][j % kLanes] = static_cast<int64_t>(used ? w.lo : 0);
      block.hi[j / kLanes][j % kLanes] = static_cast<int64_t>(used ? w.hi : 0);
      for (size_t f = 0; f < std::size(one.f); ++f) {
        block.groups[j / kLanes].f[f][j % kLanes] = one.f[f];
      }
    }
    if (!together) continue;
    for (size_t j = count; j < kWindows; ++j) {
      block.lo[j / kLanes][j % kLanes] = block.hi[j / kLanes][j % kLanes] = 0;
    }
    const bool common = count == kWindows && narrowest >= min_samples && back.lo < front.hi;
    const size_t common_first = common ? back.lo : back.hi;
    const size_t common_last = common ? front.hi : back.hi;
    loop(in, block, front.lo, common_first, common_last, back.hi);
    for (size_t j = 0; j < count; ++j) {
      const Window w = windows[begin + j];
      if (w.size() < min_samples) {
        out[begin + j] = Absent();
        continue;
      }
      Accumulator<double> one;
      for (size_t f = 0; f < std::size(one.f); ++f) {
        one.f[f] = block.groups[j / kLanes].f[f][j % kLanes];
      }
      out[begin + j] = finish(one, w, begin + j);
    }
  }
}

}  // namespace synoptic::promql
