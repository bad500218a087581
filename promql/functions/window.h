// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The windows of a RangeInput as index ranges that only move forward: what range kernels loop over.
// Private to promql/functions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "promql/functions/range.h"

namespace synoptic::promql {

// One step's window: samples [lo, hi), the times it covers (start, end].
struct Window {
  size_t lo = 0;
  size_t hi = 0;
  int64_t start = 0;
  int64_t end = 0;

  size_t size() const { return hi - lo; }
  bool empty() const { return lo == hi; }
};

inline int64_t SaturatingSub(int64_t a, int64_t b) {
  int64_t result;
  if (!__builtin_sub_overflow(a, b, &result)) return result;
  return b > 0 ? INT64_MIN : INT64_MAX;
}

// Yields the window of step 0, 1, 2, ... All steps together look at each sample twice.
class WindowCursor {
 public:
  explicit WindowCursor(const RangeInput& input) : in_(input) {}

  const Window& Next() {
    window_.end = SaturatingSub(in_.grid.at(step_++), in_.offset_ms);
    window_.start = SaturatingSub(window_.end, in_.range_ms);
    window_.hi = Advance(window_.hi, window_.end);
    window_.lo = std::min(Advance(window_.lo, window_.start), window_.hi);
    return window_;
  }

 private:
  // First index at or after `from` whose time is over `time`: a gallop, since most moves are short
  // but the first one and those over sparse grids are long.
  size_t Advance(size_t from, int64_t time) const {
    const size_t size = in_.t.size();
    size_t stride = 1;
    while (from + stride <= size && in_.t[from + stride - 1] <= time) {
      from += stride;
      stride *= 2;
    }
    const auto begin = in_.t.begin() + static_cast<ptrdiff_t>(from);
    const auto end = in_.t.begin() + static_cast<ptrdiff_t>(std::min(size, from + stride));
    return static_cast<size_t>(std::upper_bound(begin, end, time) - in_.t.begin());
  }

  const RangeInput& in_;
  size_t step_ = 0;
  Window window_;
};

// out[i] = f(window i, i) where the window has samples, Absent() elsewhere.
template <class F>
void ForEachWindow(const RangeInput& input, std::span<double> out, F f) {
  WindowCursor cursor(input);
  for (size_t i = 0; i < out.size(); ++i) {
    const Window& window = cursor.Next();
    out[i] = window.empty() ? Absent() : f(window, i);
  }
}

}  // namespace synoptic::promql
