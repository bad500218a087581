// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/label_escaping.h"

#include <cstdint>
#include <optional>

#include "base/utf8.h"

namespace synoptic::aggregator {
namespace {

constexpr size_t kMaxHexDigits = 6;  // U+10FFFF

std::optional<uint32_t> HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<uint32_t>(c - 'A' + 10);
  return std::nullopt;
}

// The `2e_` after the underscore of an escape; false when it is none.
bool TakeEscape(std::string_view& rest, std::string& out) {
  uint32_t rune = 0;
  for (size_t digits = 0; digits < rest.size() && digits < kMaxHexDigits; ++digits) {
    if (rest[digits] == '_') {
      rest.remove_prefix(digits + 1);
      if (rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF)) return false;
      AppendRune(rune, out);
      return true;
    }
    const auto digit = HexDigit(rest[digits]);
    if (!digit) return false;
    rune = rune * 16 + *digit;
  }
  return false;
}

}  // namespace

std::string UnescapeLabelName(std::string_view escaped) {
  std::string_view rest = escaped;
  if (!rest.starts_with("U__")) return std::string(escaped);
  rest.remove_prefix(3);
  std::string name;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c != '_') {
      name += c;
    } else if (rest.starts_with('_')) {
      name += '_';
      rest.remove_prefix(1);
    } else if (!TakeEscape(rest, name)) {
      return std::string(escaped);
    }
  }
  return name;
}

}  // namespace synoptic::aggregator
