// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A sort that leaves equal elements where Go's sort.Sort and slices.SortFunc leave them, since in
// what order Prometheus answers equal values follows from its very swaps. It is a quicksort that
// defeats patterns (Orson Peters, arXiv 2106.05123): insertion for few elements, pivots by
// medians, a few elements exchanged after a bad split, and a heap sort after too many of those.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace synoptic::promql::internal {

inline constexpr size_t kGoSortsByInsertion = 12;  // elements at most: which is stable

// `less` may be any function, even one that is no order (as where NaN comes before itself): then
// what comes out is still Go's.
template <class T, class Less>
class GoSorter {
 public:
  GoSorter(std::span<T> items, Less less) : items_(items), less_(less) {}

  void Sort() { Sort(0, items_.size(), static_cast<int>(std::bit_width(items_.size()))); }

 private:
  static constexpr size_t kMany = 50;  // are worth a pivot of nine, and shifting single elements
  static constexpr int kMostShifts = 5;

  enum class Hint { kNone, kAscending, kDescending };
  struct Pivot {
    size_t at;
    Hint hint;
  };
  struct Split {
    size_t pivot;
    bool was_split;  // nothing had to move
  };

  bool Before(size_t a, size_t b) { return less_(items_[a], items_[b]); }
  void Swap(size_t a, size_t b) {
    if (a != b) std::swap(items_[a], items_[b]);
  }
  T* At(size_t i) { return items_.data() + i; }

  // [begin, end); `splits_left` bad ones are allowed before the heap sort.
  void Sort(size_t begin, size_t end, int splits_left) {
    bool balanced = true, was_split = true;
    while (end - begin > kGoSortsByInsertion) {
      if (splits_left == 0) return SortByHeap(begin, end - begin);
      if (!balanced) {
        BreakPattern(begin, end - begin);
        --splits_left;
      }
      Pivot pivot = ChoosePivot(begin, end - begin);
      if (pivot.hint == Hint::kDescending) {
        std::reverse(At(begin), At(end));
        pivot = {end - 1 - (pivot.at - begin), Hint::kAscending};
      }
      const bool may_be_sorted = balanced && was_split && pivot.hint == Hint::kAscending;
      if (may_be_sorted && FinishedByShifting(begin, end)) return;
      // What lies before is a pivot, and not below any element here: equal ones come off at once.
      if (begin > 0 && !Before(begin - 1, pivot.at)) {
        begin = SplitEqual(begin, end, pivot.at);
        continue;
      }
      const Split split = SplitBy(begin, end, pivot.at);
      was_split = split.was_split;
      const size_t left = split.pivot - begin, right = end - split.pivot;
      balanced = std::min(left, right) >= (end - begin) / 8;
      if (left < right) {
        Sort(begin, split.pivot, splits_left);
        begin = split.pivot + 1;
      } else {
        Sort(split.pivot + 1, end, splits_left);
        end = split.pivot;
      }
    }
    for (size_t i = begin + 1; i < end; ++i) ShiftDown(i, begin);
  }

  // Moves element `i` before all larger ones, down to `lowest`.
  void ShiftDown(size_t i, size_t lowest) {
    for (; i > lowest && Before(i, i - 1); --i) Swap(i, i - 1);
  }

  // Puts the few elements that are out of order in their places; false if there are more.
  bool FinishedByShifting(size_t begin, size_t end) {
    size_t i = begin + 1;
    for (int shifts = 0; shifts < kMostShifts; ++shifts) {
      while (i < end && !Before(i, i - 1)) ++i;
      if (i == end) return true;
      if (end - begin < kMany) return false;
      Swap(i, i - 1);
      // Down to the very first element, not to `begin` (which is the same for a true order).
      if (i - begin >= 2) ShiftDown(i - 1, 0);
      if (end - i >= 2) {
        for (size_t j = i + 1; j < end && Before(j, j - 1); ++j) Swap(j, j - 1);
      }
    }
    return false;
  }

  // Smaller elements before the pivot, others behind it.
  Split SplitBy(size_t begin, size_t end, size_t pivot) {
    Swap(begin, pivot);
    size_t i = begin + 1, j = end - 1;
    const auto skip = [&] {
      while (i <= j && Before(i, begin)) ++i;
      while (i <= j && !Before(j, begin)) --j;
      return i > j;
    };
    const bool was_split = skip();
    for (bool met = was_split; !met; met = skip()) Swap(i++, j--);
    Swap(j, begin);
    return {j, was_split};
  }

  // Elements equal to the pivot first; gives where the larger ones begin.
  size_t SplitEqual(size_t begin, size_t end, size_t pivot) {
    Swap(begin, pivot);
    size_t i = begin + 1, j = end - 1;
    while (true) {
      while (i <= j && !Before(begin, i)) ++i;
      while (i <= j && Before(begin, j)) --j;
      if (i > j) return i;
      Swap(i++, j--);
    }
  }

  // Exchanges three elements of the middle with others, the same ones for the same size.
  void BreakPattern(size_t begin, size_t size) {
    uint64_t random = size;
    const uint64_t mask = (uint64_t{1} << std::bit_width(size)) - 1;
    const size_t middle = begin + size / 4 * 2;
    for (size_t i = middle - 1; i <= middle + 1; ++i) {
      random ^= random << 13;
      random ^= random >> 7;
      random ^= random << 17;
      size_t other = random & mask;
      if (other >= size) other -= size;
      Swap(i, begin + other);
    }
  }

  // The median of three elements, or of the medians of three times three.
  Pivot ChoosePivot(size_t begin, size_t size) {
    const size_t quarter = size / 4;
    size_t a = begin + quarter, b = begin + quarter * 2, c = begin + quarter * 3;
    int exchanges = 0;
    if (size >= kMany) {
      a = Median(a - 1, a, a + 1, exchanges);
      b = Median(b - 1, b, b + 1, exchanges);
      c = Median(c - 1, c, c + 1, exchanges);
    }
    const size_t at = Median(a, b, c, exchanges);
    constexpr int kAll = 12;
    if (exchanges == 0) return {at, Hint::kAscending};
    return {at, exchanges == kAll ? Hint::kDescending : Hint::kNone};
  }

  size_t Median(size_t a, size_t b, size_t c, int& exchanges) {
    const auto order = [&](size_t& x, size_t& y) {
      if (!Before(y, x)) return;
      ++exchanges;
      std::swap(x, y);
    };
    order(a, b);
    order(b, c);
    order(a, b);
    return b;
  }

  void SortByHeap(size_t begin, size_t size) {
    for (size_t i = (size - 1) / 2 + 1; i-- > 0;) Sink(begin, i, size);
    for (size_t i = size; i-- > 0;) {
      Swap(begin, begin + i);
      Sink(begin, 0, i);
    }
  }

  void Sink(size_t begin, size_t root, size_t size) {
    for (size_t child = 2 * root + 1; child < size; child = 2 * root + 1) {
      if (child + 1 < size && Before(begin + child, begin + child + 1)) ++child;
      if (!Before(begin + root, begin + child)) return;
      Swap(begin + root, begin + child);
      root = child;
    }
  }

  const std::span<T> items_;
  Less less_;
};

template <class T, class Less>
void SortLikeGo(std::span<T> items, Less less) {
  GoSorter<T, Less>(items, less).Sort();
}

}  // namespace synoptic::promql::internal
