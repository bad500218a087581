// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/plan/windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "promql/plan/plan_test_support.h"

namespace synoptic::promql {
namespace {

std::string WindowsOf(std::string_view text, const PlanOptions& options) {
  const ExprPtr expr = MustPrepare(text, options.grid);
  std::string out;
  ForEachSelector(*expr, RootScope(options), options,
                  [&](VectorSelector& selector, int64_t range_ms, const Scope& scope) {
                    const SampleWindow window = WindowOf(selector, range_ms, scope, options);
                    if (!out.empty()) out += " ";
                    out += std::to_string(window.min_t) + ".." + std::to_string(window.max_t);
                    if (!scope.hint_func.empty()) out += " " + std::string(scope.hint_func);
                  });
  return out;
}

// Expectations follow Prometheus' populateSeries tests: left-open windows, hence the + 1.
TEST(WindowOf, IsWhatASelectorCanReach) {
  const PlanOptions instant = InstantOptions(10'000'000);
  const struct {
    const char* text;
    const char* want;
  } rows[] = {
      {"x", "9700001..10000000"},
      {"x offset 1m", "9640001..9940000"},
      {"x offset -1m", "9760001..10060000"},
      {"x @ 5000", "4700001..5000000"},
      {"x @ 5000 offset 1m", "4640001..4940000"},
      {"rate(x[2m])", "9880001..10000000 rate"},
      {"rate(x[2m] offset 1m)", "9820001..9940000 rate"},
      {"rate(x[2m:])", "9580001..10000000 rate"},
      {"max_over_time(rate(x[2m])[10m:1m])", "9280001..10000000 rate"},
      {"max_over_time(x[10m:1m] offset 1m)", "9040001..9940000 max_over_time"},
      {"max_over_time(x[10m:1m] @ 5000)", "4100001..5000000 max_over_time"},
      {"max_over_time(x[10m:1m] @ 5000 offset 1m)", "4040001..4940000 max_over_time"},
      {"max_over_time(max_over_time(x[2m:1m] @ 5000)[10m:1m] offset 5m)",
       "4580001..5000000 max_over_time"},
      {"max_over_time((x @ 3000)[10m:1m] offset 5m)", "2700001..3000000 max_over_time"},
      {"sum(x) + rate(y[1m])", "9700001..10000000 sum 9940001..10000000 rate"},
      {"sum(x + y)", "9700001..10000000 9700001..10000000"},
  };
  for (const auto& row : rows) EXPECT_EQ(WindowsOf(row.text, instant), row.want) << row.text;
}

TEST(WindowOf, SpansTheWholeRange) {
  const PlanOptions range = RangeOptions({10'000'000, 20'000'000, 60'000});
  EXPECT_EQ(WindowsOf("x", range), "9700001..20000000");
  EXPECT_EQ(WindowsOf("x @ end()", range), "19700001..20000000");
  EXPECT_EQ(WindowsOf("x @ start()", range), "9700001..10000000");
}

std::string GridText(const Grid& grid) {
  if (grid.size() == 0) return "none";
  return std::to_string(grid.start) + ".." + std::to_string(grid.at(grid.size() - 1)) + " by " +
         std::to_string(grid.step);
}

TEST(SubqueryGrid, HoldsMultiplesOfTheStepInALeftOpenWindow) {
  const struct {
    const char* text;
    Grid parent;
    const char* want;
  } rows[] = {
      {"x[5m:1m]", Grid::Instant(600'000), "360000..600000 by 60000"},
      {"x[5m:1m]", Grid::Instant(610'000), "360000..600000 by 60000"},
      {"x[5m:]", Grid::Instant(610'000), "360000..600000 by 60000"},
      {"x[5m:1m] offset 1m", Grid::Instant(600'000), "300000..540000 by 60000"},
      {"x[5m:1m] @ 3000", Grid::Instant(600'000), "2760000..3000000 by 60000"},
      {"x[30s:1m]", Grid::Instant(610'000), "600000..600000 by 60000"},
      {"x[30s:1m]", Grid::Instant(650'000), "none"},
      // The division truncates toward zero, also below it.
      {"x[5m:1m]", Grid::Instant(90'000), "-180000..60000 by 60000"},
      {"x[5m:1m]", Grid{600'000, 725'000, 30'000}, "360000..720000 by 60000"},
  };
  for (const auto& row : rows) {
    const ExprPtr expr = MustPrepare(row.text, row.parent);
    ASSERT_EQ(expr->kind, ExprKind::kSubquery) << row.text;
    EXPECT_EQ(GridText(SubqueryGrid(As<Subquery>(*expr), row.parent, 60'000)), row.want)
        << row.text << " at " << row.parent.start;
  }
}

}  // namespace
}  // namespace synoptic::promql
