// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/alert_state.h"

#include <gtest/gtest.h>

#include <sstream>

namespace synoptic::alerting {
namespace {

const promql::Labels kLabels = promql::Labels::From({{"alertname", "A"}, {"region", "us"}});

// Runs one letter of `verdicts` an interval (T, F, U) and prints the state after each.
std::string StatesAfter(const std::string& verdicts, int64_t interval_ms, int64_t for_ms,
                        int64_t keep_firing_ms = 0) {
  RuleState state;
  std::string out;
  int64_t now = 1'000'000;
  for (const char verdict : verdicts) {
    now += interval_ms;
    StepInput input;
    input.now_ms = now;
    input.interval_ms = interval_ms;
    input.for_ms = for_ms;
    input.keep_firing_for_ms = keep_firing_ms;
    if (verdict == 'T') input.elements.push_back({kLabels, {}, 1});
    input.unseen.everything = verdict == 'U';
    const StepOutput events = Step(state, input);
    const auto it = state.alerts.find(kLabels);
    std::string name = "OK";
    if (it != state.alerts.end() && it->second.status == AlertStatus::kPending) name = "PENDING";
    if (it != state.alerts.end() && it->second.status == AlertStatus::kFiring) {
      name = it->second.held() ? "HELD" : "FIRING";
    }
    out += name + (events.resolved > 0 ? "/resolved " : " ");
  }
  out.pop_back();
  return out;
}

TEST(AlertState, FiresAfterForAndResolvesOnFalse) {
  EXPECT_EQ(StatesAfter("TTTFF", 30'000, 60'000), "PENDING PENDING FIRING OK/resolved OK");
}

TEST(AlertState, WithoutForFiresAtOnce) {
  EXPECT_EQ(StatesAfter("TF", 30'000, 0), "FIRING OK/resolved");
}

TEST(AlertState, PendingThatGoesAwayWasNeverThere) {
  EXPECT_EQ(StatesAfter("TFTT", 30'000, 60'000), "PENDING OK PENDING PENDING");
}

TEST(AlertState, KeepFiringForOutlastsAShortGap) {
  EXPECT_EQ(StatesAfter("TFTFFF", 30'000, 0, 60'000),
            "FIRING FIRING FIRING FIRING FIRING OK/resolved");
}

TEST(AlertState, UnknownHoldsFiringAndStopsThePendingClock) {
  EXPECT_EQ(
      StatesAfter("TTTUUUUFTUUTT", 30'000, 60'000),
      "PENDING PENDING FIRING HELD HELD HELD HELD OK/resolved PENDING PENDING PENDING PENDING "
      "FIRING");
}

TEST(AlertState, BlindFromTheStartFiresNothing) {
  EXPECT_EQ(StatesAfter("UUUUUTTT", 30'000, 60'000), "OK OK OK OK OK PENDING PENDING FIRING");
}

TEST(AlertState, WhatIsOverByAnAssumptionSaysSoAndTheRestDoesNot) {
  RuleState state;
  const auto certain = promql::Labels::From({{"alertname", "A"}, {"db", "a"}});
  const auto assumed = promql::Labels::From({{"alertname", "A"}, {"db", "b"}});
  StepInput input;
  input.now_ms = 60'000;
  input.elements = {{certain, {}, 1}, {assumed, {}, 1}};
  Step(state, input);
  input.now_ms = 120'000;
  input.elements.clear();
  input.over_by_belief = {assumed};
  input.belief = "lags grow by at most 1 s/s";
  EXPECT_EQ(Step(state, input).resolved, 2);
  EXPECT_EQ(state.alerts.at(assumed).annotations.at("synoptic_coverage"),
            "over if lags grow by at most 1 s/s");
  EXPECT_TRUE(state.alerts.at(certain).annotations.empty());
}

TEST(AlertState, OnlyAlertsOfTheUnseenPartAreHeld) {
  RuleState state;
  const auto us = promql::Labels::From({{"alertname", "A"}, {"region", "us"}});
  const auto eu = promql::Labels::From({{"alertname", "A"}, {"region", "eu"}});
  StepInput input;
  input.now_ms = 60'000;
  input.elements = {{us, {}, 1}, {eu, {}, 1}};
  EXPECT_EQ(Step(state, input).fired, 2);
  input.now_ms = 120'000;
  input.elements.clear();
  input.unseen.parts = {promql::Labels::From({{"region", "us"}})};
  input.unseen.description = "us (timeout)";
  const StepOutput output = Step(state, input);
  EXPECT_EQ(output.resolved, 1);
  EXPECT_EQ(output.held, 1);
  EXPECT_TRUE(state.alerts.at(us).held());
  EXPECT_EQ(state.alerts.at(us).unseen, "us (timeout)");
  EXPECT_EQ(state.alerts.at(eu).status, AlertStatus::kInactive);
}

TEST(AlertState, AnAlertThatDoesNotNameItsRegionMayLieInAnyUnseenPart) {
  StepInput::Unseen unseen;
  unseen.parts = {promql::Labels::From({{"region", "us"}})};
  EXPECT_TRUE(unseen.Covers(promql::Labels::From({{"alertname", "A"}})));
  EXPECT_TRUE(unseen.Covers(promql::Labels::From({{"region", "us"}, {"db", "x"}})));
  EXPECT_FALSE(unseen.Covers(promql::Labels::From({{"region", "eu"}})));
}

TEST(AlertState, ResolvedAlertsAreKeptFifteenMinutes) {
  RuleState state;
  StepInput input;
  input.now_ms = 60'000;
  input.elements = {{kLabels, {}, 1}};
  Step(state, input);
  input.elements.clear();
  input.now_ms = 120'000;
  Step(state, input);
  input.now_ms = 120'000 + kResolvedRetentionMs;
  Step(state, input);
  EXPECT_EQ(state.alerts.size(), 1u);
  input.now_ms += 1;
  Step(state, input);
  EXPECT_TRUE(state.alerts.empty());
}

TEST(AlertState, AnAlertThatReturnsAfterResolvingIsNew) {
  RuleState state;
  StepInput input;
  for (const char verdict : std::string("TFT")) {
    input.now_ms += 60'000;
    input.elements.clear();
    if (verdict == 'T') input.elements.push_back({kLabels, {}, 1});
    Step(state, input);
  }
  EXPECT_EQ(state.alerts.at(kLabels).active_at_ms, 180'000);
  EXPECT_EQ(state.alerts.at(kLabels).resolved_at_ms, 0);
}

}  // namespace
}  // namespace synoptic::alerting
