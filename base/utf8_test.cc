// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace synoptic {
namespace {

TEST(Utf8, ReadsBackEveryLengthItWrites) {
  for (const char32_t rune : {U'\0', U'a', U'\x7F', U'\x80', U'\x7FF', U'\x800', U'\xD7FF',
                              U'\xE000', U'\xFFFD', U'\xFFFF', U'\x10000', U'\x10FFFF'}) {
    std::string text;
    AppendRune(rune, text);
    const size_t length = text.size();
    text += "rest";
    char32_t read = U'?';
    EXPECT_EQ(DecodeRune(text, read), length) << static_cast<uint32_t>(rune);
    EXPECT_EQ(read, rune);
  }
}

TEST(Utf8, RefusesWhatIsMalformed) {
  constexpr std::string_view kMalformed[] = {
      "",
      "\x80",              // a continuation alone
      "\xC3",              // cut short
      "\xC3(",             // no continuation
      "\xC0\xAF",          // overlong
      "\xE0\x80\xAF",      // overlong
      "\xF0\x8F\xBF\xBF",  // overlong
      "\xED\xA0\x80",      // a surrogate
      "\xF4\x90\x80\x80",  // beyond U+10FFFF
      "\xF8\x88\x80\x80",
  };
  for (const std::string_view text : kMalformed) {
    char32_t rune = U'?';
    EXPECT_EQ(DecodeRune(text, rune), 0u) << text;
    EXPECT_EQ(rune, U'?');
    EXPECT_EQ(IsValidUtf8(text), text.empty()) << text;
  }
  EXPECT_TRUE(IsValidUtf8("a\xC3\xA9\xF0\x9F\x98\x80"));
  EXPECT_FALSE(IsValidUtf8("a\xC3\xA9\xF0\x9F\x98"));
}

}  // namespace
}  // namespace synoptic
