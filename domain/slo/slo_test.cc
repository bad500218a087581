// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "base/status.h"
#include "domain/slo/budgeting.h"
#include "domain/slo/burn.h"
#include "domain/slo/freshness_slo.h"
#include "domain/slo/imports.h"
#include "domain/slo/low_traffic.h"
#include "domain/slo/rollup.h"

namespace synoptic::domain {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(Burn, FactorAndBudgetSpentAreInversesInAnyUnit) {
  for (const double unit : {1.0, 3600.0}) {
    for (const double fraction : {0.02, 0.05, 0.1, 1.0}) {
      const double factor = *BurnFactor(fraction, 720 * unit, 6 * unit);
      EXPECT_NEAR(*BudgetSpent(factor, 6 * unit, 720 * unit), fraction, 1e-15);
    }
  }
}

TEST(Burn, DetectionIsTheMomentTheWindowCrosses) {
  // After t seconds of a constant ratio e the window's ratio is e * t / window.
  for (const double e : {0.02, 0.1, 0.5, 1.0}) {
    const double t = *DetectionTime(0.999, 14.4, 3600, e);
    EXPECT_NEAR(e * t / 3600, *BurnThreshold(0.999, 14.4), 1e-15);
  }
  EXPECT_EQ(*DetectionTime(0.999, 14.4, 3600, 0.001), kInf);
  double before = kInf;
  for (double e = 0.02; e <= 1; e += 0.02) {
    const double t = *DetectionTime(0.999, 14.4, 3600, e);
    EXPECT_LT(t, before);
    before = t;
  }
}

TEST(Burn, ResetIsTheMomentTheWindowFallsBelow) {
  // t seconds after an outage of ratio e the short window holds e * (window - t) / window.
  const double threshold = *BurnThreshold(0.999, 14.4);
  for (const double e : {0.02, 0.1, 1.0}) {
    const double t = *ResetTime(300, threshold, e);
    EXPECT_NEAR(e * (300 - t) / 300, threshold, 1e-15);
  }
  EXPECT_EQ(*ResetTime(300, threshold, 0.01), 0);
}

TEST(Burn, ExhaustionSpendsAll) {
  for (const double burn : {0.5, 1.0, 14.4}) {
    EXPECT_NEAR(*BudgetSpent(burn, *ExhaustionTime(720, burn), 720), 1, 1e-15);
  }
  EXPECT_EQ(*ExhaustionTime(720, 0), kInf);
  EXPECT_EQ(*BudgetRemaining(0.999, 0), 1);
  EXPECT_LT(*BudgetRemaining(0.999, 1), -900);
}

TEST(Burn, RefusesPercentagesAndWindowsThatDoNotDivide) {
  EXPECT_FALSE(BurnThreshold(99.9, 14.4).ok());
  EXPECT_FALSE(BudgetRemaining(0.999, 1.5).ok());
  EXPECT_TRUE(CheckWindows(30, 300, 3600, 2592000).ok());
  EXPECT_EQ(MessageOf(CheckWindows(45, 300, 3600, 2592000)),
            "short window: 300 s: expected a multiple of the base interval 45 s");
  EXPECT_EQ(MessageOf(CheckWindows(30, 3600, 300, 2592000)),
            "short window: 3600 s: expected less than the long window 300 s");
  EXPECT_FALSE(CheckWindows(30, 300, 3600, 1800).ok());
}

TEST(Budgeting, MethodsAgreeWhenEverySliceIsAlike) {
  const std::vector<EventCount> slices(7, EventCount{100, 3});
  EXPECT_NEAR(*OccurrencesErrorRatio(slices), *RatioTimeslicesErrorRatio(slices), 1e-15);
  // Splitting each slice's events over two regions changes nothing by occurrences.
  std::vector<EventCount> split;
  for (int i = 0; i < 14; ++i) split.push_back({50, 1.5});
  EXPECT_NEAR(*OccurrencesErrorRatio(split), *OccurrencesErrorRatio(slices), 1e-15);
}

TEST(Budgeting, ASliceWithoutTrafficDoesNotPoisonTheMean) {
  const std::vector<EventCount> slices = {{100, 1}, {0, 0}};
  EXPECT_EQ(*RatioTimeslicesErrorRatio(slices), 0.01);
  EXPECT_EQ(RatioTimeslicesErrorRatio(std::vector<EventCount>{{0, 0}}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MessageOf(OccurrencesErrorRatio(std::vector<EventCount>{{1, 2}}).status()),
            "slice: 2 bad of 1: expected at most all of them");
}

TEST(Budgeting, ARatioTimeslicesBudgetIsSpentExactly) {
  const double x = *RatioTimeslicesBudget(0.95, 20160, 0.99, 0.01);
  EXPECT_NEAR((x * 0.01 + (20160 - x) * 0.99) / 20160, 0.95, 1e-12);
  EXPECT_EQ(*RatioTimeslicesBudget(0.95, 100, 0.99, 0.96), kInf);
  EXPECT_EQ(*RatioTimeslicesBudget(0.95, 100, 0.94, 0.5), 0);
}

TEST(Budgeting, SlicesDivideThePeriod) {
  EXPECT_EQ(*SlicesIn(604800, 60), 10080);
  EXPECT_EQ(MessageOf(SlicesIn(604800, 61).status()),
            "slice: 61 s: expected to divide the period 604800 s");
}

TEST(Budgeting, ACompositeOfOneIsItself) {
  EXPECT_NEAR(*CompositeSuccess(std::vector<Weighted>{{0.97, 1}}), 0.97, 1e-15);
  EXPECT_EQ(*CompositeBurn(std::vector<Weighted>{{2.5, 1}}), 2.5);
  EXPECT_EQ(*CompositeSuccess(std::vector<Weighted>{{0.1, 1}, {0.1, 1}}), 0);
  EXPECT_FALSE(CompositeBurn(std::vector<Weighted>{{1, 0}}).ok());
  EXPECT_FALSE(CompositeSuccess(std::vector<Weighted>{{1.2, 1}}).ok());
  EXPECT_FALSE(CompositeBadSlices(std::vector<std::string>{"gb", "g"}).ok());
  EXPECT_FALSE(CompositeBadSlices(std::vector<std::string>{"gx"}).ok());
}

TEST(LowTraffic, TheThresholdAsksForTheSameFailuresAtEveryHour) {
  const double bad = *TrafficAwareThreshold(0.999, 0.02, 7.2e6, 10000) * 10000;
  for (const double n : {10.0, 2500.0, 20000.0}) {
    EXPECT_NEAR(*TrafficAwareThreshold(0.999, 0.02, 7.2e6, n) * n, bad, 1e-9);
  }
  EXPECT_FALSE(TrafficAwareThreshold(0.999, 0.02, 100, 0).ok());
  EXPECT_FALSE(TrafficAwareThreshold(0.999, 0.02, 100, 101).ok());
}

TEST(LowTraffic, TheGateOpensWithEveryFurtherFailureAndNeverForOne) {
  for (const int64_t n : {1, 10, 1000}) {
    bool before = false;
    for (int64_t bad = 0; bad <= std::min<int64_t>(n, 50); ++bad) {
      const auto gate = LowTrafficGate(n, bad, 0.0144);
      EXPECT_TRUE(gate->page || !before);
      EXPECT_FALSE(gate->page && bad < 2);
      before = gate->page;
    }
  }
}

TEST(LowTraffic, LeastRequestsIsTight) {
  for (const double threshold : {0.0144, 0.144, 0.5, 1.0}) {
    const auto n = static_cast<double>(*LeastRequests(threshold));
    EXPECT_LE(1 / n, threshold);
    if (n > 1) EXPECT_GT(1 / (n - 1), threshold);
  }
  EXPECT_FALSE(LeastRequests(0).ok());
}

TEST(RollupTest, SplittingARegionInTwoChangesNothing) {
  const std::vector<EventCount> regions = {{1000, 5}, {600, 6}, {400, 24}};
  const std::vector<EventCount> split = {{500, 2}, {500, 3}, {600, 6}, {400, 24}};
  const auto one = RollUp(regions, 0.999);
  const auto two = RollUp(split, 0.999);
  EXPECT_EQ(one->error_ratio, two->error_ratio);
  EXPECT_NEAR(one->bad_share[0], two->bad_share[0] + two->bad_share[1], 1e-15);
  EXPECT_NE(one->mean_of_ratios, two->mean_of_ratios);  // which is why it is no answer
  EXPECT_NEAR(one->ratio_if_not[2], 11.0 / 1600, 1e-15);
  EXPECT_FALSE(RollUp({}, 0.999).ok());
}

TEST(RollupTest, TheTruthOfAnUnseenRegionIsWithinTheBounds) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 200; ++round) {
    const auto total = static_cast<double>(random() % 1000 + 1);
    const auto bad = static_cast<double>(random() % static_cast<uint64_t>(total));
    const auto partial = PartialErrorRatio({5000, 25}, total);
    EXPECT_TRUE(partial->error_ratio.Contains((25 + bad) / (5000 + total)));
    EXPECT_NEAR(partial->coverage, 5000 / (5000 + total), 1e-15);
  }
  EXPECT_TRUE(PartialErrorRatio({5000, 25}, 0)->error_ratio.exact());
}

TEST(RollupTest, ABudgetSeenWholeIsAPointAndUnseenTimeOnlyWidens) {
  EXPECT_TRUE(BudgetUsed(720, 0, 0.0004, 0.999)->used.exact());
  double width = -1;
  for (double unobserved = 0; unobserved <= 720; unobserved += 24) {
    const auto budget = BudgetUsed(720, unobserved, 0.0004, 0.999);
    EXPECT_GT(budget->used.hi - budget->used.lo, width);
    width = budget->used.hi - budget->used.lo;
    EXPECT_EQ(budget->remaining().lo, 1 - budget->used.hi);
  }
  EXPECT_FALSE(BudgetUsed(720, 721, 0.0004, 0.999).ok());
}

TEST(Freshness, ReadingsAreOrdered) {
  for (double missing = 0; missing <= 100; missing += 10) {
    const auto freshness = FreshnessOfSlices(1440, 12, missing);
    EXPECT_LE(freshness->missing_bad, *freshness->ignore);
    EXPECT_LE(*freshness->ignore, freshness->missing_good);
  }
  EXPECT_FALSE(FreshnessOfSlices(10, 0, 10)->ignore.has_value());
  EXPECT_FALSE(FreshnessOfSlices(10, 6, 5).ok());
  EXPECT_FALSE(FreshnessOfObjects(2, 1, 0.99).ok());
  EXPECT_EQ(FreshnessOfObjects(0, 1, 0.99)->budget_used, 0);
  EXPECT_EQ(FreshnessOfChain(std::vector<Stage>{{1, 0.2}, {1, 0.3}})->at_least, 0);
  EXPECT_EQ(FreshnessOfChain({})->at_least, 1);
  EXPECT_FALSE(FreshnessOfChain(std::vector<Stage>{{1, 1.2}}).ok());
}

TEST(Imports, PyrraScalesWithThePeriodAndSlothTakesPercentages) {
  for (int64_t days = 28; days <= 28 * 13; days += 28) {
    const auto windows = PyrraWindows(days * 86400);
    for (size_t i = 0; i < 4; ++i) {
      EXPECT_EQ((*windows)[i].long_s, (*PyrraWindows(28 * 86400))[i].long_s * days / 28);
    }
  }
  EXPECT_FALSE(PyrraWindows(0).ok());
  EXPECT_FALSE(PyrraWindows(std::numeric_limits<int64_t>::max()).ok());
  EXPECT_FALSE(PyrraAbsentFor(28 * 86400, 99).ok());
  EXPECT_FALSE(SlothObjective(0).ok());
  EXPECT_FALSE(SlothObjective(std::nan("")).ok());
  EXPECT_EQ(SlothObjective(100)->alert_error_budget, 0);
}

}  // namespace
}  // namespace synoptic::domain
