// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

#include "promql/parse/preprocess.h"

#include "base/status.h"
#include "gmock/gmock.h"
#include "promql/parse/parser.h"
#include "promql/parse/printer.h"

namespace synoptic::promql {
namespace {

constexpr Grid kRange = {1'000'500, 4'000'000, 15'000};

// The expression with <...> around what is evaluated once, or the error.
std::string Show(const Expr& expr) {
  if (expr.kind == ExprKind::kStepInvariant) return "<" + Show(*As<StepInvariant>(expr).expr) + ">";
  const auto children = Children(expr);
  if (children.empty()) return Print(expr);
  switch (expr.kind) {
    case ExprKind::kCall: {
      std::string out(As<Call>(expr).function->name);
      for (size_t i = 0; i < children.size(); ++i) out += (i ? ", " : "(") + Show(*children[i]);
      return out + ")";
    }
    case ExprKind::kAggregate:
      return std::string(OperatorText(As<Aggregate>(expr).op)) + "(" + Show(*children[0]) + ")";
    case ExprKind::kBinary:
      return Show(*children[0]) + " " + std::string(OperatorText(As<Binary>(expr).op)) + " " +
             Show(*children[1]);
    case ExprKind::kParen:
      return "(" + Show(*children[0]) + ")";
    case ExprKind::kUnary:
      return "-" + Show(*children[0]);
    case ExprKind::kSubquery: {
      const auto& s = As<Subquery>(expr);
      return Show(*children[0]) + fmt::format("[{}:{}]", s.range_ms(), s.step_ms());
    }
    default:
      return Print(expr);
  }
}

std::string Preprocessed(std::string_view text, const Grid& grid = kRange) {
  ParseOptions options;
  options.experimental_functions = true;
  auto expr = ParseExpr(text, options);
  if (!expr.ok()) return expr.status().ToString();
  const auto result = Preprocess(*std::move(expr), grid);
  return result.ok() ? Show(**result) : std::string(MessageOf(result.status()));
}

TEST(Preprocess, FoldsTheQuerysContext) {
  EXPECT_EQ(Preprocessed("start() + x"), "1000.5 + x");
  EXPECT_EQ(Preprocessed("x * end() - range()"), "x * 4000 - 2999.5");
  EXPECT_EQ(Preprocessed("x > step()"), "x > 15");
  EXPECT_EQ(Preprocessed("x > step()", Grid::Instant(5000)), "x > 0");
}

TEST(Preprocess, WrapsTheLargestFixedParts) {
  EXPECT_EQ(Preprocessed("x @ 10"), "<x @ 10.000>");
  EXPECT_EQ(Preprocessed("x @ start() + y"), "<x @ 1000.500> + y");
  EXPECT_EQ(Preprocessed("abs(x @ end()) + sum(y @ 1)"), "<abs(x @ 4000.000) + sum(y @ 1.000)>");
  EXPECT_EQ(Preprocessed("1 + 2"), "<1 + 2>");
  EXPECT_EQ(Preprocessed("1"), "1");
  EXPECT_EQ(Preprocessed("rate(x[5m] @ 1) + y"), "<rate(x[5m] @ 1.000)> + y");
  EXPECT_EQ(Preprocessed("x[5m] @ 1"), "x[5m] @ 1.000");
  EXPECT_EQ(Preprocessed("max_over_time((x @ 1)[5m:1m])"),
            "max_over_time(<(x @ 1.000)>[300000:60000])");
}

TEST(Preprocess, LeavesParametersOfAggregationsUnresolved) {
  auto expr = ParseExpr("topk(scalar(a @ end()), b @ end())");
  ASSERT_TRUE(expr.ok());
  const auto result = Preprocess(*std::move(expr), kRange);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(Print(**result), "topk(scalar(a), b @ 4000.000)");
}

TEST(Preprocess, LeavesWhatDependsOnTheEvaluationTime) {
  EXPECT_EQ(Preprocessed("predict_linear(x[5m] @ 1, 60)"), "predict_linear(x[5m] @ 1.000, 60)");
  EXPECT_EQ(Preprocessed("timestamp(x @ 1)"), "<timestamp(x @ 1.000)>");
  EXPECT_EQ(Preprocessed("timestamp(abs(x @ 1))"), "timestamp(<abs(x @ 1.000)>)");
  EXPECT_EQ(Preprocessed("hour(x @ 1)"), "hour(<x @ 1.000>)");
}

TEST(Preprocess, StripsParenthesesAroundArguments) {
  EXPECT_EQ(Preprocessed("timestamp(((x)))"), "timestamp(x)");
  EXPECT_EQ(Preprocessed("sum((x))"), "sum(x)");
  EXPECT_EQ(Preprocessed("(x) + 1"), "(x) + 1");
}

TEST(Preprocess, SaysWhatInfoSeriesAreFetchedAndWhen) {
  EXPECT_EQ(Preprocessed("info(x)"), R"(info(x, {__name__="target_info"}))");
  EXPECT_EQ(Preprocessed(R"(info(x, {a="b"}))"), R"(info(x, {__name__="target_info",a="b"}))");
  EXPECT_EQ(Preprocessed(R"(info(x, {__name__=~"b.*",a="b"}))"),
            R"(info(x, {__name__=~"b.*",a="b"}))");
  EXPECT_EQ(Preprocessed(R"(info(x, {__name__!="b"}))"),
            R"(info(x, {__name__!="b",__name__=~".+_info"}))");
  // The time that all selectors below the first argument share, and nothing else.
  EXPECT_EQ(Preprocessed("info(x offset 5m)"),
            R"(info(x offset 5m, {__name__="target_info"} offset 5m))");
  EXPECT_EQ(Preprocessed("info(rate(x[1m] offset 2m) + y offset 2m)"),
            R"(info(rate(x[1m] offset 2m) + y offset 2m, {__name__="target_info"} offset 2m))");
  EXPECT_EQ(Preprocessed("info(last_over_time((x offset 1m)[5m:1m] offset 2m))"),
            R"(info(last_over_time((x offset 1m)[300000:60000]), )"
            R"({__name__="target_info"} offset 3m))");
  EXPECT_EQ(Preprocessed("info(x offset 5m + y)"),
            R"(info(x offset 5m + y, {__name__="target_info"}))");
  EXPECT_EQ(Preprocessed("info(x + vector(1))"),
            R"(info(x + <vector(1)>, {__name__="target_info"}))");
  EXPECT_EQ(Preprocessed("info(x @ 10)"),
            R"(<info(x @ 10.000, {__name__="target_info"} @ 10.000)>)");
}

TEST(Preprocess, GivesDurationsTheirValue) {
  auto expr = ParseExpr("rate(x[step() * 4 + 1m] offset -(range() / 2))");
  ASSERT_TRUE(expr.ok());
  const auto result = Preprocess(*std::move(expr), kRange);
  ASSERT_TRUE(result.ok()) << result.status();
  const auto& matrix = As<MatrixSelector>(*As<Call>(**result).args[0]);
  EXPECT_EQ(matrix.range_ms(), 120'000);
  EXPECT_EQ(matrix.selector->time.offset_ms(), -1'499'750);
}

// 8 and 0.774 seconds are added, as Go's Duration.Seconds does.
TEST(Preprocess, GivesTheRangeInSecondsAsGoRoundsThem) {
  EXPECT_EQ(Preprocessed("range()", Grid{603'589, 612'363, 1000}), "8.774000000000001");
}

// Prometheus turns a fixed time into an offset from the query's start, and evaluates a parameter at
// every step all the same.
TEST(Preprocess, FixedTimesInParametersMoveWithTheSteps) {
  auto expr = ParseExpr("topk(scalar(y @ 70), x @ 50)");
  ASSERT_TRUE(expr.ok());
  const auto result = Preprocess(*std::move(expr), {100'000, 400'000, 15'000});
  ASSERT_TRUE(result.ok());
  const auto& topk = As<Aggregate>(*As<StepInvariant>(**result).expr);
  EXPECT_TRUE(As<VectorSelector>(*As<Call>(*topk.param).args[0]).time.moves);
  EXPECT_FALSE(As<VectorSelector>(*topk.expr).time.moves);
}

TEST(Preprocess, RefusesDurationsWithoutUsableValue) {
  EXPECT_EQ(Preprocessed("rate(x[step()])", Grid::Instant(0)),
            "7:13: duration must be greater than 0");
  EXPECT_EQ(Preprocessed("x offset (1 / range())", Grid::Instant(0)), "10:21: division by zero");
  EXPECT_EQ(Preprocessed("x[1m ^ 9999]"), "2:11: duration is NaN or infinite");
  EXPECT_EQ(Preprocessed("x[1m ^ 10]"), "2:9: duration is out of range");
}

}  // namespace
}  // namespace synoptic::promql
