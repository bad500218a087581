// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/label_key.h"

#include "gtest/gtest.h"
#include "promql/eval/natural_order.h"
#include "promql/parse/parser.h"

namespace synoptic::promql::internal {
namespace {

Labels L(const char* text) { return ParseMetric(text).value(); }

TEST(LabelKey, SharesExactlyWhatTheChosenPartShares) {
  struct Case {
    std::vector<std::string> names;
    bool keep;
    const char *a, *b;
    bool equal;
  };
  const Case cases[] = {
      {{"job"}, true, R"(x{job="a",i="0"})", R"(y{job="a",i="1"})", true},
      {{"job"}, true, R"(x{job="a"})", R"(x{job="b"})", false},
      {{"job"}, true, R"(x{i="0"})", R"(x{i="1"})", true},  // both without it
      {{"a", "b"}, true, R"(x{a="1"})", R"(x{b="1"})", false},
      {{"i", "__name__"}, false, R"(x{job="a",i="0"})", R"(y{job="a",i="1"})", true},
      {{"i"}, false, R"(x{job="a"})", R"(y{job="a"})", false},
      {{}, false, R"(x{ab="c"})", R"(x{a="bc"})", false},
  };
  for (const Case& c : cases) {
    LabelKey key(c.names, c.keep);
    const std::string first(key.Of(L(c.a)));
    EXPECT_EQ(first == key.Of(L(c.b)), c.equal) << c.a << " " << c.b;
    EXPECT_EQ(key.Part(L(c.a)) == key.Part(L(c.b)), c.equal) << c.a << " " << c.b;
  }
}

TEST(GroupNumbers, CountInOrderOfAppearance) {
  GroupNumbers groups;
  EXPECT_EQ(groups.Number("b"), 0);
  EXPECT_EQ(groups.Number("a"), 1);
  EXPECT_EQ(groups.Number("b"), 0);
  EXPECT_EQ(groups.size(), 2u);
}

TEST(WithoutMetadata, DropsNameTypeAndUnitOnly) {
  EXPECT_EQ(WithoutMetadata(L(R"(x{__type__="counter",__unit__="s",a="b"})")), L(R"({a="b"})"));
  EXPECT_EQ(WithoutMetadata(L(R"({a="b"})")), L(R"({a="b"})"));
}

TEST(NaturalOrder, ComparesDigitsAsNumbers) {
  EXPECT_TRUE(ComesFirst("cpu2", "cpu10"));
  EXPECT_FALSE(ComesFirst("cpu10", "cpu2"));
  EXPECT_TRUE(ComesFirst("1000X", "a"));
  EXPECT_TRUE(ComesFirst("cpu", "cpu10"));
  EXPECT_FALSE(ComesFirst("cpu10", "cpu"));
  EXPECT_FALSE(ComesFirst("", "a"));
  EXPECT_FALSE(ComesFirst("a", ""));
  EXPECT_TRUE(ComesFirst("a01", "a1"));
  EXPECT_TRUE(ComesFirst("a1", "a01"));
}

}  // namespace
}  // namespace synoptic::promql::internal
