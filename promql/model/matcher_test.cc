// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"

namespace synoptic::promql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Matcher Regex(std::string expression) {
  return Matcher::Create(MatchOp::kRegex, "l", std::move(expression)).value();
}

TEST(Matcher, ExpressionsMatchTheWholeValue) {
  struct Case {
    const char* expression;
    std::vector<std::string> yes;
    std::vector<std::string> no;
  };
  const Case cases[] = {
      {"", {""}, {"a"}},
      {"a", {"a"}, {"", "aa", "ba"}},
      {"a|b|", {"a", "b", ""}, {"ab", "c"}},
      {"a|b.", {"a", "bx", "b\n"}, {"b", "ax"}},
      {".*", {"", "a", "a\nb", "\xFF"}, {}},
      {".+", {"a", "\n"}, {""}},
      {"a.*", {"a", "abc", "a\n"}, {"", "ba"}},
      {"a.+", {"ab"}, {"a", "ba"}},
      {".*a", {"a", "ba"}, {"ab", ""}},
      {".+a", {"ba", "aa"}, {"a"}},
      {".*a.*", {"a", "bab", "ab", "ba"}, {"", "b"}},
      {".+a.+", {"bab", "aaa"}, {"a", "ba", "ab", "aa"}},
      {".+.*", {"a"}, {""}},
      {R"(a\.*)", {"a", "a..."}, {"ab"}},
      {".*?a", {"a", "ba"}, {"ab"}},
      {"(a|b)c", {"ac", "bc"}, {"a", "c"}},
      {"(?i)abc", {"ABC", "abc"}, {"ab"}},
      {"a.c",
       {"a\nc",
        "a\xC3\xA4"
        "c"},
       {"ac"}},
      {"^a$", {"a"}, {"ab"}},
      {R"(\d{3})", {"503"}, {"50", "5033"}},
  };
  for (const Case& c : cases) {
    const Matcher positive = Regex(c.expression);
    const Matcher negative = Matcher::Create(MatchOp::kNotRegex, "l", c.expression).value();
    for (const std::string& value : c.yes) {
      EXPECT_TRUE(positive.Matches(value)) << c.expression << " " << value;
      EXPECT_FALSE(negative.Matches(value)) << c.expression << " " << value;
    }
    for (const std::string& value : c.no) {
      EXPECT_FALSE(positive.Matches(value)) << c.expression << " " << value;
      EXPECT_TRUE(negative.Matches(value)) << c.expression << " " << value;
    }
  }
}

TEST(Matcher, MissingLabelIsTheEmptyString) {
  const Labels labels = Labels::From({{"a", "1"}});
  EXPECT_TRUE(Matcher::Create(MatchOp::kEqual, "b", "")->Matches(labels));
  EXPECT_TRUE(Matcher::Create(MatchOp::kNotEqual, "b", "x")->Matches(labels));
  EXPECT_FALSE(Matcher::Create(MatchOp::kNotEqual, "b", "")->Matches(labels));
  EXPECT_TRUE(Matcher::Create(MatchOp::kRegex, "a", "1|2")->Matches(labels));
  EXPECT_TRUE(Regex(".*").MatchesEmpty());
  EXPECT_FALSE(Regex(".+").MatchesEmpty());
}

TEST(Matcher, WordsOfAPlainAlternation) {
  EXPECT_THAT(Regex("us|eu|us").Words(), ElementsAre("eu", "us"));
  EXPECT_THAT(Regex("eu.*").Words(), IsEmpty());
  EXPECT_THAT(Matcher::Create(MatchOp::kEqual, "l", "eu")->Words(), IsEmpty());
}

TEST(Matcher, RefusesWhatDoesNotCompile) {
  const auto message = [](std::string expression) {
    const auto matcher = Matcher::Create(MatchOp::kRegex, "l", std::move(expression));
    EXPECT_EQ(matcher.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(MessageOf(matcher.status()));
  };
  EXPECT_EQ(message("a("), "error parsing regexp: missing closing ): `a(`");
  EXPECT_EQ(message("a)(b"), "error parsing regexp: unexpected ): `a)(b`");
  EXPECT_EQ(message("*a"), "error parsing regexp: missing argument to repetition operator: `*`");
  EXPECT_EQ(message(".**"), "error parsing regexp: invalid nested repetition operator: `**`");
  EXPECT_EQ(message("\xFF"), "error parsing regexp: invalid UTF-8: `\xFF`");
  EXPECT_EQ(message("a{2000}"), "error parsing regexp: invalid repeat count: `{2000}`");
  EXPECT_EQ(message("[b-a]"), "error parsing regexp: invalid character class range: `b-a`");
  EXPECT_EQ(message("a\\"), "error parsing regexp: trailing backslash at end of expression: ``");
  EXPECT_EQ(message(std::string(4097, 'a')),
            "regular expression has 4097 bytes, at most 4096 are allowed");
}

TEST(Matcher, ComparesByOpNameAndValue) {
  EXPECT_EQ(Regex("a"), Regex("a"));
  EXPECT_FALSE(Regex("a") == Regex("b"));
  EXPECT_EQ(MatchOpText(MatchOp::kNotRegex), "!~");
}

}  // namespace
}  // namespace synoptic::promql
