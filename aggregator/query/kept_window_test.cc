// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/kept_window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace synoptic::aggregator {
namespace {

using promql::Labels;
using promql::Matcher;
using promql::MatchOp;
using promql::RawSeries;
using promql::SampleColumns;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Samples at these times; the value is the time times `factor`.
RawSeries Series(const std::string& job, std::vector<int64_t> times, double factor = 1) {
  SampleColumns samples;
  for (const int64_t t : times) samples.push_back(t, static_cast<double>(t) * factor);
  return {Labels::From({{"__name__", "x"}, {"job", job}}), std::move(samples)};
}

RawAnswer Answer(std::vector<RawSeries> series, const std::string& replica = "a") {
  RawAnswer answer;
  answer.series = std::move(series);
  answer.info.replica = replica;
  return answer;
}

TEST(KeptWindow, AsksForEverythingFirstAndThenForWhatHasNotSettled) {
  KeptWindow window;
  EXPECT_EQ(window.AskFrom(100), 100);
  ASSERT_TRUE(window.Take(Answer({Series("db", {110, 120, 130})}), 100, 100, 130, 120).ok());
  EXPECT_EQ(window.AskFrom(105), 121);
  // Further back than what is known: everything.
  EXPECT_EQ(window.AskFrom(90), 90);
  // Long ago: nothing of it is of use.
  EXPECT_EQ(window.AskFrom(500), 500);
}

TEST(KeptWindow, ReplacesWhatHadNotSettledAndForgetsWhatIsOld) {
  KeptWindow window;
  ASSERT_TRUE(window.Take(Answer({Series("db", {110, 120, 130})}), 100, 100, 130, 120).ok());
  ASSERT_TRUE(window.Take(Answer({Series("db", {130, 140}, 10)}), 115, 121, 140, 130).ok());
  ASSERT_EQ(window.series().size(), 1u);
  EXPECT_THAT(window.series()[0].samples.t, ElementsAre(120, 130, 140));
  EXPECT_THAT(window.series()[0].samples.v, ElementsAre(120, 1300, 1400));
  EXPECT_EQ(window.AskFrom(115), 131);
}

TEST(KeptWindow, SeriesComeAndGo) {
  KeptWindow window;
  ASSERT_TRUE(
      window.Take(Answer({Series("db", {110}), Series("web", {110})}), 100, 100, 110, 110).ok());
  const uint64_t before = window.generation();
  ASSERT_TRUE(window.Take(Answer({Series("web", {120})}), 105, 111, 120, 120).ok());
  EXPECT_EQ(window.generation(), before);
  ASSERT_TRUE(
      window.Take(Answer({Series("api", {130}), Series("web", {130})}), 115, 121, 130, 130).ok());
  EXPECT_NE(window.generation(), before);
  ASSERT_EQ(window.series().size(), 2u);
  EXPECT_EQ(window.series()[0].labels.Get("job"), "api");
  EXPECT_THAT(window.series()[1].samples.t, ElementsAre(120, 130));
}

TEST(KeptWindow, FindsSeriesByAnyMatcher) {
  KeptWindow window;
  ASSERT_TRUE(window
                  .Take(Answer({Series("api", {110}), Series("db", {110}), Series("web", {110})}),
                        100, 100, 110, 110)
                  .ok());
  const auto find = [&](MatchOp op, const char* name, const char* value) {
    return window.Matching(
        {*Matcher::Create(MatchOp::kEqual, "__name__", "x"), *Matcher::Create(op, name, value)});
  };
  EXPECT_THAT(find(MatchOp::kEqual, "job", "db"), ElementsAre(1));
  EXPECT_THAT(find(MatchOp::kNotEqual, "job", "db"), ElementsAre(0, 2));
  EXPECT_THAT(find(MatchOp::kRegex, "job", "a.*|web"), ElementsAre(0, 2));
  EXPECT_THAT(find(MatchOp::kEqual, "job", "none"), IsEmpty());
  EXPECT_THAT(find(MatchOp::kEqual, "absent", ""), ElementsAre(0, 1, 2));
}

TEST(KeptWindow, KeepsNothingOfNativeHistograms) {
  KeptWindow window;
  ASSERT_TRUE(window.Take(Answer({Series("db", {110})}), 100, 100, 110, 110).ok());
  RawSeries series = Series("db", {});
  series.histograms.push_back(120, std::make_shared<promql::FloatHistogram>());
  EXPECT_TRUE(absl::IsUnimplemented(window.Take(Answer({series}), 100, 111, 120, 120)));
  EXPECT_THAT(window.series(), IsEmpty());
  EXPECT_EQ(window.AskFrom(100), 100);
}

}  // namespace
}  // namespace synoptic::aggregator
