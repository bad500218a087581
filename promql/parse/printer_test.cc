// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

#include "promql/parse/printer.h"

#include "gmock/gmock.h"
#include "promql/parse/exact_text.h"
#include "promql/parse/parser.h"

namespace synoptic::promql {
namespace {

ExprPtr Parse(std::string_view text) {
  auto expr = ParseExpr(text);
  EXPECT_TRUE(expr.ok()) << expr.status();
  return *std::move(expr);
}

TEST(Prettify, KeepsShortExpressionsOnOneLine) {
  EXPECT_EQ(Prettify(*Parse("sum( rate(x[5m]) )by(a)")), "sum by (a) (rate(x[5m]))");
}

TEST(Prettify, OpensWhatIsLongerThanALine) {
  const std::string selector = "a_rather_long_metric_name_of_a_service{job=\"a_rather_long_job\"}";
  EXPECT_EQ(Prettify(*Parse("sum by (a) (rate(" + selector + "[5m])) / on (b) -(" + selector +
                            " * topk(3, " + selector + "))")),
            "  sum by (a) (rate(" + selector + "[5m]))\n" + "/ on (b)\n" +
                "  -(\n"
                "      " +
                selector +
                "\n"
                "    *\n"
                "      topk(3, " +
                selector +
                ")\n"
                "  )");
}

TEST(ToJson, ShowsTheTree) {
  EXPECT_EQ(ToJson(*Parse("x{a!=\"<\"}[5m:1m] offset 1m")),
            R"({"expr":{"anchored":false,"matchers":[{"name":"a","type":"!=",)"
            R"("value":"\u003c"},{"name":"__name__","type":"=","value":"x"}],"name":"x",)"
            R"("offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,)"
            R"("type":"vectorSelector"},"offset":60000,"offsetExpr":null,"range":300000,)"
            R"("rangeExpr":null,"startOrEnd":null,"step":60000,"stepExpr":null,"timestamp":null,)"
            R"("type":"subquery"})");
}

// As a float 1.003 is a little less, and Prometheus' print cuts.
TEST(ExactText, KeepsTheMillisecondThatPrintLoses) {
  const ExprPtr expr = Parse("m > 1s3ms");
  EXPECT_EQ(Print(*expr), "m > 1s2ms");
  EXPECT_EQ(ExactText(*expr), "m > 1.003");
  EXPECT_EQ(Print(*expr), "m > 1s2ms");
  EXPECT_EQ(ExactText(*Parse("rate(m[5m] offset 1h) * 2m")), "rate(m[5m] offset 1h) * 120");
}

TEST(Clone, IsEqualAndApart) {
  const std::string_view texts[] = {
      "sum by (a) (rate(x{b=\"c\"}[5m] offset 1m)) / on (a) group_left (d) (y @ start() > bool 5)",
      "topk(3, max_over_time(x[5m * step():(1m)] offset max_of(1, 2))) and -y",
      "label_replace(rate(x[5m] anchored @ end() offset -(1m)), \"a\", \"b\", \"c\", \"d\") * 5m",
  };
  for (const std::string_view text : texts) {
    const auto expr = ParseExpr(text);
    ASSERT_TRUE(expr.ok()) << expr.status();
    const ExprPtr copy = Clone(**expr);
    EXPECT_EQ(Print(*copy), Print(**expr));
    EXPECT_EQ(ToJson(*copy), ToJson(**expr));
    EXPECT_NE(copy.get(), expr->get());
  }
}

TEST(Tree, UnwrapsAndKnowsTypes) {
  const ExprPtr expr = Parse("((rate(x[5m])))");
  EXPECT_EQ(Unwrap(*expr).kind, ExprKind::kCall);
  EXPECT_EQ(TypeOf(*expr), ValueType::kVector);
  EXPECT_EQ(TypeOf(*Parse("1 + (2)")), ValueType::kScalar);
  EXPECT_EQ(TypeOf(*Parse("x[5m]")), ValueType::kMatrix);
  EXPECT_EQ(TypeOf(*Parse("'a'")), ValueType::kString);
  EXPECT_EQ(Children(*Parse("clamp(x, 1, 2)")).size(), 3u);
}

}  // namespace
}  // namespace synoptic::promql
