// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What follows from the order in which Prometheus evaluates, and from what it has fetched: found by
// random comparison with it (tests/compat/engine).
#include <gmock/gmock.h>

#include "promql/eval/eval_test_support.h"

namespace synoptic::promql::eval_test {
namespace {

using testing::ElementsAre;

std::vector<RawSeries> Data(const std::vector<std::string>& lines) {
  std::vector<RawSeries> data;
  for (const std::string& line : lines) data.push_back(Series(line));
  return data;
}

std::vector<std::string> AnswerDelayed(const std::vector<std::string>& data,
                                       const std::string& expr, EvalOptions options) {
  options.delayed_name_removal = true;
  const auto result = RunQuery(Data(data), expr, options);
  if (!result.ok()) return {std::string(MessageOf(result.status()))};
  return Text(*result);
}

// Names that go at the end: the first sample of a series says whether its does.
TEST(DelayedNames, TheEarliestSampleDecides) {
  const std::string either = "x > 1 or abs(x)";
  EXPECT_THAT(AnswerDelayed({"x 0 2"}, either, Minutes(0, 1)), ElementsAre("{} 0 2"));
  EXPECT_THAT(AnswerDelayed({"x 2 0"}, either, Minutes(0, 1)), ElementsAre("x 2 0"));
  EXPECT_THAT(AnswerDelayed({"x 0"}, either, Minutes(0, 0)), ElementsAre("{} 0"));
}

TEST(DelayedNames, InfoLooksForEqualSeriesAtOnce) {
  const std::vector<std::string> data = {R"(b{le="1"} 1)", R"(b{le="+Inf"} 2)"};
  const std::string equal = R"(histogram_quantiles(b, "q", 0.5, 0.5))";
  EXPECT_THAT(AnswerDelayed(data, "sum(" + equal + ")", Minutes(0, 0)), ElementsAre("{} 2"));
  EXPECT_THAT(AnswerDelayed(data, "sum(info(" + equal + "))", Minutes(0, 0)),
              ElementsAre("vector cannot contain metrics with the same labelset"));
}

TEST(DelayedNames, AGroupsLastStepDecides) {
  const std::vector<std::string> data = {R"(x{i="0"} 1 2)", R"(x{i="1"} 1 stale)"};
  const std::string some = R"(sum by (__name__) (x{i="0"} or abs(x{i="1"})))";
  EXPECT_THAT(AnswerDelayed(data, some, Minutes(0, 0)), ElementsAre("{} 2"));
  EXPECT_THAT(AnswerDelayed(data, some, Minutes(0, 1)), ElementsAre("x 2 2"));
}

// Only a range of no length is an instant, where equal series are looked for at the end.
TEST(DelayedNames, ARangeOfOneStepIsNoInstant) {
  const std::vector<std::string> data = {R"(b{le="1"} 1)", R"(b{le="+Inf"} 2)"};
  const std::string twice = R"(sum(histogram_quantiles(b, "q", 0.5, 0.5) or b))";
  EXPECT_THAT(AnswerDelayed(data, twice, Minutes(0, 0)), ElementsAre("{} 5"));
  EvalOptions options = Minutes(0, 1);
  options.grid.step = 120'000;
  EXPECT_THAT(AnswerDelayed(data, twice, options),
              ElementsAre("vector cannot contain metrics with the same labelset"));
}

// `@` in a parameter moves on with the steps, but nothing later than at the first step is read.
TEST(Parameters, FixedTimesMoveOverWhatWasFetched) {
  const std::vector<std::string> data = {"x 1 1 1 1 1 1", "y 1 2 3 4 5 6"};
  const std::string expr = "topk(scalar(y @ 0), x)";
  EXPECT_THAT(Answer(Data(data), expr, 0, 4), ElementsAre("x 1 1 1 1 1"));
  EXPECT_THAT(Answer(Data(data), expr, 0, 5), ElementsAre("Parameter value is NaN"));
  EXPECT_THAT(Answer(Data(data), "quantile(scalar(last_over_time(y[1m] @ 0)), x)", 0, 1),
              ElementsAre("{} 1 NaN",
                          "PromQL warning: quantile value should be between 0 and 1, got NaN "
                          "(1:10)"));
}

TEST(Parameters, InfinityIsToldBesideNaN) {
  const std::vector<std::string> data = {"x 1 1", "y +Inf stale"};
  EXPECT_THAT(
      Answer(Data(data), "quantile(scalar(y), x)", 0, 1),
      ElementsAre("{} +Inf NaN",
                  "PromQL warning: quantile value should be between 0 and 1, got +Inf (1:10)",
                  "PromQL warning: quantile value should be between 0 and 1, got NaN (1:10)"));
}

// Both are 60 at the first step; at the second the first one is still.
TEST(Quantiles, ANoteIsWhereItsValueIsSeenLast) {
  EXPECT_THAT(Answer({}, R"(histogram_quantiles(b, "q", 60, time()))", 1, 2),
              testing::UnorderedElementsAre(
                  "PromQL warning: quantile value should be between 0 and 1, got 60 (1:29)",
                  "PromQL warning: quantile value should be between 0 and 1, got 120 (1:33)"));
}

// The offset beside `@` says what is fetched, and not what is looked at.
TEST(Timestamp, ForgetsAnOffsetFromAFixedTime) {
  const std::vector<std::string> data = {"x 1 2 3 4"};
  EXPECT_THAT(Answer(Data(data), "timestamp(x @ 120 offset 1m)", 3, 3), ElementsAre("{} 60"));
  EXPECT_THAT(Answer(Data(data), "timestamp(x @ 120 offset -1m)", 3, 3), ElementsAre("{} 120"));
}

TEST(Timestamp, OfTheLastSampleIsNeverBefore1970) {
  EXPECT_THAT(
      Answer(Data({"x 1 2 3 4"}), "ts_of_last_over_time((x offset -5m)[1m:1m] offset 5m)", 3, 3),
      ElementsAre("{} 0"));
}

// A subquery that starts where the evaluation does leaves its offset in times fixed below it.
TEST(Subqueries, OneThatStartsWithTheEvaluationShiftsFixedTimes) {
  const std::vector<std::string> data = {"x 1 2 3 4 5 6"};
  EXPECT_THAT(Answer(Data(data), "last_over_time(x[90s:1m] offset -1m)", 3, 3), ElementsAre("x 5"));
  // From 3m on: the time is 4m - 1m. One that starts later looks at 4m.
  EXPECT_THAT(Answer(Data(data), "last_over_time((x @ 240)[90s:1m] offset -1m)", 3, 3),
              ElementsAre("x 4"));
  EXPECT_THAT(Answer(Data(data), "last_over_time((x @ 240)[90s:1m] offset -2m)", 3, 3),
              ElementsAre("x 5"));
}

// A group begins with its first member that has a sample.
TEST(GroupOrder, MembersWithoutSamplesDoNotCount) {
  const std::vector<std::string> data = {R"(x{a="0", g="b"} stale stale)", R"(x{a="1", g="a"} 1 1)",
                                         R"(x{a="2", g="b"} 2 2)"};
  EXPECT_THAT(Answer(Data(data), "limitk(1, sum by (g) (x))", 0, 1), ElementsAre(R"({g="a"} 1 1)"));
}

// Samples filled in for the left side come behind those that match, also where the labels are the
// same as some match could have had.
TEST(FillOrder, UnmatchedSamplesComeLast) {
  const std::vector<std::string> data = {R"(a{i="0"} stale)", R"(a{i="1"} 1)", R"(b{i="0"} 1)",
                                         R"(b{i="1"} 1)"};
  EXPECT_THAT(Answer(Data(data), "a + on (i) fill_left (5) b", 0, 0),
              ElementsAre(R"({i="1"} 2)", R"({i="0"} 6)"));
}

TEST(CountValues, RefusesCustomBucketsWithAZeroBucket) {
  EXPECT_THAT(Answer(Data({"x {{schema:-53 count:1 custom_values:[1] buckets:[1]}}"}),
                     R"(count_values("v", x * NaN))", 0, 0),
              ElementsAre("histograms with custom buckets have no zero bucket"));
}

}  // namespace
}  // namespace synoptic::promql::eval_test
