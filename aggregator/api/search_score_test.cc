// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/search_score.h"

#include <gtest/gtest.h>

namespace synoptic::aggregator {
namespace {

double Jaro(std::string_view a, std::string_view b) {
  return JaroWinklerScore(ToRunes(a), ToRunes(b));
}
double Subsequence(std::string_view term, std::string_view value) {
  return SubsequenceScore(ToRunes(term), ToRunes(value));
}

TEST(SearchScore, EarlierSubstringsFitBetter) {
  EXPECT_EQ(SubstringScore(U"http", U"http_requests_total"), 1.0);
  EXPECT_DOUBLE_EQ(*SubstringScore(U"b", U"ab"), 0.1);
  EXPECT_DOUBLE_EQ(*SubstringScore(U"b", U"abc"), 0.55);
  EXPECT_EQ(SubstringScore(U"x", U"abc"), std::nullopt);
  // In characters: the same place, however many bytes are before it.
  EXPECT_EQ(SubstringScore(ToRunes("b"), ToRunes("\u00e9bc")), SubstringScore(U"b", U"abc"));
}

TEST(SearchScore, JaroWinklerHasItsTextbookValues) {
  EXPECT_NEAR(Jaro("MARTHA", "MARHTA"), 0.9611, 1e-4);
  EXPECT_NEAR(Jaro("DWAYNE", "DUANE"), 0.84, 1e-4);
  EXPECT_NEAR(Jaro("DIXON", "DICKSONX"), 0.8133, 1e-4);
  EXPECT_EQ(Jaro("abc", "xyz"), 0);
  EXPECT_EQ(Jaro("abc", "abc"), 1);
  EXPECT_EQ(Jaro("", "abc"), 0);
  EXPECT_EQ(Jaro("a", "a\u00e9"), Jaro("a\u00e9", "a"));
}

TEST(SearchScore, SubsequencesLikeRunsAndNotGaps) {
  EXPECT_EQ(Subsequence("abc", "abc"), 1);
  EXPECT_EQ(Subsequence("abc", "acb"), 0);
  EXPECT_EQ(Subsequence("abc", "ab"), 0);
  EXPECT_GT(Subsequence("htp", "http"), Subsequence("htp", "h_t_p"));
  // (9 - 1/4/2) / 9 * 0.999: one run, one character trails.
  EXPECT_DOUBLE_EQ(Subsequence("abc", "abcd"), (9 - 0.25 * 0.5) / 9 * 0.999);
  // The second start has the longer run.
  EXPECT_GT(Subsequence("ab", "axab"), Subsequence("ab", "axxb"));
}

TEST(SearchFilter, TakesTheBestTermAndTheThreshold) {
  SearchTerms search;
  search.terms = {"htp", "", "node"};
  search.jaro_winkler = true;
  search.case_sensitive = false;
  search.threshold = 0.8;
  const SearchFilter filter(search);
  EXPECT_EQ(filter.Score("NODE_load1"), 1.0);
  EXPECT_GT(filter.Score("http").value_or(0), 0.8);
  EXPECT_EQ(filter.Score("go_goroutines"), std::nullopt);
  EXPECT_EQ(SearchFilter(SearchTerms()).Score("anything"), 1.0);
}

TEST(SearchFilter, CaseCountsUnlessToldOtherwise) {
  SearchTerms search;
  search.terms = {"Up"};
  EXPECT_EQ(SearchFilter(search).Score("up"), std::nullopt);
  search.case_sensitive = false;
  EXPECT_EQ(SearchFilter(search).Score("UPS"), 1.0);
}

}  // namespace
}  // namespace synoptic::aggregator
