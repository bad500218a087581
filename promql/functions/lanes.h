// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Walks the samples of four windows at once, for functions whose every operation depends on the one
// before: four independent chains keep the processor busy, and each window still sees its own
// operations in their own order. Private to promql/functions.
#pragma once

#include <array>
#include <limits>

#include "promql/functions/window.h"

namespace synoptic::promql {

// For each step: an accumulator made by make(window, i), fed Add(k, t, v) with the k-th sample of
// the window, turned into the result by finish(accumulator, window). Absent() where the window has
// fewer than `min_samples` (1 or more).
template <class Make, class Finish>
void ForEachWindowInLanes(const RangeInput& in, std::span<double> out, size_t min_samples,
                          Make make, Finish finish) {
  constexpr size_t kLanes = 4;
  using Accumulator = decltype(make(Window(), size_t{0}));
  WindowCursor cursor(in);
  const int64_t* const t = in.t.data();
  const double* const v = in.v.data();
  for (size_t first = 0; first < out.size(); first += kLanes) {
    const size_t lanes = std::min(kLanes, out.size() - first);
    std::array<Window, kLanes> windows;
    std::array<Accumulator, kLanes> accumulators{};
    size_t common = lanes == kLanes ? std::numeric_limits<size_t>::max() : 0;
    for (size_t j = 0; j < lanes; ++j) {
      windows[j] = cursor.Next();
      const bool enough = windows[j].size() >= min_samples;
      if (enough) accumulators[j] = make(windows[j], first + j);
      common = std::min(common, enough ? windows[j].size() : 0);
    }
    for (size_t k = 0; k < common; ++k) {
      for (size_t j = 0; j < kLanes; ++j) {
        accumulators[j].Add(k, t[windows[j].lo + k], v[windows[j].lo + k]);
      }
    }
    for (size_t j = 0; j < lanes; ++j) {
      const Window& w = windows[j];
      if (w.size() < min_samples) {
        out[first + j] = Absent();
        continue;
      }
      for (size_t k = common; k < w.size(); ++k) accumulators[j].Add(k, t[w.lo + k], v[w.lo + k]);
      out[first + j] = finish(accumulators[j], w);
    }
  }
}

}  // namespace synoptic::promql
