// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <gtest/gtest.h>

namespace synoptic {
namespace {

TEST(Json, StringsAreEscapedAsGoDoes) {
  const struct {
    std::string_view text, plain, html;
  } kCases[] = {
      {"", R"("")", R"("")"},
      {"a\"b\\c\nd\re\tf", R"("a\"b\\c\nd\re\tf")", R"("a\"b\\c\nd\re\tf")"},
      {std::string_view("\0\x01\x1f\x7f", 4), "\"\\u0000\\u0001\\u001f\x7f\"",
       "\"\\u0000\\u0001\\u001f\x7f\""},
      {"<a & b>", "\"<a & b>\"", R"("\u003ca \u0026 b\u003e")"},
      {"\xE2\x80\xA8x\xE2\x80\xA9", "\"\xE2\x80\xA8x\xE2\x80\xA9\"", R"("\u2028x\u2029")"},
      {"caf\xC3\xA9 \xF0\x9F\x98\x80", "\"caf\xC3\xA9 \xF0\x9F\x98\x80\"",
       "\"caf\xC3\xA9 \xF0\x9F\x98\x80\""},
      {"a\xff"
       "b\xC3",
       "\"a\xEF\xBF\xBD"
       "b\xEF\xBF\xBD\"",
       R"("a\ufffdb\ufffd")"},
      {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"", R"("\ufffd\ufffd\ufffd")"},
  };
  for (const auto& c : kCases) {
    std::string plain, html;
    AppendJsonString(c.text, plain);
    AppendJsonHtmlString(c.text, html);
    EXPECT_EQ(plain, c.plain);
    EXPECT_EQ(html, c.html);
  }
}

}  // namespace
}  // namespace synoptic
