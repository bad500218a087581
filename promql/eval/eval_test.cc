// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whole queries: data, expression, and the answer as text. What Prometheus' own scripts prove
// (tests/promql) is not repeated here; these stand where Go is missing, and for what scripts cannot
// say: limits, cancellation, fetched leaves, names dropped at once, laziness.
#include <string>
#include <vector>

#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "promql/eval/evaluator.h"
#include "promql/eval/memory_source.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"

namespace synoptic::promql {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// `x{a="b"} 1 2 _ 4`: one sample a minute from 0, `_` none, `stale` a marker.
RawSeries Series(std::string_view text) {
  RawSeries out;
  SampleColumns samples;
  const size_t end = text.find(' ', text.find('}') == std::string_view::npos ? 0 : text.find('}'));
  out.labels = ParseMetric(text.substr(0, end)).value();
  int64_t t = 0;
  for (const std::string_view item : Split(Trim(text.substr(end)), ' ')) {
    if (item == "stale") {
      samples.push_back(t, StaleNaN());
    } else if (item != "_") {
      samples.push_back(t, std::stod(std::string(item)));
    }
    t += 60'000;
  }
  out.data = std::move(samples);
  return out;
}

MemorySource Source(const std::vector<std::string>& lines) {
  std::vector<RawSeries> series;
  for (const std::string& line : lines) series.push_back(Series(line));
  return MemorySource(std::move(series));
}

// {a="b"} 1 _ 3; one line a series, in the answer's order; annotations at the end.
std::vector<std::string> Text(const EvalResult& result) {
  std::vector<std::string> lines;
  for (const StepSeries& series : result.value.series) {
    std::string line = series.labels.ToString();
    for (const double v : series.values) line += IsAbsent(v) ? " _" : " " + GoFloatG(v);
    lines.push_back(line);
  }
  for (const auto& points : result.value.points) {
    std::string line = points.labels.ToString();
    for (size_t i = 0; i < points.samples.size(); ++i) {
      line +=
          " " + GoFloatG(points.samples.v[i]) + "@" + std::to_string(points.samples.t[i] / 1000);
    }
    lines.push_back(line);
  }
  if (result.value.type == ValueType::kString) lines.push_back(GoQuote(result.value.string));
  for (const std::string& warning : result.annotations.warnings()) lines.push_back(warning);
  for (const std::string& info : result.annotations.infos()) lines.push_back(info);
  return lines;
}

absl::StatusOr<EvalResult> Ask(MemorySource& source, const std::string& expr, EvalOptions options) {
  ParseOptions parse;
  parse.experimental_functions = true;
  parse.binop_fill_modifiers = true;
  ASSIGN_OR_RETURN(ExprPtr tree, ParseExpr(expr, parse));
  ASSIGN_OR_RETURN(tree, Preprocess(std::move(tree), options.grid));
  source.Bind(*tree);
  options.query_text = expr;
  return Evaluate(*tree, options, source);
}

EvalOptions Range(int64_t from_min, int64_t to_min, int64_t step_min = 1) {
  EvalOptions options;
  options.grid = {from_min * 60'000, to_min * 60'000, step_min * 60'000};
  options.range_query = true;
  return options;
}

EvalOptions Instant(int64_t at_min) {
  EvalOptions options;
  options.grid = Grid::Instant(at_min * 60'000);
  return options;
}

std::vector<std::string> Answer(const std::vector<std::string>& data, const std::string& expr,
                                const EvalOptions& options) {
  MemorySource source = Source(data);
  const auto result = Ask(source, expr, options);
  if (!result.ok()) return {"error: " + std::string(MessageOf(result.status()))};
  return Text(*result);
}

struct Case {
  std::vector<std::string> data;
  std::string expr;
  EvalOptions options;
  std::vector<std::string> expected;
};

TEST(Evaluate, AnswersLikePrometheus) {
  const std::vector<std::string> requests = {R"(r_total{job="a",i="0"} 0 60 120 180)",
                                             R"(r_total{job="a",i="1"} 0 120 240 360)",
                                             R"(r_total{job="b",i="0"} 0 30 60 90)"};
  const std::vector<Case> cases = {
      // Selectors: lookback is left-open, staleness hides.
      {{"x 1 _ _ _ _ _ _"}, "x", Range(0, 6, 1), {"x 1 1 1 1 1 _ _"}},
      {{"x 1 2 stale _ 5"}, "x", Range(0, 4), {"x 1 2 _ _ 5"}},
      {{"x 1 2 3"}, "x offset 1m", Range(0, 3), {"x _ 1 2 3"}},
      {{"x 1 2 3"}, "x @ 60", Range(0, 2), {"x 2 2 2"}},
      {{"x 1 2 3"}, "timestamp(x offset 1m)", Range(1, 2), {"{} 0 60"}},
      {{"x 1 2 3"}, "x[2m]", Instant(2), {"x 2@60 3@120"}},
      {{"x 1 2 3"}, "x[2m:30s]", Instant(1), {"x 1@0 1@30 2@60"}},
      // Aggregations.
      {requests,
       "sum by (job) (rate(r_total[2m]))",
       Range(2, 3),
       {R"({job="a"} 3 3)", R"({job="b"} 0.5 0.5)"}},
      {requests, "count without (i) (r_total)", Instant(1), {R"({job="a"} 2)", R"({job="b"} 1)"}},
      {requests, "topk(1, r_total)", Range(1, 2), {R"(r_total{i="1", job="a"} 120 240)"}},
      {requests,
       "bottomk(2, r_total)",
       Instant(2),
       {R"(r_total{i="0", job="b"} 60)", R"(r_total{i="0", job="a"} 120)"}},
      {{"x 1 1", "y 1 2"},
       R"(count_values("v", {__name__=~"x|y"}))",
       Range(0, 1),
       {R"({v="1"} 2 1)", R"({v="2"} _ 1)"}},
      {{R"(x{i="0"} 1 2)", R"(x{i="1"} 3 _)"}, "quantile(0.5, x)", Range(0, 0), {"{} 2"}},
      // Binary operators.
      {{R"(a{i="0"} 1 2)", R"(b{i="0"} 10 20)", R"(b{i="1"} 5 5)"},
       "a / b",
       Range(0, 1),
       {R"({i="0"} 0.1 0.1)"}},
      {{R"(a{i="0",g="x"} 1)", R"(a{i="1",g="x"} 2)", R"(b{g="x",l="z"} 10)"},
       "a * on (g) group_left (l) b",
       Instant(0),
       {R"({g="x", i="0", l="z"} 10)", R"({g="x", i="1", l="z"} 20)"}},
      {{"a 1 2 3"}, "a > 1", Range(0, 2), {"a _ 2 3"}},
      {{"a 1 2 3"}, "2 >= bool a", Range(0, 2), {"{} 1 1 0"}},
      {{R"(a{i="0"} 1)", R"(b{i="0"} 2)", R"(b{i="1"} 3)"},
       "a or b",
       Instant(0),
       {R"(a{i="0"} 1)", R"(b{i="1"} 3)"}},
      {{R"(a{i="0"} 1)", R"(b{i="0"} 2)", R"(b{i="1"} 3)"},
       "b unless a",
       Instant(0),
       {R"(b{i="1"} 3)"}},
      {{R"(a{i="0"} 1)", R"(b{i="1"} 3)"},
       "a + fill(0) b",
       Instant(0),
       {R"({i="0"} 1)", R"({i="1"} 3)"}},
      // Functions.
      {{"x 1 2"}, "absent(x)", Range(0, 1), {}},
      {{"x 1 2"}, R"(absent(y{job="a"}))", Range(0, 1), {R"({job="a"} 1 1)"}},
      {{"x 1 2"}, "scalar(x) + vector(time())", Range(0, 1), {"{} 1 62"}},
      {{R"(x{a="v1"} 7)"},
       R"x(label_replace(x, "b", "$1-${1}", "a", "v(.)"))x",
       Instant(0),
       {R"(x{a="v1", b="1-1"} 7)"}},
      {{R"(b{le="1"} 1)", R"(b{le="2"} 3)", R"(b{le="+Inf"} 4)"},
       "histogram_quantile(0.5, b)",
       Instant(0),
       {"{} 1.5"}},
      {{R"(b{le="1_0"} 2)", R"(b{le="+Inf"} 4)"},  // a number as Go reads it
       "histogram_quantile(0.5, b)",
       Instant(0),
       {"{} 10"}},
      {{R"(b{le="1"} 1)", R"(b{le="x"} 3)", R"(b{le="+Inf"} 2)"},
       "histogram_quantile(0.5, b)",
       Instant(0),
       {"{} 1",
        R"(PromQL warning: bucket label "le" is missing or has a malformed value of "x" (1:25))"}},
      {{"x 3", "y 1", "z 2"}, R"(sort({__name__=~".+"}))", Instant(0), {"y 1", "z 2", "x 3"}},
      {{"x 0 60"},
       "rate(x[2m])",
       Instant(1),
       {"{} 0.5",
        R"(PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "x" (1:6))"}},
      {{}, R"("text")", Instant(0), {R"("text")"}},
      {{}, "1 / 0", Range(0, 1), {"{} +Inf +Inf"}},
      // Errors.
      {{R"(a{i="0"} 1)", R"(b{i="0"} 2)"},
       R"(-{__name__=~"a|b"})",
       Instant(0),
       {"error: vector cannot contain metrics with the same labelset"}},
      {{R"(a{i="0"} 1)", R"(b{i="0"} 2)", R"(b{i="1"} 2)"},
       "a + on () b",
       Instant(0),
       {R"(error: found duplicate series for the match group {} on the right hand-side of the operation: [{__name__="b", i="0"}, {__name__="b", i="1"}];many-to-many matching not allowed: matching labels must be unique on one side)"}},
      {{R"(b{i="0"} 1)", R"(a{i="0"} 2)", R"(a{i="1"} 2)"},
       "a + on () b",
       Instant(0),
       {"error: multiple matches for labels: many-to-one matching must be explicit "
        "(group_left/group_right)"}},
      {{"x 1"}, "topk(NaN, x)", Instant(0), {"error: Parameter value is NaN"}},
      {{"x 1", "y 1"},
       R"(-{__name__=~"x|y"} - topk(NaN, x))",
       Instant(0),
       {"error: vector cannot contain metrics with the same labelset"}},
      {{R"(b{le="1"} 1)", R"(b{le="+Inf"} 2)"},
       R"(histogram_quantiles(b, "q", 0.5, 0.9, 0.9))",
       Instant(0),
       {"error: vector cannot contain metrics with the same labelset"}},
      // Of the factors out of bounds, that of the first window with a sample is told.
      {{"x _ _ 5"},
       "double_exponential_smoothing(x[1m], time() / 60, 0.5)",
       Range(0, 2),
       {"error: invalid smoothing factor. Expected: 0 < sf < 1, got: 2.000000"}},
      {{"x 1"},
       "absent_over_time(x[1m] anchored)",
       Instant(0),
       {"error: anchored modifier can only be used with: changes, delta, increase, rate, resets - "
        "not with absent_over_time"}},
      {{"x 1"},
       "x[1m]",
       Range(0, 1),
       {R"(error: invalid expression type "range vector" for range query, must be Scalar or instant Vector)"}},
  };
  for (const Case& c : cases) EXPECT_EQ(Answer(c.data, c.expr, c.options), c.expected) << c.expr;
}

// Where metrics carry their types, these say what is a counter.
TEST(Evaluate, TellsNonCountersByTypeWhenAskedTo) {
  EvalOptions options = Instant(1);
  options.type_and_unit_labels = true;
  EXPECT_THAT(Answer({R"(x{__type__="counter"} 0 60)"}, "rate(x[2m])", options),
              ElementsAre("{} 0.5"));
  EXPECT_THAT(
      Answer({R"(x_total{__type__="gauge"} 0 60)"}, "rate(x_total[2m])", options),
      ElementsAre(
          "{} 0.5",
          R"(PromQL info: metric might not be a counter, __type__ label is not set to "counter" or "histogram", got "gauge": "x_total" (1:6))"));
}

// Names are dropped at once, or at the end with the option: then a comparison keeps them.
TEST(Evaluate, DropsNamesWhenAskedTo) {
  EvalOptions options = Instant(0);
  EXPECT_THAT(Answer({"x -1"}, "abs(x)", options), ElementsAre("{} 1"));
  options.delayed_name_removal = true;
  EXPECT_THAT(Answer({"x -1"}, "abs(x)", options), ElementsAre("{} 1"));
  EXPECT_THAT(Answer({"x -1"}, "sum by (__name__) (abs(x))", options), ElementsAre("{} 1"));
  EXPECT_THAT(
      Answer({"x -1"}, R"x(label_replace(abs(x), "n", "$1", "__name__", "(.*)"))x", options),
      ElementsAre(R"({n="x"} 1)"));
}

// With the option, Prometheus notices at the end only that a quantile was asked for twice.
TEST(Evaluate, ForgivesQuantilesAskedForTwiceUntilTheEnd) {
  EvalOptions options = Instant(0);
  options.delayed_name_removal = true;
  const std::vector<std::string> data = {R"(b{le="1"} 1)", R"(b{le="+Inf"} 2)"};
  const std::string twice = R"(histogram_quantiles(b, "q", 0.5, 0.5))";
  EXPECT_THAT(Answer(data, "sum(" + twice + ")", options), ElementsAre("{} 2"));
  EXPECT_THAT(Answer(data, twice, options),
              ElementsAre("error: vector cannot contain metrics with the same labelset"));
}

// Each quantile merges what the one before it left of buckets with equal bounds.
TEST(Evaluate, QuantilesOfEqualBoundsDependOnTheirOrder) {
  const std::vector<std::string> data = {R"(b{le="1"} 1)", R"(b{le="1.0"} 1)", R"(b{le="+Inf"} 2)"};
  EXPECT_THAT(Answer(data, R"(histogram_quantiles(b, "q", 0.5, 0.9))", Instant(0)),
              ElementsAre(R"({q="0.5"} 0.5)", R"({q="0.9"} 1)"));
  EXPECT_THAT(Answer(data, R"(histogram_quantiles(b, "q", 0.9, 0.5))", Range(0, 0)),
              ElementsAre(R"({q="0.5"} 1)", R"({q="0.9"} 0.9)"));
}

// NaN is a bound like others to Prometheus, but for sorting: last in the labels' order it stays
// last, and then there is no bucket that ends at +Inf.
TEST(Evaluate, BucketsWithNaNForBoundHaveNoQuantile) {
  const std::vector<std::string> data = {R"(b{le="+Inf"} 2)", R"(b{le="1"} 1)", R"(b{le="NaN"} 1)"};
  EXPECT_THAT(Answer(data, "histogram_quantile(0.5, b)", Instant(0)), ElementsAre("{} NaN"));
  EXPECT_THAT(Answer(data, "histogram_fraction(0, 1, b)", Instant(0)), ElementsAre("{} NaN"));
  EXPECT_THAT(Answer({data[0], data[1]}, "histogram_quantile(0.5, b)", Instant(0)),
              ElementsAre("{} 1"));
}

// Series that become equal are one where they never meet.
TEST(Evaluate, MergesSeriesThatNeverMeet) {
  EXPECT_THAT(Answer({"a 1 stale _", "b _ _ 3"}, R"(-{__name__=~"a|b"})", Range(0, 2)),
              ElementsAre("{} -1 _ -3"));
}

// A duplicate on the "one" side is an error only at steps where the other side has samples.
TEST(Evaluate, ForgivesDuplicatesNobodyMatches) {
  const std::vector<std::string> data = {"a 1 stale", R"(b{i="0"} _ 2)", R"(b{i="1"} _ 2)"};
  EXPECT_THAT(Answer(data, "a + on () b", Range(0, 1)), ElementsAre());
  EXPECT_THAT(Answer({"a 1 1", data[1], data[2]}, "a + on () b", Range(0, 1)),
              ElementsAre(HasSubstr("found duplicate series")));
}

// Two series of the left side in one match group are an error even where the right side is filled
// in and the comparison drops everything.
TEST(Evaluate, ChecksMatchesThatAreFilledIn) {
  EXPECT_THAT(Answer({R"(a{i="0"} 1)", R"(a{i="1"} 1)"}, "a == on () fill_right (2) b", Instant(0)),
              ElementsAre(HasSubstr("many-to-one matching must be explicit")));
}

TEST(Evaluate, FetchedLeavesStaySparse) {
  ExprPtr tree = ParseExpr("sum(x) + 1").value();
  auto& binary = As<Binary>(*tree);
  auto fetched = std::make_unique<Fetched>();
  fetched->fetch_id = 7;
  fetched->original = std::move(binary.lhs);
  binary.lhs = std::move(fetched);
  MemorySource source({});
  source.SetSteps(7, {{Labels(), {1, Absent(), 3}}});
  const auto result = Evaluate(*tree, Range(0, 2), source);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(Text(*result), ElementsAre("{} 2 _ 4"));
}

TEST(Evaluate, EndsOverItsLimits) {
  MemorySource source = Source({"x 1 2 3"});
  EvalOptions options = Range(0, 2);
  options.max_samples = 2;
  EXPECT_EQ(MessageOf(Ask(source, "x", options).status()),
            "query processing would load too many samples into memory in query execution");
  options.max_samples = 3;
  EXPECT_TRUE(Ask(source, "x", options).ok());

  MemoryBudget budget("query memory", 16);
  options.budget = &budget;
  EXPECT_EQ(Ask(source, "x", options).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(budget.used(), 0);
}

// A subquery with more steps than the query may hold ends at once and allocates nothing.
TEST(Evaluate, RefusesEndlessSubqueries) {
  for (const char* expr : {"count_over_time(x[50y:1ms])", "max_over_time(vector(1)[50y:1ms])"}) {
    EXPECT_THAT(Answer({"x 1"}, expr, Instant(0)), ElementsAre(HasSubstr("too many samples")))
        << expr;
  }
}

TEST(Evaluate, StopsWhenCancelled) {
  MemorySource source = Source({"x 1 2 3"});
  CancelToken cancel;
  EvalOptions options = Range(0, 2);
  options.cancel = &cancel;
  EXPECT_TRUE(Ask(source, "x", options).ok());
  cancel.Cancel(CancelReason::kDeadline);
  const absl::Status status = Ask(source, "sum(x)", options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(MessageOf(status), "query timed out in expression evaluation");
}

TEST(Evaluate, ReportsBrokenChunks) {
  RawSeries series{ParseMetric("h").value(),
                   std::vector<Chunk>{{0, 60'000, ChunkEncoding::kHistogram, "", nullptr}}};
  MemorySource source({series});
  EXPECT_EQ(Ask(source, "h", Instant(1)).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace synoptic::promql
