// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Native histograms where series are combined: aggregations, binary and set operators. What
// Prometheus' own scripts prove (tests/promql) is not repeated: these are the cases in which steps
// of one series differ, notes hide each other, and limits count.
#include <random>
#include <string>
#include <vector>

#include "base/budget.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "promql/eval/eval_test_support.h"

namespace synoptic::promql {
namespace {

using eval_test::Answer;
using eval_test::Minutes;
using eval_test::RunQuery;
using eval_test::Series;
using testing::HasSubstr;
using testing::UnorderedElementsAreArray;

// Lines of series text to series.
std::vector<RawSeries> Data(const std::vector<std::string>& lines) {
  std::vector<RawSeries> out;
  for (const std::string& line : lines) out.push_back(Series(line));
  return out;
}

struct Case {
  std::vector<std::string> data;
  std::string expr;
  int64_t from, to;  // minutes
  std::vector<std::string> expected;
};

void Check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(Answer(Data(c.data), c.expr, c.from, c.to), c.expected) << c.expr;
  }
}

// What there is at a step, as text.
std::vector<std::string> SamplesAt(const EvalResult& result, size_t step) {
  std::vector<std::string> out;
  for (const StepSeries& series : result.value.series) {
    const HistogramPtr h = series.histograms.empty() ? nullptr : series.histograms[step];
    if (h != nullptr) {
      out.push_back(series.labels.ToString() + " " + h->ToString());
    } else if (!IsAbsent(series.values[step])) {
      out.push_back(series.labels.ToString() + " " + GoFloatG(series.values[step]));
    }
  }
  return out;
}

constexpr const char* kMixed =
    "PromQL warning: encountered a mix of histograms and floats for aggregation (1:5)";

TEST(HistogramAggregation, MixesAreDroppedStepByStep) {
  const std::vector<std::string> data = {
      R"(m{i="0"} 1 {{count:1 buckets:[1]}} {{count:1}})",
      R"(m{i="1"} 2 {{count:2 buckets:[2]}} 5)",
  };
  Check({
      {data, "sum(m)", 0, 2, {"{} 3 {count:3, sum:0, (0.5,1]:3} _", kMixed}},
      {data, "avg(m)", 0, 1, {"{} 1.5 {count:1.5, sum:0, (0.5,1]:1.5}"}},
      {data, "count(m)", 0, 2, {"{} 2 2 2"}},
      {data, "group(m)", 0, 2, {"{} 1 1 1"}},
      {data,
       "max(m)",
       0,
       2,
       {"{} 2 _ 5", "PromQL info: ignored histogram in max aggregation (1:5)"}},
      {data, "sum by (i) (m)", 2, 2, {R"({i="0"} {count:1, sum:0})", R"({i="1"} 5)"}},
  });
}

// Once bucket layouts have clashed a group is not looked at any further: no second warning.
TEST(HistogramAggregation, ClashOfLayoutsEndsAGroup) {
  const std::string clash =
      "PromQL warning: vector contains a mix of histograms with exponential and custom buckets "
      "schemas for metric name \"m\" (1:5)";
  const std::string custom = "{{schema:-53 count:1 custom_values:[5] buckets:[1]}}";
  Check({
      {{R"(m{i="0"} {{count:1}})", R"(m{i="1"} )" + custom, R"(m{i="2"} 1)"},
       "sum(m)",
       0,
       0,
       {clash}},
      {{R"(m{i="0"} {{count:1}})", R"(m{i="1"} 1)", R"(m{i="2"} )" + custom},
       "sum(m)",
       0,
       0,
       {kMixed, clash}},
      // A float that comes first: histograms are not even added.
      {{R"(m{i="0"} 1)", R"(m{i="1"} {{count:1}})", R"(m{i="2"} )" + custom},
       "avg(m)",
       0,
       0,
       {kMixed}},
  });
}

TEST(HistogramAggregation, MeanGoesOnWhereTheSumOverflows) {
  Check({{{R"(m{i="0"} {{count:1.5e308 sum:1.5e308 buckets:[1.5e308]}})",
           R"(m{i="1"} {{count:1.5e308 sum:1.5e308 buckets:[1.5e308]}})",
           R"(m{i="2"} {{count:0 sum:0 buckets:[0]}})"},
          "avg(m)",
          0,
          0,
          {"{} {count:1e+308, sum:1e+308, (0.5,1]:1e+308}"}},
         {{R"(m{i="0"} {{count:1.5e308 sum:1}})", R"(m{i="1"} {{count:1.5e308 sum:1}})"},
          "sum(m)",
          0,
          0,
          {"{} {count:+Inf, sum:2}"}}});
}

TEST(HistogramAggregation, SumsAreCompensatedBucketByBucket) {
  Check({{{R"(m{i="0"} {{count:1 sum:1 buckets:[1e100 1]}})",
           R"(m{i="1"} {{count:1e100 sum:1e100 buckets:[1 1]}})",
           R"(m{i="2"} {{count:1 sum:-1e100 buckets:[1 1]}})",
           R"(m{i="3"} {{count:1 sum:1 buckets:[1 1]}})"},
          "sum(m)",
          0,
          0,
          {"{} {count:1e+100, sum:2, (0.5,1]:1e+100, (1,2]:4}"}}});
}

TEST(SelectK, HistogramsCountForLimitsOnly) {
  const std::vector<std::string> data = {R"(m{i="0"} {{count:1}} 3)", R"(m{i="1"} 5 {{count:2}})",
                                         R"(m{i="2"} 7 1)"};
  const std::string note = "PromQL info: ignored histogram in topk aggregation (1:1)";
  Check({
      {data, "topk(1, m)", 0, 1, {R"(m{i="0"} _ 3)", R"(m{i="2"} 7 _)", note}},
      {data,
       "limitk(2, m)",
       0,
       1,
       {R"(m{i="0"} {count:1, sum:0} 3)", R"(m{i="1"} 5 {count:2, sum:0})"}},
      {data,
       "limit_ratio(1, m)",
       1,
       1,
       {R"(m{i="1"} {count:2, sum:0})", R"(m{i="0"} 3)", R"(m{i="2"} 1)"}},
      // Where nothing is asked for, nothing is ignored.
      {data, "topk(scalar(vector(time())), m)", 0, 0, {}},
      {data, "topk(scalar(vector(time()) / 60), m)", 0, 1, {R"(m{i="0"} _ 3)", note}},
  });
}

// A range passes over whole blocks of steps, an instant query looks at each sample: random series
// with gaps, NaNs, ties and histograms must give the same.
TEST(SelectK, RangeChoosesWhatInstantQueriesChoose) {
  std::mt19937 random(7);
  constexpr int64_t kSteps = 37;
  std::vector<std::string> data;
  for (int i = 0; i < 12; ++i) {
    std::string line = fmt::format("m{{g=\"{}\",i=\"{:02}\"}}", i % 2, i);
    for (int64_t s = 0; s <= kSteps; ++s) {
      const uint32_t kind = random() % 12;
      line += kind == 0   ? " stale"
              : kind == 1 ? " NaN"
              : kind == 2 ? " {{count:1}}"
              : kind == 3 ? " -Inf"
                          : fmt::format(" {}", random() % 5);
    }
    data.push_back(line);
  }
  for (const std::string expr :
       {"topk(1, m)", "topk by (g) (3, m)", "bottomk(2, m)", "bottomk(40, m)", "limitk(2, m)",
        "limitk by (g) (3, m)", "topk(scalar(vector(time() / 60 % 4)), m)", "limit_ratio(0.4, m)",
        R"x(count_values("v", m))x", R"x(count_values without (i) ("v", m))x"}) {
    const auto range = RunQuery(Data(data), expr, Minutes(0, kSteps));
    ASSERT_TRUE(range.ok()) << range.status();
    for (int64_t minute = 0; minute <= kSteps; ++minute) {
      const auto instant = RunQuery(Data(data), expr, Minutes(minute, minute));
      ASSERT_TRUE(instant.ok()) << instant.status();
      EXPECT_THAT(SamplesAt(*range, static_cast<size_t>(minute)),
                  UnorderedElementsAreArray(SamplesAt(*instant, 0)))
          << expr << " at " << minute;
    }
  }
}

TEST(CountValues, HistogramsCountByTheirText) {
  Check({{{R"(m{i="0"} {{count:1}} 3 {{count:1}})", R"(m{i="1"} {{count:1}} {{count:1}} 3)"},
          R"x(count_values("v", m))x",
          0,
          2,
          {R"({v="3"} _ 1 1)", R"({v="{count:1, sum:0}"} 2 1 1)"}}});
}

TEST(Sort, DropsHistogramsUnlessByLabel) {
  const std::vector<std::string> data = {R"(m{i="0"} 3 4)", R"(m{i="1"} {{count:1}} 5)",
                                         R"(m{i="2"} 1 {{count:1}})"};
  Check({
      {data, "sort(m)", 0, 0, {R"(m{i="2"} 1)", R"(m{i="0"} 3)"}},
      {data,
       R"x(sort_by_label_desc(m, "i"))x",
       0,
       0,
       {R"(m{i="2"} 1)", R"(m{i="1"} {count:1, sum:0})", R"(m{i="0"} 3)"}},
      {{R"(m{i="1",l="b"} 1)", R"(m{i="2"} 2)", R"(m{i="3",l="a"} 3)"},
       R"x(sort_by_label(m, "l"))x",  // an empty value stays where it is
       0,
       0,
       {R"(m{i="1", l="b"} 1)", R"(m{i="2"} 2)", R"(m{i="3", l="a"} 3)"}},
      {data,
       "sort(m)",
       0,
       1,
       {R"(m{i="0"} 3 4)", R"(m{i="1"} _ 5)", R"(m{i="2"} 1 _)",
        "PromQL warning: sort is ineffective for range queries since results are always ordered by "
        "labels (1:1)"}},
  });
}

std::string Types(const std::string& op, const std::string& left, const std::string& right,
                  const std::string& position = " (1:1)") {
  return "PromQL info: incompatible sample types encountered for binary operator \"" + op +
         "\": " + left + " " + op + " " + right + position;
}

TEST(HistogramBinary, TakesWhatGoesTogether) {
  const std::vector<std::string> data = {"a {{count:2 buckets:[2]}} 4 {{count:2 buckets:[2]}}",
                                         "b {{count:1 buckets:[1]}} 2 2"};
  Check({
      {data,
       "a + b",
       0,
       2,
       {"{} {count:3, sum:0, (0.5,1]:3} 6 _", Types("+", "histogram", "float")}},
      {data, "a - b", 0, 1, {"{} {count:1, sum:0, (0.5,1]:1} 2"}},
      {data,
       "a * b",
       0,
       2,
       {"{} _ 8 {count:4, sum:0, (0.5,1]:4}", Types("*", "histogram", "histogram")}},
      {data, "a / 0", 0, 1, {"{} {count:+Inf, sum:NaN, [-0,0]:NaN} +Inf"}},
      {data, "2 * a", 0, 1, {"{} {count:4, sum:0, (0.5,1]:4} 8"}},
      {data, "2 / a", 0, 1, {"{} _ 0.5", Types("/", "float", "histogram")}},
      {data, "a == a", 0, 1, {"a {count:2, sum:0, (0.5,1]:2} 4"}},
      {data, "a != bool b", 0, 2, {"{} 1 1 _", Types("!=", "histogram", "float")}},
      {data, "a > 3", 0, 1, {"a _ 4", Types(">", "histogram", "float")}},
      {data, "a </ 0.1", 0, 1, {"a {count:0, sum:0} _", Types("</", "float", "float")}},
      {data, "3 >/ a", 0, 0, {Types(">/", "float", "histogram")}},
  });
}

// Prometheus keeps one error of a step: the last series'.
TEST(HistogramBinary, OfAStepTheLastNoteCounts) {
  const std::vector<std::string> one = {R"(a{i="0"} {{count:1}})", R"(a{i="1"} 1)", R"(b{i="0"} 1)",
                                        R"(b{i="1"} {{count:1}})"};
  Check({
      {one, "a + b", 0, 0, {Types("+", "float", "histogram")}},
      // Another step has another last one.
      {{R"(a{i="0"} {{count:1}} {{count:1}})", R"(a{i="1"} 1 stale)", R"(b{i="0"} 1 1)",
        R"(b{i="1"} {{count:1}} stale)"},
       "a + b",
       0,
       1,
       {Types("+", "float", "histogram"), Types("+", "histogram", "float")}},
  });
}

// A pair that fails has not matched: the right side is filled in for, and may match again.
TEST(HistogramBinary, FailedPairsHaveNotMatched) {
  Check({
      {{"a {{count:1}}", "b 2"},
       "a + fill_left(10) b",
       0,
       0,
       {"{} 12", Types("+", "histogram", "float")}},
      {{"a {{count:1}} {{count:1}}", "b 2 {{count:2}}"},
       "a + fill_left(10) b",
       0,
       1,
       {"{} 12 {count:3, sum:0}", Types("+", "histogram", "float")}},
      // Two left series of a group: the failed one does not make the match many-to-one.
      {{R"(a{i="0"} {{count:1}})", R"(a{i="1"} 1)", "b 2"},
       "a + on () b",
       0,
       0,
       {"{} 3", Types("+", "histogram", "float")}},
      {{R"(a{i="0"} {{count:1}})", R"(a{i="1"} {{count:1}})", "b{} {{count:2}}"},
       "a + on () b",
       0,
       0,
       {"multiple matches for labels: many-to-one matching must be explicit "
        "(group_left/group_right)"}},
  });
}

TEST(HistogramBinary, OneSideOfSeveralSeriesTakesTurns) {
  const std::vector<std::string> data = {R"(a{i="0"} {{count:1}} {{count:1}} 1)",
                                         R"(b{k="0"} {{count:2}} stale 2)",
                                         R"(b{k="1"} _ {{count:4}} stale)"};
  Check({
      {data,
       "a + on () group_left (k) b",
       0,
       2,
       {R"({i="0", k="0"} {count:3, sum:0} _ 3)", R"({i="0", k="1"} _ {count:5, sum:0} _)"}},
      {{data[0], data[1], R"(b{k="1"} {{count:4}})"},
       "a + on () group_left (k) b",
       0,
       0,
       {R"(found duplicate series for the match group {} on the right hand-side of the operation: )"
        R"([{__name__="b", k="0"}, {__name__="b", k="1"}];many-to-many matching not allowed: )"
        "matching labels must be unique on one side"}},
  });
}

// Prometheus evaluates the left side wholly before it looks at the right one.
TEST(BinaryOperators, OfTwoErrorsTheLeftOneIsTold) {
  const std::vector<std::string> data = {R"(a{i="0"} 1)", R"(a{i="1"} 1)", "b 1"};
  const std::string left =
      "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)";
  for (const std::string op : {"+", "and", "or", "* on () group_right ()"}) {
    for (const std::string right :
         {"(b + on () a)", "topk(NaN, a)", "label_replace(b, \"\", \"\", \"\", \"\")"}) {
      Check({{data, "(a + on () b) " + op + " " + right, 0, 0, {left}}});
    }
  }
  Check({{data, "(a + on () b) + scalar(b + on () a)", 0, 0, {left}}});
}

TEST(SetOperators, HistogramsAreSamplesLikeOthers) {
  const std::vector<std::string> data = {R"(a{i="0"} {{count:1}} 1 {{count:3}})",
                                         R"(b{i="0"} 7 stale {{count:9}})",
                                         R"(b{i="1"} {{count:5}})"};
  Check({
      {data, "a and b", 0, 2, {R"(a{i="0"} {count:1, sum:0} _ {count:3, sum:0})"}},
      {data, "a unless b", 0, 2, {R"(a{i="0"} _ 1 _)"}},
      {data,
       "b or a",
       0,
       1,
       {R"(a{i="0"} _ 1)", R"(b{i="0"} 7 _)", R"(b{i="1"} {count:5, sum:0} {count:5, sum:0})"}},
  });
}

TEST(MergeEqual, KindsTakeTurns) {
  Check({
      {{"a {{count:1}} stale", "b _ 2"},
       R"(-{__name__=~"a|b"})",
       0,
       1,
       {"{} {count:-1, sum:-0} -2"}},
      {{"a {{count:1}}", "b {{count:2}}"},
       R"(-{__name__=~"a|b"})",
       0,
       1,
       {"vector cannot contain metrics with the same labelset"}},
      {{R"(a{i="0"} {{count:1}} stale)", R"(a{i="1"} stale {{count:2}})"},
       R"x(label_replace(a, "i", "", "", ""))x",
       0,
       1,
       {"a {count:1, sum:0} {count:2, sum:0}"}},
  });
}

TEST(MergeEqual, FloatAndHistogramMeetWhereOnlyLabelsChanged) {
  const std::vector<std::string> data = {"a 1 _ 3", "b {{count:1}} {{count:2}} {{count:3}}"};
  const std::string same = R"x(label_replace({__name__=~"a|b"}, "__name__", "m", "", ""))x";
  Check({
      {data, same, 0, 0, {"m {count:1, sum:0}"}},
      {data, same, 0, 1, {"m 1&{count:1, sum:0} 1&{count:2, sum:0}"}},
      {data, R"(-{__name__=~"a|b"})", 0, 0, {"{} {count:-1, sum:-0}"}},
      {data, "-" + same, 0, 0, {"{} {count:-1, sum:-0}"}},
      // The float hides that histogram and all after it.
      {data, same + " * 2", 0, 1, {"{} 2 2"}},
      {data, "sum(" + same + ")", 0, 0, {"{} 1"}},
      {data,
       R"x(label_replace({__name__=~"a|b"} @ 0, "__name__", "m", "", ""))x",
       0,
       1,
       {"unexpected number of samples"}},
  });
}

TEST(MergeEqual, RangeFunctionsRefuseSeriesThatNeverMeet) {
  Check({{{"a 1 stale _", "b _ _ 2"},
          R"(count_over_time({__name__=~"a|b"}[1m]))",
          0,
          2,
          {"vector cannot contain metrics with the same labelset"}}});
}

TEST(MergeEqual, OfErrorsAtTwoStepsTheEarlierIsTold) {
  const std::vector<std::string> data = {
      R"(a{__type__="counter",i="0"} 1 1)", R"(a{__type__="gauge",i="0"} 2 2)",
      R"(a{__type__="gauge",i="2",j="x"} 3 3)", R"(a{__type__="gauge",i="2",j="y"} _ 4)"};
  const std::string query = "a + on (i, __type__) a";
  EXPECT_THAT(Answer(Data(data), query, 0, 1),
              testing::ElementsAre("vector cannot contain metrics with the same labelset"));
  EXPECT_THAT(Answer(Data(data), query, 1, 2),
              testing::ElementsAre(HasSubstr("many-to-many matching not allowed")));
}

TEST(Scalar, TakesTheOnlyFloat) {
  Check({{{R"(m{i="0"} {{count:1}} {{count:1}})", R"(m{i="1"} 5 stale)"},
          "scalar(m)",
          0,
          1,
          {"{} 5 NaN"}}});
}

// A histogram counts by its size against the limit on samples, and its bytes against the budget.
TEST(Limits, HeldHistogramsCountBySize) {
  const auto data = [] {
    return Data({R"(a{i="0"} {{count:1 buckets:[1 1 1 1 1 1 1 1]}}x9)",
                 R"(b{i="0"} {{count:1 buckets:[1 1 1 1 1 1 1 1]}}x9)"});
  };
  MemoryBudget budget("query memory", 1 << 20);
  EvalOptions options = Minutes(0, 9);
  options.budget = &budget;
  EXPECT_TRUE(RunQuery(data(), "a + b", options).ok());
  EXPECT_EQ(budget.used(), 0);
  // (168 + one span and eight buckets of eight bytes + 8) / 16 is 15: a column of ten held for the
  // one side, beside ten floats.
  options.max_samples = 15 * 10;
  const auto result = RunQuery(data(), "a + b", options);
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("too many samples"));
  MemoryBudget small("query memory", 1024);
  options = Minutes(0, 9);
  options.budget = &small;
  EXPECT_FALSE(RunQuery(data(), "sum(a)", options).ok());
}

}  // namespace
}  // namespace synoptic::promql
