// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <array>
#include <cstdint>

#include "base/utf8.h"

namespace synoptic {
namespace {

constexpr char kHex[] = "0123456789abcdef";

void AppendControl(unsigned char c, std::string& out) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

template <bool kHtml>
constexpr std::array<bool, 256> MakeSafeTable() {
  std::array<bool, 256> safe{};
  for (size_t c = 0x20; c < 0x80; ++c) safe[c] = c != '"' && c != '\\';
  if (kHtml) safe['<'] = safe['>'] = safe['&'] = false;
  return safe;
}

template <bool kHtml>
void Append(std::string_view text, std::string& out) {
  static constexpr std::array<bool, 256> kSafe = MakeSafeTable<kHtml>();
  out += '"';
  size_t done = 0;
  size_t i = 0;
  while (i < text.size()) {
    const auto c = static_cast<uint8_t>(text[i]);
    if (kSafe[c]) {
      ++i;
      continue;
    }
    char32_t rune = 0;
    const size_t length = c < 0x80 ? 0 : DecodeRune(text.substr(i), rune);
    const bool line_separator = kHtml && (rune == 0x2028 || rune == 0x2029);
    if (length > 0 && !line_separator) {
      i += length;
      continue;
    }
    out.append(text, done, i - done);
    if (line_separator) {
      out += rune == 0x2028 ? "\\u2028" : "\\u2029";
      i += length;
    } else if (c >= 0x80) {
      out += kHtml ? "\\ufffd" : "\xEF\xBF\xBD";
      ++i;
    } else {
      AppendControl(c, out);
      ++i;
    }
    done = i;
  }
  out.append(text, done);
  out += '"';
}

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) { Append<false>(text, out); }
void AppendJsonHtmlString(std::string_view text, std::string& out) { Append<true>(text, out); }

}  // namespace synoptic
