// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/grow.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace synoptic {
namespace {

size_t PagesInMemory(char* begin, size_t bytes, size_t page) {
  std::vector<unsigned char> there(bytes / page);
  if (::mincore(begin, bytes, there.data()) != 0) return 0;
  size_t count = 0;
  for (const unsigned char one : there) count += one & 1;
  return count;
}

TEST(ReturnPages, WholePagesGoAndTheirNeighboursStay) {
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  const size_t bytes = 8 * page;
  void* const mapped =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(mapped, MAP_FAILED);
  auto* const begin = static_cast<char*>(mapped);
  std::memset(begin, 'x', bytes);
  ASSERT_EQ(PagesInMemory(begin, bytes, page), 8u);
  // Begins and ends in the middle of pages: those keep what they hold.
  ReturnPages(begin + 1, bytes - 2);
  EXPECT_EQ(PagesInMemory(begin, bytes, page), 2u);
  EXPECT_EQ(begin[0], 'x');
  EXPECT_EQ(begin[bytes - 1], 'x');
  EXPECT_EQ(begin[page - 1], 'x');
  EXPECT_EQ(begin[page], 0);
  ReturnPages(begin + 1, page - 2);  // none
  EXPECT_EQ(begin[1], 'x');
  ::munmap(mapped, bytes);
}

TEST(GrowTo, KeepsWhatIsThere) {
  for (const size_t size : {size_t{0}, size_t{10}, size_t{1} << 21}) {
    std::string text;
    for (size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i % 26);
    text.shrink_to_fit();
    const std::string before = text;
    GrowTo(text, 2 * size + 1);
    EXPECT_GE(text.capacity(), 2 * size + 1);
    EXPECT_EQ(text, before);
  }
  std::vector<std::unique_ptr<size_t>> list;
  constexpr size_t kCount = 200'000;
  list.reserve(kCount);
  for (size_t i = 0; i < kCount; ++i) list.push_back(std::make_unique<size_t>(i));
  GrowTo(list, 2 * kCount);
  ASSERT_EQ(list.size(), kCount);
  EXPECT_EQ(list.capacity(), 2 * kCount);
  for (size_t i = 0; i < kCount; ++i) ASSERT_EQ(*list[i], i);
}

TEST(GrowTo, NeverShrinks) {
  std::vector<int> list(1 << 20, 7);
  const size_t capacity = list.capacity();
  GrowTo(list, 10);
  EXPECT_EQ(list.capacity(), capacity);
  EXPECT_EQ(list.size(), size_t{1} << 20);
}

}  // namespace
}  // namespace synoptic
