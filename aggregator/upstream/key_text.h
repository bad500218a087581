// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A key of an object in JSON, `"job":"` with the quote that begins its value: objects of a list
// mostly have the keys of the one before, and are recognised by a few comparisons of words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace synoptic::aggregator {

class KeyText {
 public:
  explicit KeyText(std::string_view key) : text_('"' + std::string(key) + "\":\"") {
    if (text_.size() >= kWord) {
      first_ = Word(text_.data());
      last_ = Word(text_.data() + text_.size() - kWord);
    }
  }

  // Whether [p, end) begins with it.
  bool Begins(const char* p, const char* end) const {
    const size_t size = text_.size();
    if (static_cast<size_t>(end - p) < size) return false;
    if (size < kWord || size > 2 * kWord) return std::memcmp(p, text_.data(), size) == 0;
    return Word(p) == first_ && Word(p + size - kWord) == last_;
  }
  size_t size() const { return text_.size(); }
  // What lies between its quotes, where it begins at `p`.
  std::string_view KeyAt(const char* p) const { return {p + 1, text_.size() - 4}; }

 private:
  static constexpr size_t kWord = sizeof(uint64_t);
  static uint64_t Word(const char* p) {
    uint64_t word = 0;
    std::memcpy(&word, p, sizeof word);
    return word;
  }

  std::string text_;
  uint64_t first_ = 0, last_ = 0;  // words of it, which overlap where it is short
};

}  // namespace synoptic::aggregator
