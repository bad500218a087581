// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/status.h"
#include "domain/drill/cadence.h"
#include "domain/drill/dns.h"
#include "domain/drill/recovery.h"

namespace synoptic::domain {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(Recovery, PhasesAddUpInAnyOrderAndOfNothingIsNothing) {
  const std::vector<Interval> phases = {{5, 5}, {3, 5}, {25, 25}};
  EXPECT_EQ(*RecoveryTime(phases), (Interval{33, 35}));
  EXPECT_EQ(*RecoveryTime(std::vector<Interval>{phases[2], phases[0], phases[1]}),
            (Interval{33, 35}));
  EXPECT_EQ(*RecoveryTime({}), (Interval{0, 0}));
  EXPECT_FALSE(RecoveryTime(std::vector<Interval>{{-1, 2}}).ok());
  EXPECT_FALSE(RecoveryTime(std::vector<Interval>{{2, 1}}).ok());
}

TEST(Recovery, EveryMarkerThatArrivedImprovesThePoint) {
  const std::vector<double> written = {100, 101, 102, 103};
  double before = kInf;
  for (size_t n = 1; n <= written.size(); ++n) {
    const auto measured = RpoFromMarkers(103.5, written, std::span(written).first(n));
    EXPECT_LT(measured->rpo_s, before);
    EXPECT_EQ(measured->lost_markers, static_cast<int>(written.size() - n));
    before = measured->rpo_s;
  }
  EXPECT_FALSE(RpoFromMarkers(103.5, written, {}).ok());
  EXPECT_FALSE(RpoFromMarkers(103.5, written, std::vector<double>{99}).ok());
  EXPECT_FALSE(RpoFromMarkers(102.5, written, std::vector<double>{101}).ok());
}

TEST(Recovery, DrillsNeverProveCertainty) {
  std::vector<double> rto;
  double before = 0;
  for (int n = 1; n < 50; ++n) {
    rto.push_back(300);
    const auto evidence = RtoFromDrills(rto, 600);
    EXPECT_GT(evidence->meets_target, before);
    EXPECT_LT(evidence->meets_target, 1);
    EXPECT_EQ(evidence->p90, 300);
    before = evidence->meets_target;
  }
  EXPECT_FALSE(RtoFromDrills({}, 600).ok());
}

TEST(Recovery, ProjectionsTakeTimeAndLoseNothing) {
  const RecoverySteps steps = {60, 120, 90, 60};
  const std::vector<Store> truth = {{.rpo_s = 12}};
  std::vector<Store> both = truth;
  both.push_back({.truth = false, .size_bytes = 9e9, .rate_bytes_s = 1e6});
  EXPECT_EQ(RecoveryOf(both, steps)->rpo_s, RecoveryOf(truth, steps)->rpo_s);
  EXPECT_EQ(RecoveryOf(both, steps)->rto_s - RecoveryOf(truth, steps)->rto_s, 9000 - 90);
  EXPECT_EQ(RecoveryOf({}, steps)->rto_s, 330);
  EXPECT_FALSE(RecoveryOf(std::vector<Store>{{.truth = false, .size_bytes = 1}}, steps).ok());
}

TEST(Recovery, AtItsLongestARecoverySpendsTheBudgetExactly) {
  for (const double share : {0.1, 0.5, 1.0}) {
    const double longest = CostOfFailover(0.9999, 2592000, share, 600, 1)->rto_max_s;
    EXPECT_NEAR(CostOfFailover(0.9999, 2592000, share, longest, 1)->burn_fraction, 1, 1e-12);
    EXPECT_NEAR(*LargestShare(0.9999, 2592000, longest), share, 1e-12);
  }
  EXPECT_EQ(*LargestShare(0.9, 2592000, 1), 1);
  EXPECT_FALSE(CostOfFailover(0.9999, 2592000, 1.5, 600, 1).ok());
  EXPECT_FALSE(CostOfFailover(99.99, 2592000, 0.5, 600, 1).ok());
}

TEST(Recovery, AvailabilityFallsWithEveryFailover) {
  EXPECT_EQ(AvailabilityOf({})->availability, 1);
  double before = 2;
  for (double events = 0; events < 20; ++events) {
    const double now =
        AvailabilityOf(
            {.events = events, .share = 0.5, .rto_s = 480, .false_events = 1, .false_cost_s = 9})
            ->availability;
    EXPECT_LT(now, before);
    before = now;
  }
  EXPECT_FALSE(AvailabilityOf({.events = 1e6, .share = 1, .rto_s = 480}).ok());
}

TEST(Dns, DrainTimeIsWhenTheShareIsLeft) {
  for (const double sticky : {0.0, 0.002, 0.01}) {
    for (const double left : {0.01, 0.1, 0.5}) {
      const double t = *DnsDrainTime(60, sticky, left);
      EXPECT_NEAR(*DnsShareLeft(60, sticky, t), left, 1e-12);
      EXPECT_NEAR(*DnsDrainTime(600, sticky, left), 10 * t, 1e-9);
    }
  }
  double before = 2;
  for (double t = 0; t < 100; t += 5) {
    const double share = *DnsShareLeft(60, 0.02, t);
    EXPECT_LE(share, before);
    EXPECT_GE(share, 0.02);
    before = share;
  }
  EXPECT_EQ(*DnsDrainTime(60, 0.02), kInf);
  EXPECT_FALSE(DnsShareLeft(0, 0.02, 1).ok());
  EXPECT_FALSE(DnsShareLeft(60, 1.02, 1).ok());
}

TEST(Cadence, GetsWorseWithTimeOnly) {
  auto before = DrillState::kOk;
  for (double now = 0; now < 12; now += 0.5) {
    const auto state = *DrillDue(0, 7, 2, now);
    EXPECT_GE(state, before);
    before = state;
  }
  EXPECT_EQ(before, DrillState::kOverdue);
  EXPECT_FALSE(DrillDue(5, 7, 2, 4).ok());
  EXPECT_FALSE(DrillDue(0, 0, 2, 4).ok());
}

}  // namespace
}  // namespace synoptic::domain
