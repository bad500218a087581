// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The heap in which topk() and its kin keep the samples of one group and step: the one that leaves
// first on top.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
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

  // The last entry of `heap` is new.
  void SiftUp(std::span<Entry> heap) const {
    size_t j = heap.size() - 1;
    while (j > 0) {
      const size_t parent = (j - 1) / 2;
      if (!Less(heap[j], heap[parent])) break;
      std::swap(heap[j], heap[parent]);
      j = parent;
    }
  }

  void ReplaceTop(std::span<Entry> heap, const Entry& entry) const {
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

// Entries of many heaps in one buffer. A heap that outgrows its place moves to a larger one.
class EntryStore {
 public:
  explicit EntryStore(size_t heaps) : slots_(heaps) {}

  size_t size() const { return slots_.size(); }
  size_t SizeOf(size_t heap) const { return slots_[heap].size; }
  std::span<Entry> Of(size_t heap) {
    return {entries_.data() + slots_[heap].first, slots_[heap].size};
  }
  // `most` is how many the heap may get in the end.
  std::span<Entry> Append(size_t heap, const Entry& entry, size_t most) {
    Slot& slot = slots_[heap];
    if (slot.size == slot.capacity) Grow(slot, most);
    entries_[slot.first + slot.size++] = entry;
    return Of(heap);
  }
  int64_t bytes() const {
    return static_cast<int64_t>(slots_.size() * sizeof(Slot) + entries_.size() * sizeof(Entry));
  }

 private:
  struct Slot {
    size_t first = 0;
    uint32_t size = 0, capacity = 0;
  };

  void Grow(Slot& slot, size_t most) {
    constexpr size_t kFirst = 8;
    const size_t wanted = slot.capacity == 0 ? kFirst : size_t{slot.capacity} * 2;
    const size_t first = entries_.size();
    slot.capacity = static_cast<uint32_t>(std::min(wanted, most));
    entries_.resize(first + slot.capacity);
    std::copy_n(entries_.begin() + static_cast<ptrdiff_t>(slot.first), slot.size,
                entries_.begin() + static_cast<ptrdiff_t>(first));
    slot.first = first;
  }

  std::vector<Slot> slots_;
  std::vector<Entry> entries_;
};

}  // namespace synoptic::promql::internal
