// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "base/status.h"
#include "domain/replication/clocks.h"
#include "domain/replication/drain.h"
#include "domain/replication/lag.h"
#include "domain/replication/no_return.h"
#include "domain/replication/pairs.h"

namespace synoptic::domain {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kScales[] = {0.125, 1, 1024};  // powers of two: exact

TEST(Drain, DoesNotDependOnTheUnitAndGrowsWithTheBacklog) {
  for (const double k : kScales) {
    EXPECT_EQ(*DrainTime(9000 * k, {40 * k, 55 * k}), 600);
    EXPECT_EQ(*TimeToThreshold(9000 * k, 15000 * k, {55 * k, 40 * k}), 400);
    EXPECT_EQ(AtRisk(9000 * k, {40 * k, 50 * k})->rpo_s, 225);
  }
  double before = -1;
  for (double pending = 0; pending < 1e6; pending += 12345) {
    const double drain = *DrainTime(pending, {40, 55});
    EXPECT_GT(drain, before);
    before = drain;
  }
}

TEST(Drain, ThroughOneSegmentIsTheConstantRate) {
  for (const double cut : {0.0, 1.0, 599.0, 600.0, 1e6}) {
    const FlowSegment segment = {cut, {400, 550}};
    EXPECT_NEAR(*DrainTime(90000, std::vector{segment}, {400, 550}), 600, 1e-9);
  }
  // Cutting a segment in two changes nothing.
  const std::vector<FlowSegment> whole = {{600, {600, 550}}};
  const std::vector<FlowSegment> parts = {{200, {600, 550}}, {400, {600, 550}}};
  EXPECT_EQ(*DrainTime(90000, whole, {300, 550}), *DrainTime(90000, parts, {300, 550}));
}

TEST(Drain, RefusesNegativeSupplyAndNan) {
  EXPECT_EQ(MessageOf(DrainTime(-1, Flow{}).status()),
            "pending: -1: expected a finite number of at least 0");
  EXPECT_FALSE(DrainTime(1, {std::nan(""), 1}).ok());
  EXPECT_FALSE(TimeToThreshold(1, kInf, {1, 1}).ok());
  EXPECT_FALSE(CheckConservation(1, 1, {1, 1}, 0).ok());
  EXPECT_EQ(CheckConservation(5, 5, {1, 1}, 60)->relative, 0);
  EXPECT_EQ(CheckConservation(5, 6, {1, 1}, 60)->relative, kInf);
}

TEST(Lag, BoundsGrowWithTimeAndHoldTheTruth) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> unit(0, 1);
  for (int round = 0; round < 200; ++round) {
    const double lag = 100 * unit(random);
    const double dt = 1000 * unit(random);
    // Applied at any speeds meanwhile.
    double truth = lag;
    for (int i = 0; i < 10; ++i) truth = std::max(0.0, truth + dt / 10 * (1 - 3 * unit(random)));
    EXPECT_TRUE(UnseenLag(lag, dt)->Contains(truth));
    EXPECT_TRUE(UnseenLag(lag, dt + 1)->Contains(UnseenLag(lag, dt)->hi));
    double pending = 1000;
    for (int i = 0; i < 10; ++i) {
      pending = std::max(0.0, pending + dt / 10 * (50 * unit(random) - 80 * unit(random)));
    }
    EXPECT_TRUE(UnseenPending(1000, dt, 50, 80)->Contains(pending));
  }
  EXPECT_EQ(*UnseenLag(7, 0), (Interval{0, 7}));
  EXPECT_EQ(*UnseenPending(7, 0, 9, 9), (Interval{7, 7}));
}

TEST(Lag, CatchingUpAndFallingBehindExcludeEachOther) {
  for (double speed = -1; speed < 3; speed += 0.25) {
    const bool catches = std::isfinite(*CatchUpTime(60, speed));
    const bool breaches = std::isfinite(*TimeToRpo(60, speed, 900));
    EXPECT_FALSE(catches && breaches) << speed;
    EXPECT_EQ(catches, speed > 1);
    EXPECT_EQ(breaches, speed < 1);
  }
  EXPECT_EQ(*ApplySpeed(60, 60, 30), 1);
  EXPECT_EQ(*ApplySpeed(60, 90, 30), 0);
  EXPECT_EQ(*CatchUpTime(0, 0.5), 0);
  EXPECT_EQ(*TimeToRpo(900, 5, 900), 0);
}

TEST(Lag, InterpolationFallsAsTheConsumerMovesOn) {
  const std::vector<OffsetPoint> points = {{1000, 0}, {4000, 30}, {9000, 60}};
  double before = kInf;
  for (double committed = 0; committed <= 9500; committed += 250) {
    const double lag = **InterpolatedLag(points, committed, 62);
    EXPECT_LE(lag, before) << committed;
    before = lag;
  }
  EXPECT_EQ(before, 0);
  EXPECT_EQ(**InterpolatedLag(points, 4000, 62), 32);
  EXPECT_FALSE(InterpolatedLag(std::vector<OffsetPoint>{{1, 1}}, 0, 2)->has_value());
  EXPECT_FALSE(InterpolatedLag(std::vector<OffsetPoint>{{2, 1}, {1, 2}}, 0, 2).ok());
}

TEST(LyingLagTest, NeedsBothEndsUnlessOneDisprovesIt) {
  const auto judge = [](std::optional<double> lag, std::optional<double> previous,
                        std::optional<double> in, std::optional<double> out) {
    return *LyingLag({.lag_s = lag, .previous_s = previous, .in_rate = in, .out_rate = out});
  };
  EXPECT_EQ(judge(0, 3, 120, 0), Verdict::kTrue);
  EXPECT_EQ(judge(5, 5, 120, 0), Verdict::kTrue);   // a constant that nobody updates
  EXPECT_EQ(judge({}, 5, 120, 0), Verdict::kTrue);  // the series is gone
  EXPECT_EQ(judge(9, 5, 120, 0), Verdict::kFalse);  // it says so itself
  EXPECT_EQ(judge(0, 0, 120, {}), Verdict::kUnknown);
  EXPECT_EQ(judge(0, 0, {}, 0), Verdict::kUnknown);
  EXPECT_EQ(judge(0, 0, 0, {}), Verdict::kFalse);
  EXPECT_EQ(judge(0, 0, {}, 9), Verdict::kFalse);
  EXPECT_FALSE(LyingLag({.lag_s = 0, .previous_s = 0, .in_rate = -1, .out_rate = 0}).ok());
}

TEST(NoReturn, NeverRisesAsTheFollowerFallsBehind) {
  double before = kInf;
  for (double replica = 9e9; replica >= 8.6e9; replica -= 1e7) {
    const auto window = RedisResyncWindow(268435456, 9e9, replica, 2e6);
    EXPECT_LE(window->seconds, before);
    before = window->seconds;
  }
  EXPECT_EQ(before, 0);
  EXPECT_EQ(RedisResyncWindow(100, 50, 60, 1)->gap, 0);  // read a moment apart
  EXPECT_EQ(*SlotTimeLeft(-5, 10), 0);
  EXPECT_EQ(*SlotTimeLeft(5, 0), kInf);
  EXPECT_EQ(*RetentionTimeLeft(10, 20, 0, 0), 0);
  EXPECT_EQ(*WindowTimeLeft(10, 20), 0);
  for (const double k : kScales) EXPECT_EQ(*SlotTimeLeft(3600 * k, 2 * k), 1800);
}

TEST(NoReturn, PagesWhenTheRepairIsTooSlow) {
  EXPECT_TRUE(*RepairEndsTooLate(84, 600, 0));
  EXPECT_FALSE(*RepairEndsTooLate(600, 600, 0));
  EXPECT_TRUE(*RepairEndsTooLate(1e9, kInf, 0));  // it will never drain
  EXPECT_FALSE(*RepairEndsTooLate(kInf, kInf, 900));
  EXPECT_FALSE(RepairEndsTooLate(std::nan(""), 1, 1).ok());
}

TEST(Clocks, TheTrueLagIsWithinTheBounds) {
  std::mt19937_64 random(6);
  std::uniform_real_distribution<double> unit(-1, 1);
  for (int round = 0; round < 500; ++round) {
    const double truth = 0.02 * (unit(random) + 1);
    const double e1 = 0.004;
    const double e2 = 0.009;
    const double measured = truth + e1 * unit(random) + e2 * unit(random);
    EXPECT_TRUE(LagAcrossClocks(measured, e1, e2)->Contains(truth));
  }
  EXPECT_FALSE(LagAcrossClocks(-1, 0.1, 0.1).ok());
  EXPECT_EQ(*ClockBound(-0.5, 0, 0), *ClockBound(0.5, 0, 0));
}

TEST(Clocks, BetterClocksOrderMore) {
  const std::vector<double> scores = {0.01, 0, 0.001, 0.0045, 0.004};  // any order
  double before = 0;
  for (double bound = 0; bound < 0.02; bound += 0.0005) {
    const double share = *AmbiguousShare(scores, bound);
    EXPECT_GE(share, before);
    before = share;
  }
  EXPECT_EQ(before, 1);
  EXPECT_EQ(*Ordered(1, 2, 0.5, 0.5), false);
  EXPECT_EQ(*Ordered(2, 1, 0.1, 0.1), true);
}

TEST(Pairs, AsymmetryHasNoUnitAndNoDirection) {
  for (const double k : kScales) {
    EXPECT_EQ(LagAsymmetry(30 * k, 2 * k)->share, LagAsymmetry(30, 2)->share);
    EXPECT_EQ(LagAsymmetry(2 * k, 30 * k)->share, LagAsymmetry(30, 2)->share);
    EXPECT_NEAR(LagAsymmetry(2 * k, 30 * k)->log_ratio, -LagAsymmetry(30, 2)->log_ratio, 1e-15);
  }
  EXPECT_EQ(LagAsymmetry(0, 0)->log_ratio, 0);
  EXPECT_EQ(LagAsymmetry(1, 0)->log_ratio, kInf);
  EXPECT_EQ(LagAsymmetry(0, 1)->log_ratio, -kInf);
  EXPECT_EQ(LagAsymmetry(0, 1)->share, 1);
}

TEST(Pairs, DriftIsADistanceOfShares) {
  const std::vector<double> a = {0.5, 0.3, 0.2};
  const std::vector<double> b = {0, 0, 1};
  EXPECT_EQ(*SplitDrift(a, a), 0);
  EXPECT_EQ(*SplitDrift(a, b), *SplitDrift(b, a));
  EXPECT_NEAR(*SplitDrift(a, b), 0.8, 1e-15);
  EXPECT_EQ(MessageOf(SplitDrift(a, std::vector{0.5, 0.25, 0.5}).status()),
            "actual: shares add up to 1.25: expected 1");
  EXPECT_FALSE(SplitDrift(a, std::vector{0.5, 0.5}).ok());
  EXPECT_FALSE(SplitDrift(std::vector{1.5, -0.5}, std::vector{0.5, 0.5}).ok());
  // A region split in two, both as expected, changes nothing.
  EXPECT_NEAR(*SplitDrift(std::vector{0.25, 0.25, 0.5}, std::vector{0.35, 0.35, 0.3}),
              *SplitDrift(std::vector{0.5, 0.5}, std::vector{0.7, 0.3}), 1e-15);
}

TEST(Pairs, AFlowIsBlindWhenItsLastSignalIsLost) {
  const std::vector<FlowSignals> flows = {{"b", {"us", "eu"}}, {"a", {"us", "us"}}, {"none", {}}};
  EXPECT_EQ(BlindFlows(flows, "us"), (std::vector<std::string>{"a", "none"}));
  EXPECT_EQ(BlindFlows(flows, "eu"), (std::vector<std::string>{"none"}));
}

}  // namespace
}  // namespace synoptic::domain
