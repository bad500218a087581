// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Orders of values where NaN counts as the lowest of both ends, and a sort that leaves ties as
// Prometheus leaves them.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "promql/eval/stable_sort.h"

namespace synoptic::promql::internal {

// `a` before `b` when ascending (or descending); a NaN before everything, itself included.
inline bool Ascending(double a, double b) { return std::isnan(a) || a < b; }
inline bool Descending(double a, double b) { return std::isnan(a) || a > b; }

inline constexpr size_t kGoSortsByInsertion = 12;

// `less(a, b)` need not be a strict order among NaNs. Up to twelve elements Go sorts by insertion,
// and so does this, moves of equals included; beyond that Go's order of ties is unspecified.
template <class T, class Less>
void SortLikeGo(std::vector<T>& items, Less less) {
  if (items.size() <= kGoSortsByInsertion) {
    for (size_t i = 1; i < items.size(); ++i) {
      for (size_t j = i; j > 0 && less(items[j], items[j - 1]); --j) {
        std::swap(items[j], items[j - 1]);
      }
    }
    return;
  }
  StableSort(items, [&less](const T& a, const T& b) { return less(a, b) && !less(b, a); });
}

}  // namespace synoptic::promql::internal
