// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Things that happen between two neighbouring samples, looked for once per pair while windows move
// forward: however many windows see a pair, it is compared once, and pairs no window sees never.
// Private to promql/functions.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "promql/functions/window.h"

namespace synoptic::promql {

class PairEvents {
 public:
  // The positions i with happened(i), between samples i - 1 and i, both within the window; rising.
  // Valid until the next call. REQUIRES: windows move forward, `happened` is always the same.
  template <class Happened>
  std::span<const size_t> In(const Window& w, Happened happened) {
    for (next_ = std::max(next_, w.lo + 1); next_ < w.hi; ++next_) {
      if (happened(next_)) events_.push_back(next_);
    }
    while (first_ < events_.size() && events_[first_] <= w.lo) ++first_;
    last_ = std::max(last_, first_);
    while (last_ < events_.size() && events_[last_] < w.hi) ++last_;
    return std::span(events_).subspan(first_, last_ - first_);
  }

 private:
  std::vector<size_t> events_;
  size_t next_ = 1;
  size_t first_ = 0, last_ = 0;
};

}  // namespace synoptic::promql
