// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/natural_order.h"

#include <charconv>
#include <cstdint>
#include <optional>

namespace synoptic::promql::internal {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes the longest run of digits, or of anything else, off the front.
std::string_view TakeChunk(std::string_view& s) {
  size_t size = 1;
  while (size < s.size() && IsDigit(s[size]) == IsDigit(s[0])) ++size;
  const std::string_view chunk = s.substr(0, size);
  s.remove_prefix(size);
  return chunk;
}

// nullopt when it is no number or too large for one: then it compares as text.
std::optional<int64_t> Number(std::string_view chunk) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(chunk.data(), chunk.data() + chunk.size(), value);
  if (error != std::errc() || end != chunk.data() + chunk.size()) return std::nullopt;
  return value;
}

// Whether `a` comes first where the two first differ; nullopt when one is used up before. Both are
// moved on.
std::optional<bool> FirstDifference(std::string_view& a, std::string_view& b) {
  while (!a.empty() && !b.empty()) {
    const std::string_view x = TakeChunk(a), y = TakeChunk(b);
    const std::optional<int64_t> nx = Number(x), ny = Number(y);
    if (nx.has_value() && ny.has_value()) {
      if (*nx != *ny) return *nx < *ny;
    } else if (x != y) {
      return x < y;
    }
  }
  return std::nullopt;
}

}  // namespace

bool ComesFirst(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return false;
  const std::optional<bool> first = FirstDifference(a, b);
  return first.value_or(a.empty());
}

}  // namespace synoptic::promql::internal
