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
#include "promql/functions/window_set.h"

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

// The windows of all steps: the ones that the caller keeps, or those of this call alone.
class WindowList {
 public:
  explicit WindowList(const RangeInput& input)
      : in_(input), set_(input.windows != nullptr ? *input.windows : own_) {
    set_.Assign(input);
    lo_ = set_.lo().data();
    hi_ = set_.hi().data();
  }
  WindowList(const WindowList&) = delete;
  WindowList& operator=(const WindowList&) = delete;

  Window operator[](size_t step) const {
    const int64_t end = SaturatingSub(in_.grid.at(step), in_.offset_ms);
    return {lo_[step], hi_[step], SaturatingSub(end, in_.range_ms), end};
  }
  WindowSet& set() { return set_; }

 private:
  const RangeInput& in_;
  WindowSet own_;
  WindowSet& set_;
  const uint32_t* lo_;
  const uint32_t* hi_;
};

// out[i] = f(window i, i) where the window has samples, Absent() elsewhere.
template <class F>
void ForEachWindow(const RangeInput& input, std::span<double> out, F f) {
  const WindowList windows(input);
  for (size_t i = 0; i < out.size(); ++i) {
    const Window window = windows[i];
    out[i] = window.empty() ? Absent() : f(window, i);
  }
}

}  // namespace synoptic::promql
