// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/drill_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "promql/model/sample.h"
#include "reports/failover_plan.h"

namespace synoptic::reports {
namespace {

using domain::Readiness;
using domain::Verdict;

constexpr int64_t kNow = 1'772'600'000'000;

Drill Of(std::string id, int64_t finished_ms = 0, std::string from = "us", std::string to = "eu") {
  Drill drill;
  drill.id = std::move(id);
  drill.from = std::move(from);
  drill.to = std::move(to);
  drill.fault_ms = kNow - 600'000;
  drill.finished_ms = finished_ms;
  return drill;
}

Answer Marks(std::vector<std::pair<promql::Labels, double>> series,
             std::vector<Unseen> unseen = {}) {
  Answer answer;
  answer.grid = promql::Grid::Instant(kNow);
  for (auto& [labels, value] : series) answer.series.push_back({std::move(labels), {value}});
  answer.unseen = std::move(unseen);
  return answer;
}

TEST(Marker, TellsOfADrillAndItsEnd) {
  const auto labels = promql::Labels::From({{"kind", "zone"}, {"from", "us"}, {"to", "eu"}});
  auto drill = MarkedDrill(Marks({{labels, 1}}), kNow);
  ASSERT_TRUE(drill.has_value());
  EXPECT_EQ(drill->kind + drill->from + drill->to, "zoneuseu");
  EXPECT_EQ(drill->fault_ms, kNow);
  // A time instead of a flag: that of the fault.
  EXPECT_EQ(MarkedDrill(Marks({{labels, 1'772'599'990}}), kNow)->fault_ms, 1'772'599'990'000);
  EXPECT_FALSE(MarkedDrill(Marks({{labels, 0}}), kNow).has_value());
  EXPECT_FALSE(MarkedDrill(Marks({{labels, promql::Absent()}}), kNow).has_value());
  EXPECT_TRUE(MarkIsGone(Marks({{labels, 0}}), *drill));
  EXPECT_TRUE(MarkIsGone(Marks({}, {{"us", "timeout"}}), *drill));  // the one that is left
  EXPECT_FALSE(MarkIsGone(Marks({}, {{"eu", "timeout"}}), *drill));
  EXPECT_FALSE(MarkIsGone(Marks({{labels, 1}}), *drill));
}

TEST(Abort, TheWorstConditionDecides) {
  AbortState fine, met, unknown;
  fine.met = Verdict::kFalse;
  met.met = Verdict::kTrue;
  EXPECT_EQ(AbortVerdict({}), "CONTINUE");
  EXPECT_EQ(AbortVerdict({fine}), "CONTINUE");
  EXPECT_EQ(AbortVerdict({fine, unknown}), "UNKNOWN");
  EXPECT_EQ(AbortVerdict({met, unknown}), "ABORT");
}

TEST(FailoverPlan, HasOneStateAtATime) {
  AbortState met, unknown;
  met.met = Verdict::kTrue;
  Drill recovered = Of("d", kNow - 60'000);
  recovered.recovered_ms = kNow - 120'000;
  Drill old = recovered;
  old.finished_ms = kNow - 7'200'000;
  const struct {
    Readiness verdict;
    std::vector<Drill> drills;
    std::vector<AbortState> abort;
    const char* state;
    const char* next;
  } kCases[] = {
      {Readiness::kGo, {}, {}, "ready", "begin"},
      {Readiness::kGoWithRisk, {}, {}, "ready_with_risk", "begin"},
      {Readiness::kBlind, {}, {}, "blind", "decide"},
      {Readiness::kNoGo, {}, {}, "blocked", "wait"},
      {Readiness::kGo, {Of("x", 0, "eu", "us")}, {}, "busy", "wait"},
      {Readiness::kNoGo, {Of("x")}, {}, "running", "continue"},
      {Readiness::kNoGo, {Of("x", 0, "us", "")}, {}, "running", "continue"},
      {Readiness::kGo, {Of("x")}, {unknown}, "uncertain", "hold"},
      {Readiness::kGo, {Of("x")}, {unknown, met}, "abort", "go_back"},
      {Readiness::kGo, {recovered}, {}, "done", "close"},
      {Readiness::kGo, {Of("d", kNow - 60'000)}, {}, "failed", "close"},
      {Readiness::kGo, {old}, {}, "ready", "begin"},
      {Readiness::kGo, {Of("d", kNow - 60'000, "eu", "us")}, {}, "ready", "begin"},
  };
  for (const auto& c : kCases) {
    const PlanState state = PlanStateOf(c.verdict, "us", "eu", c.drills, c.abort, kNow);
    EXPECT_EQ(PlanStateName(state), c.state);
    EXPECT_EQ(PlanStep(state), c.next) << c.state;
  }
}

}  // namespace
}  // namespace synoptic::reports
