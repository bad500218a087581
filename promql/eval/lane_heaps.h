// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The heaps of ValueHeap for all steps of a range side by side: as small as most topk() ask for, of
// one size, and replaced eight steps at a time, move for move as ValueHeap would.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "promql/eval/value_heap.h"

namespace synoptic::promql::internal {

class LaneHeaps {
 public:
  static constexpr size_t kMost = 8;  // entries of a heap

  // `k` entries at most in each heap. REQUIRES: 0 < k <= kMost.
  LaneHeaps(size_t groups, size_t steps, size_t k, bool descending);

  // Offers a column to the heaps of a group; returns how many entries the heaps grew by.
  int64_t Offer(size_t group, uint32_t series, std::span<const double> column);

  int64_t bytes() const;

  // f(step, entry) for every entry.
  template <class F>
  void ForEach(F f) const {
    for (size_t g = 0; g < groups_; ++g) {
      for (size_t i = 0; i < k_; ++i) {
        const size_t at = (g * k_ + i) * steps_;
        for (size_t s = 0; s < steps_; ++s) {
          if (i < sizes_[g * steps_ + s]) {
            f(s, Entry{Flip(values_[at + s]), static_cast<uint32_t>(series_[at + s])});
          }
        }
      }
    }
  }

 private:
  double Flip(double v) const { return descending_ ? -v : v; }
  int64_t OfferOne(size_t group, size_t step, const Entry& entry);

  const size_t groups_, steps_, k_;
  const bool descending_;  // then values lie here negated, so that one order does for both
  const ValueHeap heap_{false};
  // Of each group: all heaps' first entries, all their second ones...
  std::vector<double> values_;
  std::vector<int64_t> series_;
  std::vector<uint8_t> sizes_;  // of each heap
  std::vector<double> tops_;    // of each heap; a NaN: there is room, or a NaN to replace
};

}  // namespace synoptic::promql::internal
