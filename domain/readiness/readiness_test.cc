// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "domain/readiness/go_no_go.h"
#include "domain/readiness/ranking.h"

namespace synoptic::domain {
namespace {

constexpr CheckState kStates[] = {CheckState::kPass, CheckState::kFail, CheckState::kUnknown,
                                  CheckState::kStale};

TEST(GoNoGo, AnotherCheckNeverMakesItBetter) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<CheckOutcome> checks = {{random() % 2 == 0, kStates[random() % 4]}};
    Readiness before = Judge(checks);
    for (int i = 0; i < 6; ++i) {
      checks.push_back({random() % 2 == 0, kStates[random() % 4]});
      EXPECT_GE(Judge(checks), before);
      before = Judge(checks);
    }
  }
}

TEST(GoNoGo, AdvisoryChecksNeverBlockAndNothingAtAllIsBlind) {
  for (const CheckState state : kStates) {
    EXPECT_LE(Judge(std::vector<CheckOutcome>{{false, state}}), Readiness::kGoWithRisk);
  }
  EXPECT_EQ(Judge({}), Readiness::kBlind);
}

TEST(Evidence, AgeTurnsAPassStaleAndNothingElse) {
  for (double age = 0; age < 200; age += 10) {
    EXPECT_EQ(*EvidenceState(CheckState::kPass, age, 100),
              age <= 100 ? CheckState::kPass : CheckState::kStale);
    EXPECT_EQ(*EvidenceState(CheckState::kFail, age, 100), CheckState::kFail);
    EXPECT_EQ(*EvidenceState(CheckState::kUnknown, age, 100), CheckState::kUnknown);
    EXPECT_EQ(*EvidenceState({}, age, 100), CheckState::kUnknown);
  }
  EXPECT_FALSE(EvidenceState(CheckState::kPass, -1, 100).ok());
  EXPECT_FALSE(EvidenceState(CheckState::kPass, std::nan(""), 100).ok());
  EXPECT_FALSE(EvidenceState(CheckState::kStale, 0, 100).ok());
}

TEST(Ranking, IsByLagThenHeadroomAndLeavesOutWhatDoesNotFit) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 200; ++round) {
    std::vector<Candidate> candidates;
    for (int i = 0; i < 6; ++i) {
      candidates.push_back(
          {static_cast<double>(random() % 15), static_cast<double>(random() % 9) - 4});
    }
    const auto ranking = RankTargets(candidates, 10);
    size_t eligible = 0;
    for (const Candidate& c : candidates) eligible += c.lag_s <= 10 && c.headroom >= 0 ? 1 : 0;
    EXPECT_EQ(ranking->size(), eligible);
    for (size_t i = 1; i < ranking->size(); ++i) {
      const Candidate& better = candidates[(*ranking)[i - 1]];
      const Candidate& worse = candidates[(*ranking)[i]];
      EXPECT_TRUE(better.lag_s < worse.lag_s ||
                  (better.lag_s == worse.lag_s && better.headroom >= worse.headroom));
    }
  }
  const std::vector<Candidate> dark = {{std::numeric_limits<double>::infinity(), 100}};
  EXPECT_TRUE(RankTargets(dark, 10)->empty());
  EXPECT_FALSE(RankTargets(std::vector<Candidate>{{1, std::nan("")}}, 10).ok());
}

}  // namespace
}  // namespace synoptic::domain
