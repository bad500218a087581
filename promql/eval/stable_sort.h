// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A stable sort of few or large elements: libstdc++'s own asks for a temporary buffer in a way that
// newer headers deprecate, which -Werror refuses.
#pragma once

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace synoptic::promql::internal {

template <class T, class Less>
void StableSort(std::vector<T>& items, Less less) {
  std::vector<size_t> order(items.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (less(items[a], items[b])) return true;
    return !less(items[b], items[a]) && a < b;
  });
  std::vector<T> sorted;
  sorted.reserve(items.size());
  for (const size_t i : order) sorted.push_back(std::move(items[i]));
  items = std::move(sorted);
}

}  // namespace synoptic::promql::internal
