// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Lists and texts that grow large under a budget. What a list grew out of is freed at once, but the
// allocator keeps its pages for a while, in nobody's account: after some doublings as many as the
// list itself has. Here they go back to the kernel as soon as they were copied.
#pragma once

#include <cstddef>
#include <iterator>
#include <utility>

namespace synoptic {

// Gives the whole pages inside [begin, begin + bytes) back. What was there is lost; to be called
// for memory that holds no object any more and is about to be freed.
void ReturnPages(void* begin, size_t bytes);

// As list.reserve(wanted) of a std::vector or std::string, for a list that was at its capacity.
template <class List>
void GrowTo(List& list, size_t wanted) {
  // Small ones the next list takes anyway, and a page that is taken anew costs time.
  constexpr size_t kLarge = size_t{1} << 20;
  const size_t before = list.capacity() * sizeof(typename List::value_type);
  if (before < kLarge || wanted <= list.capacity()) return list.reserve(wanted);
  List larger;
  larger.reserve(wanted);
  if constexpr (requires { larger.append(list); }) {
    larger.append(list);
  } else {
    larger.insert(larger.end(), std::make_move_iterator(list.begin()),
                  std::make_move_iterator(list.end()));
  }
  list.swap(larger);
  larger.clear();
  ReturnPages(larger.data(), before);
}

}  // namespace synoptic
