// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/chart.h"

#include <gtest/gtest.h>

#include <limits>

namespace synoptic::app {
namespace {

Result::Series Line(const char* name, std::vector<double> values) {
  Result::Series series;
  series.labels = promql::Labels::From({{"job", name}});
  for (size_t i = 0; i < values.size(); ++i) {
    series.points.push_back({1'700'000'000 + static_cast<double>(i) * 60, "", values[i]});
  }
  return series;
}

Result Matrix(std::vector<Result::Series> series) {
  Result result;
  result.type = "matrix";
  result.series = std::move(series);
  return result;
}

constexpr ChartOptions kSmall = {.columns = 60, .rows = 5};

TEST(Chart, DrawsSeriesOnOneScale) {
  const Result result = Matrix({Line("up", {0, 1, 2, 3, 4}), Line("down", {4, 3, 2, 1, 0})});
  EXPECT_EQ(ChartOf(result, kSmall),
            "4 │ +                                                      *\n"
            "  │               +                           *\n"
            "2 │                             *\n"
            "  │               *                           +\n"
            "0 │ *                                                      +\n"
            "  └─────────────────────────────────────────────────────────\n"
            "    2023-11-14T22:13:20Z                2023-11-14T22:17:20Z\n"
            "  * {job=\"up\"}\n"
            "  + {job=\"down\"}\n");
}

TEST(Chart, LeavesHolesWhereThereIsNoNumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const std::string drawn = ChartOf(Matrix({Line("a", {1, nan, inf, 1})}), kSmall);
  EXPECT_EQ(std::count(drawn.begin(), drawn.end(), '*'), 3) << drawn << "two points and a legend";
  EXPECT_EQ(ChartOf(Matrix({Line("a", {nan})}), kSmall),
            "no finite values to draw\n  * {job=\"a\"}\n");
  EXPECT_EQ(ChartOf(Matrix({}), kSmall), "");
}

TEST(Chart, TakesTheLargestNumbers) {
  const double most = std::numeric_limits<double>::max();
  const std::string drawn = ChartOf(Matrix({Line("a", {-most, most})}), kSmall);
  EXPECT_TRUE(drawn.starts_with(" 1.798e+308 │")) << drawn;
}

TEST(Chart, KeepsToTheWidth) {
  Result::Series series = Line(std::string(200, 'x').c_str(), std::vector<double>(500, 1));
  for (const size_t columns : {30u, 60u, 200u}) {
    const std::string drawn = ChartOf(Matrix({series}), {.columns = columns, .rows = 4});
    size_t width = 0;
    for (const char c : drawn) {
      if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) continue;  // inside a character
      width = c == '\n' ? 0 : width + 1;
      ASSERT_LE(width, columns) << drawn;
    }
  }
}

TEST(Chart, UsesColourOnlyWhenAsked) {
  const Result result = Matrix({Line("a", {1, 2}), Line("b", {2, 1})});
  EXPECT_EQ(ChartOf(result, kSmall).find('\x1b'), std::string::npos);
  ChartOptions colour = kSmall;
  colour.colour = true;
  EXPECT_NE(ChartOf(result, colour).find("\x1b[32m*\x1b[0m {job=\"a\"}"), std::string::npos);
}

TEST(Chart, SaysHowManySeriesTheLegendLeavesOutAndWhatHistogramsShow) {
  std::vector<Result::Series> many(25, Line("a", {1, 2}));
  many[0].histograms = true;
  const std::string drawn = ChartOf(Matrix(many), kSmall);
  EXPECT_NE(drawn.find("  and 5 more series\n"), std::string::npos);
  EXPECT_NE(drawn.find("{job=\"a\"} (mean of a histogram)"), std::string::npos);
}

}  // namespace
}  // namespace synoptic::app
