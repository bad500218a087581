// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The heap in which topk() and its kin keep the samples of one group and step: the one that leaves
// first on top.
#pragma once

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "promql/eval/value_order.h"

namespace synoptic::promql::internal {

// A chosen sample.
struct Entry {
  double value;
  uint32_t series;  // of the child
};

// The heap of container/heap: which of equal values leaves first depends on its very moves.
class ValueHeap {
 public:
  explicit ValueHeap(bool descending) : descending_(descending) {}

  void Push(std::vector<Entry>& heap, const Entry& entry) const {
    heap.push_back(entry);
    size_t j = heap.size() - 1;
    while (j > 0) {
      const size_t parent = (j - 1) / 2;
      if (!Less(heap[j], heap[parent])) break;
      std::swap(heap[j], heap[parent]);
      j = parent;
    }
  }

  void ReplaceTop(std::vector<Entry>& heap, const Entry& entry) const {
    heap[0] = entry;
    size_t i = 0;
    while (true) {
      size_t child = 2 * i + 1;
      if (child >= heap.size()) return;
      if (child + 1 < heap.size() && Less(heap[child + 1], heap[child])) ++child;
      if (!Less(heap[child], heap[i])) return;
      std::swap(heap[i], heap[child]);
      i = child;
    }
  }

  bool Less(const Entry& a, const Entry& b) const {
    return descending_ ? Descending(a.value, b.value) : Ascending(a.value, b.value);
  }
  // The top gives way to a strictly better value, and a NaN to any number.
  bool Beats(double value, double top) const {
    return (descending_ ? top > value : top < value) || (std::isnan(top) && !std::isnan(value));
  }

 private:
  bool descending_;
};

}  // namespace synoptic::promql::internal
