// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/capacity/what_if.h"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <random>

#include "base/status.h"
#include "domain/capacity/spill.h"

namespace synoptic::domain {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

struct Case {
  Pool pool;
  std::vector<Weights::Share> shares;
  Weights weights() const { return *Weights::Affinity(pool.regions, shares); }
};

// Affinities in sixteenths, so that each row adds up exactly.
Case RandomCase(std::mt19937_64& random, size_t regions) {
  Case made;
  for (size_t r = 0; r < regions; ++r) {
    made.pool.regions.push_back("r" + std::to_string(r));
    made.pool.capacity.push_back(static_cast<double>(500 + random() % 1000));
    made.pool.load.push_back(static_cast<double>(random() % 800));
    double left = 16;
    for (size_t to = 0, last = r + 1 == regions ? regions - 2 : regions - 1; to <= last; ++to) {
      if (to == r) continue;
      const double part =
          to == last ? left : static_cast<double>(random() % (static_cast<uint64_t>(left) + 1));
      made.shares.push_back({"r" + std::to_string(r), "r" + std::to_string(to), part / 16});
      left -= part;
    }
  }
  return made;
}

double Sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

double LoadOf(const LossResult& result) {
  double sum = result.unplaced;
  for (const Survivor& survivor : result.survivors) sum += survivor.load;
  return sum;
}

TEST(WhatIf, LosingNothingIsIdentity) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 50; ++round) {
    const Case made = RandomCase(random, 4);
    const auto result = LoseRegions(made.pool, made.weights(), {});
    ASSERT_EQ(result->survivors.size(), 4);
    for (const Survivor& survivor : result->survivors) {
      EXPECT_EQ(survivor.load, made.pool.load[survivor.region]);
    }
    EXPECT_EQ(result->unplaced, 0);
  }
}

TEST(WhatIf, LosingARegionWithoutLoadChangesNobody) {
  std::mt19937_64 random(2);
  Case made = RandomCase(random, 4);
  made.pool.load[2] = 0;
  const auto result = LoseRegions(made.pool, made.weights(), std::vector<size_t>{2});
  for (const Survivor& survivor : result->survivors) {
    EXPECT_EQ(survivor.load, made.pool.load[survivor.region]);
  }
}

TEST(WhatIf, LoadIsConservedWhateverIsLost) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    const Case made = RandomCase(random, 5);
    std::vector<size_t> lost;
    for (size_t r = 0; r < 5; ++r) {
      if (random() % 2 == 0) lost.push_back(r);
    }
    EXPECT_NEAR(LoadOf(*LoseRegions(made.pool, made.weights(), lost)), Sum(made.pool.load), 1e-9);
    const auto degraded = LoseNextAfter(made.pool, made.weights(), 0);
    for (const LossResult& next : degraded->after_next) {
      EXPECT_NEAR(LoadOf(next), Sum(made.pool.load), 1e-9);
    }
  }
}

TEST(WhatIf, TheUnitDoesNotMatter) {
  std::mt19937_64 random(4);
  const Case made = RandomCase(random, 4);
  Pool scaled = made.pool;
  for (double& v : scaled.capacity) v *= 1024;
  for (double& v : scaled.load) v *= 1024;
  const auto one = LoseEach(made.pool, made.weights());
  const auto two = LoseEach(scaled, made.weights());
  EXPECT_EQ(one->n_plus_1, two->n_plus_1);
  EXPECT_EQ(one->worst_lost, two->worst_lost);
  for (size_t r = 0; r < 4; ++r) {
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(1024 * one->per_loss[r].survivors[i].headroom,
                two->per_loss[r].survivors[i].headroom);
      EXPECT_EQ(one->per_loss[r].survivors[i].utilisation,
                two->per_loss[r].survivors[i].utilisation);
    }
  }
}

// Region 0 as two halves that belong together: their load, capacity and what others send them.
Case Split(const Case& made) {
  Case split = made;
  split.pool.regions.push_back("half");
  split.pool.capacity[0] /= 2;
  split.pool.load[0] /= 2;
  split.pool.capacity.push_back(split.pool.capacity[0]);
  split.pool.load.push_back(split.pool.load[0]);
  split.shares.clear();
  for (const Weights::Share& share : made.shares) {
    if (share.to == "r0") {
      split.shares.push_back({share.from, "r0", share.share / 2});
      split.shares.push_back({share.from, "half", share.share / 2});
    } else {
      split.shares.push_back(share);
      if (share.from == "r0") split.shares.push_back({"half", share.to, share.share});
    }
  }
  return split;
}

TEST(WhatIf, SplittingARegionInTwoChangesNothing) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 100; ++round) {
    const Case made = RandomCase(random, 4);
    const Case split = Split(made);
    const size_t half = 4;
    for (size_t lost = 0; lost < 4; ++lost) {
      const auto whole = LoseRegions(made.pool, made.weights(), std::vector{lost});
      const auto both = lost == 0 ? std::vector<size_t>{0, half} : std::vector<size_t>{lost};
      const auto parts = LoseRegions(split.pool, split.weights(), both);
      std::vector<double> load(5);
      for (const Survivor& survivor : parts->survivors) load[survivor.region] = survivor.load;
      for (const Survivor& survivor : whole->survivors) {
        const double sum = load[survivor.region] + (survivor.region == 0 ? load[half] : 0);
        EXPECT_NEAR(survivor.load, sum, 1e-9);
      }
      EXPECT_EQ(whole->fits, parts->fits);
    }
  }
}

TEST(WhatIf, CoverageOfHistoryIsTheSameQuestionAtEveryStep) {
  std::mt19937_64 random(9);
  const Case made = RandomCase(random, 4);
  std::vector<std::vector<double>> loads(4);
  std::vector<size_t> uncovered;
  for (size_t step = 0; step < 300; ++step) {
    Pool pool = made.pool;
    for (size_t r = 0; r < 4; ++r) {
      pool.load[r] = static_cast<double>(random() % 700);
      loads[r].push_back(pool.load[r]);
    }
    if (!LoseEach(pool, made.weights())->n_plus_1) uncovered.push_back(step);
  }
  const auto coverage = LossCoverage(loads, made.pool.capacity, 0.8, made.weights());
  EXPECT_EQ(coverage->uncovered, uncovered);
  EXPECT_NEAR(coverage->share, 1 - static_cast<double>(uncovered.size()) / 300, 1e-15);
  EXPECT_FALSE(LossCoverage(std::vector<std::vector<double>>{{}, {}}, std::vector<double>{1, 1},
                            0.8, *Weights::Equal(2))
                   .ok());
}

TEST(WhatIf, MoreCapacityNeverBreaksWhatFits) {
  std::mt19937_64 random(6);
  for (int round = 0; round < 200; ++round) {
    Case made = RandomCase(random, 3);
    const bool before = LoseEach(made.pool, made.weights())->n_plus_1;
    made.pool.capacity[random() % 3] += 200;
    EXPECT_TRUE(LoseEach(made.pool, made.weights())->n_plus_1 || !before);
  }
}

TEST(WhatIf, LoadWithNowhereToGoIsUnplacedAndDoesNotFit) {
  // us and eu are each other's refuge: losing both leaves their load without one.
  const Pool pool = {{"us", "eu", "ap"}, {900, 900, 900}, {10, 20, 30}};
  const auto weights = Weights::Affinity(
      pool.regions, std::vector<Weights::Share>{{"us", "eu", 1}, {"eu", "us", 1}, {"ap", "us", 1}});
  const auto both = LoseRegions(pool, *weights, std::vector<size_t>{0, 1});
  EXPECT_EQ(both->unplaced, 30);
  EXPECT_FALSE(both->fits);
  const auto all = LoseRegions(pool, *weights, std::vector<size_t>{0, 1, 2});
  EXPECT_EQ(all->unplaced, 60);
  EXPECT_EQ(all->worst(), nullptr);
}

TEST(WhatIf, ARegionWithoutCapacityIsNoDivisionByZero) {
  const Pool pool = {{"us", "eu"}, {0, 100}, {0, 50}};
  const auto losses = LoseEach(pool, *Weights::Equal(2));
  EXPECT_EQ(losses->per_loss[1].survivors[0].utilisation, kInf);
  EXPECT_FALSE(losses->n_plus_1);
  EXPECT_EQ(losses->worst_lost, 1);
}

TEST(WhatIf, LoadToComeNeverCountsTwice) {
  const std::vector<double> baseline = {480, 380, 210};
  const Weights weights = *Weights::Equal(3);
  for (double moved = 0; moved <= 300; moved += 10) {
    const auto shift = LoadToCome(baseline, std::vector<double>{480 + moved, 380, 99}, 2, weights);
    EXPECT_NEAR(Sum(shift->expected), std::max(1070.0, 860 + moved), 1e-9);
    EXPECT_EQ(shift->expected[2], 0);
  }
}

TEST(WhatIf, GrowthBringsTheFailingWeekNearer) {
  const Pool pool = {{"us", "eu", "ap"}, {1200, 1000, 800}, {300, 200, 100}};
  const Weights weights = *Weights::Equal(3);
  int before = std::numeric_limits<int>::max();
  for (const double growth : {0.001, 0.005, 0.015, 0.05, 0.5}) {
    const int week = FirstFailingWeek(pool, weights, growth, 5000)->value();
    EXPECT_LE(week, before);
    before = week;
  }
  EXPECT_FALSE(FirstFailingWeek(pool, weights, 0)->has_value());
  EXPECT_FALSE(FirstFailingWeek(pool, weights, -1).ok());
}

TEST(SpillTest, PlacesAllItCanAndNeverOverfills) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 500; ++round) {
    const Case made = RandomCase(random, 4);
    for (size_t lost = 0; lost < 4; ++lost) {
      const auto spill = SpillLoss(made.pool, made.weights(), lost);
      EXPECT_NEAR(Sum(spill->given) + spill->unplaced, made.pool.load[lost], 1e-9);
      EXPECT_EQ(spill->given[lost], 0);
      bool room_left = false;
      for (size_t r = 0; r < 4; ++r) {
        const double over = made.pool.load[r] + spill->given[r] - made.pool.usable(r);
        if (spill->given[r] > 0) EXPECT_LE(over, 1e-9);
        if (r != lost && made.weights().at(lost, r) > 0 && over < -1e-9) room_left = true;
      }
      if (spill->unplaced > 1e-9) EXPECT_FALSE(room_left);
      // What fits by weight needs no spill.
      const auto loss = LoseRegions(made.pool, made.weights(), std::vector{lost});
      if (loss->fits) EXPECT_NEAR(spill->unplaced, 0, 1e-9);
    }
  }
}

TEST(SpillTest, ShedsTheLeastImportantFirst) {
  EXPECT_EQ(*ShedByTier({50, 30, 20}, 35), (std::vector<double>{50, 15, 0}));
  EXPECT_EQ(*ShedByTier({50, 30, 20}, 0), (std::vector<double>{50, 30, 20}));
  EXPECT_EQ(MessageOf(ShedByTier({50}, 60).status()),
            "unplaced: 60: expected at most the load of all tiers, 50");
}

TEST(WeightsTest, RefusesWhatDoesNotAddUpOrGoesInACircle) {
  const std::vector<std::string> regions = {"us", "eu", "ap"};
  const auto message = [&](std::vector<Weights::Share> shares) {
    return std::string(MessageOf(Weights::Affinity(regions, shares).status()));
  };
  EXPECT_EQ(message({{"us", "eu", 0.7}, {"us", "ap", 0.2}}),
            "weights of region \"us\": add up to 0.8999999999999999: expected 1");
  EXPECT_EQ(message({{"us", "us", 1}}),
            "weight us -> us: a region's load goes back to itself: expected another region");
  EXPECT_EQ(message({{"us", "sa", 1}}), "region \"sa\": unknown: expected one of us, eu, ap");
  EXPECT_EQ(message({{"us", "eu", 1.5}}), "weight us -> eu: 1.5: expected a ratio from 0 to 1");
  EXPECT_EQ(message({{"us", "eu", 0.5}, {"us", "eu", 0.5}}),
            "weight us -> eu: declared twice: expected once");
  EXPECT_FALSE(Weights::Proportional(std::vector<double>{1, -1}).ok());
  EXPECT_FALSE(Weights::Equal(0).ok());
}

TEST(PoolTest, RefusesNonsenseByName) {
  const Pool good = {{"us", "eu"}, {100, 100}, {10, 10}};
  EXPECT_TRUE(CheckPool(good).ok());
  Pool pool = good;
  pool.capacity[1] = -5;
  EXPECT_EQ(MessageOf(CheckPool(pool)),
            "region \"eu\": capacity: -5: expected a finite number of at least 0");
  pool = good;
  pool.target_utilisation = 1.2;
  EXPECT_EQ(MessageOf(CheckPool(pool)), "target utilisation: 1.2: expected a ratio from 0 to 1");
  pool = good;
  pool.regions[1] = "us";
  EXPECT_FALSE(CheckPool(pool).ok());
  pool = good;
  pool.load.push_back(1);
  EXPECT_FALSE(CheckPool(pool).ok());
  EXPECT_FALSE(LoseRegions(good, *Weights::Equal(3), {}).ok());
  EXPECT_FALSE(LoseRegions(good, *Weights::Equal(2), std::vector<size_t>{2}).ok());
  EXPECT_FALSE(LoseRegions(good, *Weights::Equal(2), std::vector<size_t>{0, 0}).ok());
}

}  // namespace
}  // namespace synoptic::domain
