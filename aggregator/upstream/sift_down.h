// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// For merging sorted lists by a heap of their heads: when the first one moved on it is put in its
// place again, with half the comparisons of taking it out and putting it in.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace synoptic::aggregator {

// `heap` is one by `later`, as std::make_heap makes it, but for its front.
template <class T, class Later>
void SiftDown(std::vector<T>& heap, Later later) {
  size_t at = 0;
  while (2 * at + 1 < heap.size()) {
    size_t child = 2 * at + 1;
    if (child + 1 < heap.size() && later(heap[child], heap[child + 1])) ++child;
    if (!later(heap[at], heap[child])) return;
    std::swap(heap[at], heap[child]);
    at = child;
  }
}

// The same for a front that has come to its end.
template <class T, class Later>
void DropFront(std::vector<T>& heap, Later later) {
  heap.front() = std::move(heap.back());
  heap.pop_back();
  SiftDown(heap, later);
}

}  // namespace synoptic::aggregator
