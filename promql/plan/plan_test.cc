// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/plan/plan.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"
#include "promql/parse/printer.h"
#include "promql/plan/plan_test_support.h"

namespace synoptic::promql {
namespace {

constexpr const char* kGolden = "promql/plan/testdata/plans.txt";

struct Setting {
  Topology topology;
  PlanOptions options;
};

// What "histograms" in a setting makes known: h, and what has no one name.
const HistogramMetrics kKnown = {"h", "{job=\"j\"}"};

// "# two instant", "# sharded range", "# two raw", "# two instant histograms"
Setting SettingOf(std::string_view line) {
  Setting setting;
  setting.topology =
      line.find("sharded") != std::string_view::npos ? ShardedRegion() : TwoRegions();
  setting.options = line.find("range") != std::string_view::npos
                        ? RangeOptions({1'000'000, 4'600'000, 15'000})
                        : InstantOptions();
  if (line.find("histograms") != std::string_view::npos) setting.options.histograms = &kKnown;
  setting.options.pushdown = line.find("raw") == std::string_view::npos;
  return setting;
}

std::string Planned(const std::string& text, const Setting& setting) {
  ExprPtr expr = MustPrepare(text, setting.options.grid);
  if (expr == nullptr) return "not an expression\n";
  const absl::StatusOr<Plan> plan = MakePlan(std::move(expr), setting.topology, setting.options);
  return plan.ok() ? ExplainPlan(*plan, setting.topology) : plan.status().ToString() + "\n";
}

// testdata/plans.txt: '# setting' lines, '? expression' lines, each followed by its plan.
// UPDATE_GOLDEN=1 writes the plans anew: read the difference before committing it.
TEST(Plan, IsAsWrittenInTheTable) {
  std::ifstream in(kGolden);
  ASSERT_TRUE(in.good()) << kGolden;
  Setting setting;
  std::string line, got, want;
  int expressions = 0;
  while (std::getline(in, line)) {
    want += line + "\n";
    if (!line.starts_with("? ") && !line.starts_with("# ")) continue;
    got += line + "\n";
    if (line.starts_with("# ")) setting = SettingOf(line);
    if (line.starts_with("? ")) {
      got += Planned(line.substr(2), setting);
      ++expressions;
    }
  }
  EXPECT_GT(expressions, 50);
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(kGolden) << got;
    return;
  }
  std::istringstream got_lines(got), want_lines(want);
  std::string a, b, expression;
  for (int number = 1;; ++number) {
    const bool more = static_cast<bool>(std::getline(got_lines, a));
    ASSERT_EQ(more, static_cast<bool>(std::getline(want_lines, b))) << "line " << number;
    if (!more) break;
    if (a.starts_with("? ")) expression = a;
    ASSERT_EQ(a, b) << kGolden << ":" << number << " " << expression;
  }
}

absl::StatusOr<Plan> PlanOf(std::string_view text, const Topology& topology,
                            const PlanOptions& options) {
  return MakePlan(MustPrepare(text, options.grid), topology, options);
}

TEST(Plan, FetchesNothingForConstants) {
  for (const char* text : {"1 + 1", "vector(1)", "time() * 2", "\"text\"", "pi()", "-3"}) {
    const auto plan = PlanOf(text, TwoRegions(), InstantOptions());
    ASSERT_TRUE(plan.ok()) << plan.status();
    EXPECT_TRUE(plan->fetches.empty()) << text;
  }
}

TEST(Plan, NeverAsksForMoreStepsThanAnUpstreamAnswers) {
  // 12,001 inner steps: an upstream would refuse the request, so samples are read instead.
  const auto plan = PlanOf("max_over_time(sum(x)[12001s:1s])", TwoRegions(), InstantOptions());
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->fetches.size(), 1u);
  EXPECT_EQ(plan->fetches[0].form, Fetch::Form::kRaw);
}

TEST(Plan, SendsTheLookbackAlong) {
  PlanOptions options = InstantOptions();
  options.lookback_ms = 60'000;
  const auto steps = PlanOf("sum(x)", TwoRegions(), options);
  ASSERT_TRUE(steps.ok()) << steps.status();
  EXPECT_EQ(steps->fetches[0].lookback_ms, 60'000);
  options.pushdown = false;
  const auto raw = PlanOf("sum(x)", TwoRegions(), options);
  ASSERT_TRUE(raw.ok()) << raw.status();
  EXPECT_EQ(raw->fetches[0].min_t, 1'000'000 - 60'000 + 1);
}

TEST(Plan, WorksWithoutShards) {
  const auto plan = PlanOf("sum(x) + absent(y)", Topology{}, InstantOptions());
  ASSERT_TRUE(plan.ok()) << plan.status();
  for (const Fetch& fetch : plan->fetches) EXPECT_TRUE(fetch.shards.empty());
}

TEST(Plan, KeepsShardsThatNothingTellsApartRaw) {
  // The configuration refuses this; should it come all the same, nothing is assumed of it.
  Topology topology = TwoRegions();
  topology.shards[0].labels = topology.shards[1].labels;
  const auto plan = PlanOf("sum(x)", topology, InstantOptions());
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->fetches.size(), 1u);
  EXPECT_EQ(plan->fetches[0].form, Fetch::Form::kRaw);
}

TEST(Plan, ReadsFarWindowsOfOneSelectorApart) {
  const auto plan =
      PlanOf("absent(x) or absent(x offset 1w)", TwoRegions(), InstantOptions(1'000'000'000));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->fetches.size(), 2u);
}

}  // namespace
}  // namespace synoptic::promql
