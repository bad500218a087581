// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/capacity/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "base/status.h"
#include "domain/capacity/resources.h"
#include "domain/capacity/scaling.h"
#include "domain/capacity/what_if.h"

namespace synoptic::domain {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(Plan, WhatIsBoughtIsEnoughAndNotTooMuch) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 100; ++round) {
    Pool pool = {{"us", "eu", "ap"}, {}, {}};
    for (int r = 0; r < 3; ++r) {
      pool.capacity.push_back(static_cast<double>(random() % 500));
      pool.load.push_back(static_cast<double>(1 + random() % 500));
    }
    const Weights weights = *Weights::Equal(3);
    const auto purchase = CapacityToBuy(pool, weights);
    for (size_t r = 0; r < 3; ++r) pool.capacity[r] = purchase->required[r] * (1 + 1e-12);
    EXPECT_TRUE(LoseEach(pool, weights)->n_plus_1);
    for (size_t r = 0; r < 3; ++r) {
      Pool less = pool;
      less.capacity[r] *= 0.999;
      EXPECT_FALSE(LoseEach(less, weights)->n_plus_1);
    }
  }
}

TEST(Plan, LeastCapacityIsTheBoundOfItsProof) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 200; ++round) {
    std::vector<double> loads;
    for (size_t r = 0; r < 2 + random() % 5; ++r) {
      loads.push_back(static_cast<double>(1 + random() % 100));
    }
    const auto least = LeastForAnyLoss(loads);
    double sum = 0;
    for (const double load : loads) sum += load;
    const double share = *std::max_element(loads.begin(), loads.end()) / sum;
    const double balanced = *BalancedExcess(static_cast<int>(loads.size()), 1);
    EXPECT_NEAR(least->excess, std::max(share, balanced), 1e-12);
    // Balancing the same load never costs more.
    const std::vector<double> even(loads.size(), sum / static_cast<double>(loads.size()));
    EXPECT_LE(LeastForAnyLoss(even)->total, least->total + 1e-9);
  }
  EXPECT_FALSE(LeastForAnyLoss(std::vector<double>{5}).ok());
  EXPECT_FALSE(LeastForAnyLoss(std::vector<double>{0, 0}).ok());
}

TEST(Plan, MoreRegionsNeedLessExcess) {
  for (int n = 2; n < 10; ++n) {
    EXPECT_GT(*BalancedExcess(n, 1), *BalancedExcess(n + 1, 1));
    EXPECT_EQ(*BalancedExcess(n, 0), 0);
  }
  EXPECT_FALSE(BalancedExcess(3, 3).ok());
}

TEST(Plan, APlanForSeriesCoversEveryStep) {
  std::mt19937_64 random(3);
  std::vector<std::vector<double>> loads(3);
  for (int step = 0; step < 50; ++step) {
    for (auto& series : loads) series.push_back(static_cast<double>(random() % 1000));
  }
  const auto plan = PlanForSeries(loads);
  const auto coverage = LossCoverage(loads, plan->required, 1, *Weights::Equal(3));
  EXPECT_EQ(coverage->share, 1);
  EXPECT_LE(plan->total, plan->naive_total);
  EXPECT_LE(plan->global_peak, plan->sum_of_peaks);
  std::vector<double> less = plan->required;
  less[0] -= 1;
  EXPECT_LT(LossCoverage(loads, less, 1, *Weights::Equal(3))->share, 1);
  // With one step it is the capacity to buy.
  const std::vector<std::vector<double>> one = {{620}, {480}, {260}};
  const Pool pool = {{"us", "eu", "ap"}, {0, 0, 0}, {620, 480, 260}, 1};
  EXPECT_EQ(PlanForSeries(one)->required, CapacityToBuy(pool, *Weights::Equal(3))->required);
}

TEST(Plan, SeriesMustBeAlike) {
  EXPECT_FALSE(PlanForSeries(std::vector<std::vector<double>>{{1, 2}, {1}}).ok());
  EXPECT_FALSE(PlanForSeries(std::vector<std::vector<double>>{{}, {}}).ok());
  EXPECT_FALSE(PlanForSeries(std::vector<std::vector<double>>{{1}, {-1}}).ok());
}

TEST(Plan, LossesCarriedFallsWithLoad) {
  const std::vector<double> capacity = {100, 400, 300, 200};
  int before = 4;
  for (double load = 0; load <= 1000; load += 50) {
    const int k = *LossesCarried(capacity, load, 0.8);
    EXPECT_LE(k, before);
    before = k;
  }
  EXPECT_EQ(before, -1);
  EXPECT_EQ(*LossesCarried(capacity, 0, 0.8), 4);
}

TEST(Plan, DataMakeRegionsDear) {
  const std::vector<int> counts = {2, 3, 4, 5, 6, 7};
  int before = 7;
  for (double stored = 0; stored < 10000; stored += 500) {
    const int best = *CheapestRegions({10000, 29.2, stored, 23, 60, 20}, counts);
    EXPECT_LE(best, before);
    before = best;
  }
  EXPECT_EQ(before, 2);
  EXPECT_FALSE(CostOfRegions({}, 1).ok());
  EXPECT_FALSE(CheapestRegions({}, {}).ok());
}

TEST(Scaling, WhatIsShedIsTheAreaAboveWhatIsAdmitted) {
  const Ramp ramp = {1000, 180, 2};
  const auto absorption = Absorb(ramp, 1500);
  double shed = 0;
  double before = 0;
  for (double t = 0.5; t < absorption->full_s; t += 1) {
    const double admitted = *AdmittedAt(ramp, 1500, t);
    EXPECT_GE(admitted, before);
    before = admitted;
    shed += 1500 - admitted;
  }
  EXPECT_NEAR(shed, absorption->shed_requests, 1);
  EXPECT_EQ(*AdmittedAt(ramp, 1500, 1e6), 1500);
  EXPECT_EQ(Absorb(ramp, 900)->shed_requests, 0);
  EXPECT_EQ(Absorb({1000, 180, 0}, 1500)->full_s, kInf);
  EXPECT_FALSE(Absorb({1000, -1, 2}, 1500).ok());
}

TEST(Scaling, ASafeShiftEndsWhenCapacityDoes) {
  const Ramp ramp = {1000, 180, 2};
  for (double lost = 0; lost < 1000; lost += 50) {
    const auto shift = SlowestSafeShift(ramp, 800, lost);
    EXPECT_LE(800 + shift->immediate_share * lost, 1000 + 1e-9);
    EXPECT_EQ(shift->duration_s, Absorb(ramp, 800 + lost)->full_s);
  }
  EXPECT_EQ(SlowestSafeShift(ramp, 1200, 100)->immediate_share, 0);
}

TEST(Resources, DiscountedIsBetweenStaticAndElastic) {
  for (double p = 0; p <= 1; p += 0.1) {
    const auto headroom = HeadroomOf({120, 200, 170, 400, 10, 1050, 0.8, p});
    EXPECT_GE(headroom->discounted, headroom->fixed);
    EXPECT_LE(headroom->discounted, headroom->elastic);
  }
  EXPECT_EQ(HeadroomOf({120, 200, 170, 400, 10, 1050, 0.8, 1})->discounted, -90);
  EXPECT_FALSE(HeadroomOf({120, 200, 170, 400, 10, 1050, 0.8, 1.1}).ok());
}

TEST(Resources, FitsMeansAtMost) {
  EXPECT_TRUE(QuotaAfter(100, 20, 120)->fits);
  EXPECT_FALSE(QuotaAfter(100, 21, 120)->fits);
  EXPECT_EQ(QuotaAfter(100, 21, 120)->shortfall, 1);
  EXPECT_TRUE(ConnectionsAfter(10, 0, 99, 10)->fits);
  EXPECT_TRUE(PromoteOnto(8, 0.8, 8)->fits);
  EXPECT_FALSE(QuotaAfter(1, 1, 0).ok());
  EXPECT_FALSE(PromoteOnto(8, 0.5, 0).ok());
  EXPECT_FALSE(ConnectionsAfter(-1, 0, 0, 10).ok());
}

TEST(Resources, PodsNeverFitBetterOnMorePieces) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 100; ++round) {
    std::vector<NodeFree> nodes;
    for (int i = 0; i < 8; ++i) {
      nodes.push_back(
          {static_cast<double>(random() % 80) / 10, static_cast<double>(random() % 64)});
    }
    const auto fit = FitPods(nodes, 1, 4);
    EXPECT_LE(fit->fits, fit->pooled);
    nodes[0].cpu += nodes[1].cpu;
    nodes[0].memory += nodes[1].memory;
    nodes.erase(nodes.begin() + 1);
    EXPECT_GE(FitPods(nodes, 1, 4)->fits, fit->fits);
  }
}

TEST(Resources, AColdCacheNeverHelps) {
  EXPECT_EQ(OriginAfterShift(1000, 0.9, 0.9, 300)->amplification, 1);
  EXPECT_EQ(OriginAfterShift(1000, 1, 0.5, 300)->amplification, kInf);
  EXPECT_EQ(OriginAfterShift(1000, 1, 1, 300)->amplification, 1);
  double before = 2;
  for (double hit = 0.9; hit >= 0; hit -= 0.1) {
    const double admitted = OriginAfterShift(1000, 0.95, hit, 300)->admitted_share;
    EXPECT_LE(admitted, before);
    before = admitted;
  }
}

TEST(Resources, TheBindingOneIsTheLeastInAnyUnit) {
  const std::vector<ResourceLoad> resources = {{960, 700}, {4000, 3900}, {10, 2}};
  EXPECT_EQ(BindingResource(resources)->index, 1);
  std::vector<ResourceLoad> scaled = resources;
  scaled[1] = {4, 3.9};
  EXPECT_EQ(BindingResource(scaled)->index, 1);
  EXPECT_FALSE(BindingResource({}).ok());
  EXPECT_FALSE(BindingResource(std::vector<ResourceLoad>{{0, 1}}).ok());
}

}  // namespace
}  // namespace synoptic::domain
