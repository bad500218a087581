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

TEST(KeptWindow, ABriefReadAsksForTheNewestAndForHowLateSamplesWere) {
  KeptWindow window;
  EXPECT_EQ(window.AskFrom(0, /*brief=*/true), 0) << "nothing is known";
  const auto take = [&](std::vector<int64_t> times, int64_t asked_from, int64_t until,
                        int64_t settled, const std::string& replica = "a") {
    EXPECT_TRUE(
        window
            .Take(Answer({Series("db", std::move(times))}, replica), 0, asked_from, until, settled)
            .ok());
  };
  take({10'000, 25'000}, 0, 30'000, 5'000);
  EXPECT_EQ(window.AskFrom(0), 5'001);
  EXPECT_EQ(window.AskFrom(0, true), 29'001);
  take({31'000}, 29'001, 32'000, window.settled());
  EXPECT_THAT(window.series()[0].samples.t, ElementsAre(10'000, 25'000, 31'000));
  EXPECT_EQ(window.AskFrom(0, true), 31'001);
  // All is read again, and there is one that nobody had seen, 3 s late at least.
  take({10'000, 25'000, 29'000, 31'000}, 5'001, 32'000, 5'000);
  EXPECT_THAT(window.series()[0].samples.t, ElementsAre(10'000, 25'000, 29'000, 31'000));
  EXPECT_LT(window.AskFrom(0, true), 32'001 - 2 * 3'000);
  EXPECT_GT(window.AskFrom(0, true), 20'000);
  // Where none is late any more that is forgotten.
  for (int i = 0; i < 400; ++i) take({}, 32'001, 32'000, 5'000);
  EXPECT_GT(window.AskFrom(0, true), 30'900);
  // Another replica's times are others; that is not late.
  take({10'500, 25'500, 30'500}, 0, 33'000, 5'000, "b");
  EXPECT_GT(window.AskFrom(0, true), 31'900);
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
