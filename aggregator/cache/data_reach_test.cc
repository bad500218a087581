// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/data_reach.h"

#include <gtest/gtest.h>

#include "promql/parse/parser.h"

namespace synoptic::aggregator {
namespace {

constexpr int64_t kLookback = 300'000;

DataReach Reach(const std::string& text) {
  promql::ParseOptions options;
  options.experimental_functions = true;
  options.extended_range_selectors = true;
  auto expr = promql::ParseExpr(text, options);
  EXPECT_TRUE(expr.ok()) << text << ": " << expr.status();
  return ReachOf(**expr, kLookback);
}

TEST(DataReach, IsTheNewestSampleThatAValueCanDependOn) {
  struct Case {
    const char* text;
    int64_t ahead_ms;
    int64_t fixed_ms;
  };
  constexpr int64_t kNever = DataReach::kNever;
  constexpr int64_t kForever = DataReach::kForever;
  const Case cases[] = {
      {"1 + time()", kNever, kNever},
      {"x", 0, kNever},
      {"rate(x[5m])", 0, kNever},
      {"sum by (a) (rate(x[5m])) / y", 0, kNever},
      {"x offset 5m", -300'000, kNever},
      {"x offset -5m", 300'000, kNever},
      {"x offset 5m + y", 0, kNever},
      {"x offset 5m + y offset -1m", 60'000, kNever},
      {"x @ 1000", kNever, 1'000'000},
      {"x @ 1000 offset -1m", kNever, 1'060'000},
      {"x @ 1000 + x", 0, 1'000'000},
      {"x @ end()", kNever, kForever},
      {"max_over_time(x[1h:1m])", 0, kNever},
      {"max_over_time(x[1h:1m] offset -10m)", 600'000, kNever},
      {"max_over_time((x offset 5m)[1h:1m] offset -10m)", 300'000, kNever},
      {"max_over_time((x @ 50)[1h:1m] offset -10m)", kNever, 50'000},
      {"max_over_time((x offset -1m)[1h:1m] @ 100)", kNever, 160'000},
      {"x smoothed", kLookback, kNever},
      {"rate(x[step()])", kNever, kForever},
  };
  for (const Case& c : cases) {
    const DataReach reach = Reach(c.text);
    EXPECT_EQ(reach.ahead_ms, c.ahead_ms) << c.text;
    EXPECT_EQ(reach.fixed_ms, c.fixed_ms) << c.text;
  }
}

TEST(DataReach, TellsWhichStepsAreSettled) {
  EXPECT_TRUE(Reach("x").SettledAt(1000, 1000));
  EXPECT_FALSE(Reach("x").SettledAt(1001, 1000));
  EXPECT_TRUE(Reach("x offset 1s").SettledAt(2000, 1000));
  EXPECT_FALSE(Reach("x offset -1s").SettledAt(1000, 1000));
  EXPECT_FALSE(Reach("x @ 2").SettledAt(0, 1000));
  EXPECT_TRUE(Reach("x @ 1").SettledAt(9999, 1000));
  EXPECT_FALSE(Reach("x @ end()").SettledAt(0, 1000));
  EXPECT_TRUE(Reach("time()").SettledAt(9999, 1000));
}

}  // namespace
}  // namespace synoptic::aggregator
