// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/status.h"
#include "net/async/runtime.h"
#include "reports/testing.h"

namespace synoptic::reports {
namespace {

using domain::CheckState;

TEST(DefaultChecks, AreTheTwentySevenAndAllAreSound) {
  const std::vector<Check> checks = DefaultChecks();
  EXPECT_EQ(checks.size(), 27);
  for (const Check& check : checks) {
    EXPECT_FALSE(check.question.empty()) << check.id;
    EXPECT_FALSE(check.remedy.empty()) << check.id;
    if (check.kind != CheckKind::kQuery) continue;
    EXPECT_TRUE(CheckQuery(ForPair(check.query, "a", "b"), true).ok()) << check.query;
  }
}

ReadinessSpec Parse(std::string_view text, std::string* errors) {
  const auto document = ParseYaml("r.yaml", text);
  EXPECT_TRUE(document.ok()) << document.status();
  YamlContext context("r.yaml");
  ReadinessSpec spec = ReadReadiness(YamlValue(&context, document->root.get(), "readiness"),
                                     {{"us", {}, 1}, {"eu", {}, 1}});
  *errors = MessageOf(context.status());
  return spec;
}

TEST(ReadinessSpec, ReplacesAddsAndDisables) {
  std::string errors;
  const ReadinessSpec spec = Parse(R"(
disable: [people.ic]
rpo: 2m
checks:
- {id: data.lag, query: 'max(lag{to="$to"})', max_age: 1m}
- {id: mine, query: up, op: gte, value: 1, blocking: true, none: fail}
flows: [{name: s3, signals: {lag: eu, failed: us}}]
drills:
  calendar: [{kind: traffic, every: 7d, grace: 2d}]
  measure: {healthy: up, step: 5s}
)",
                                   &errors);
  EXPECT_EQ(errors, "");
  EXPECT_EQ(spec.checks.size(), 27);
  EXPECT_EQ(spec.rpo_s, 120);
  EXPECT_EQ(spec.checks.back().id, "mine");
  EXPECT_EQ(spec.checks.back().op, Op::kGte);
  EXPECT_EQ(spec.flows[0].homes, (std::vector<std::string>{"eu", "us"}));
  EXPECT_EQ(spec.calendar[0].every_s, 7 * 86'400);
}

TEST(ReadinessSpec, EveryMistakeIsNamedWithItsPlace) {
  const struct {
    const char* text;
    const char* error;
  } kCases[] = {
      {"disable: [nope]", "r.yaml:1:11: readiness.disable[0]: no check \"nope\" to disable"},
      {"checks: [{id: new}]",
       "r.yaml:1:10: readiness.checks[0]: expected `query`: no shipped check has this id"},
      {"checks: [{id: x, query: 'sum('}]",
       "r.yaml:1:25: readiness.checks[0].query: 1:5: parse error: unclosed left parenthesis"},
      {"checks: [{id: x, query: up, op: near}]",
       "r.yaml:1:33: readiness.checks[0].op: expected one of lte, lt, gte, gt, eq, got \"near\""},
      {"flows: [{name: f, signals: {lag: mars}}]",
       "r.yaml:1:34: readiness.flows[0].signals.lag: no region \"mars\"; expected some of us, eu"},
      {"drills: {calendar: [{kind: x}]}",
       "r.yaml:1:21: readiness.drills.calendar[0]: expected `every`, a duration above 0, like 7d"},
  };
  for (const auto& c : kCases) {
    std::string errors;
    Parse(c.text, &errors);
    EXPECT_EQ(errors, c.error);
  }
}

class ReadinessTest : public testing::Test {
 protected:
  ReadinessTest() : runtime_(StartRuntime(1)) {
    CapacitySpec capacity;
    for (const char* name : {"us", "eu", "ap"}) {
      capacity.regions.push_back({name, promql::Labels::From({{"region", name}}), 1});
    }
    Resource cpu;
    cpu.name = "cpu";
    cpu.unit = "cores";
    cpu.demand.query = "used";
    cpu.supply.fixed = {{"us", 100}, {"eu", 100}, {"ap", 100}};
    capacity.resources = {cpu};
    desk_.capacity = std::make_shared<CapacityDesk>(capacity);
    for (const Check& check : DefaultChecks()) {
      if (check.id == "cap.static" || check.id == "data.target") desk_.spec.checks.push_back(check);
    }
    Check lag;
    lag.id = "data.lag";
    lag.blocking = true;
    lag.query = "lag{to=\"$to\"}";
    lag.value = -1;  // the rpo
    lag.unit = "seconds";
    lag.max_age_s = 30;
    desk_.spec.checks.push_back(lag);
    for (const char* name : {"us", "eu", "ap"}) {
      querier_.Set("used", promql::Labels::From({{"region", name}}), {40});
    }
    SetLag("eu", 2);
    SetLag("ap", 1);
    for (const char* to : {"eu", "ap"}) {
      querier_.Set(fmt::format("max(timestamp(lag{{to=\"{}\"}}))", to), {}, {995});
    }
    querier_.Set("max(timestamp(used))", {}, {995});
  }
  void SetLag(const std::string& to, double seconds) {
    const std::string query = fmt::format("lag{{to=\"{}\"}}", to);
    querier_.Clear(query);
    querier_.Set(query, promql::Labels::From({{"db", "orders"}}), {seconds});
  }
  PairReadiness Judge(size_t to = 2) {
    auto pair = BlockOn<absl::StatusOr<PairReadiness>>(
        runtime_->executor(),
        JudgePair({querier_, tasks_, clock_}, desk_, 0, to, 1'000'000, Deadline::Infinite()));
    EXPECT_TRUE(pair.ok()) << pair.status();
    return *std::move(pair);
  }
  std::string Text(const PairReadiness& pair) {
    return ReadinessDocument(desk_, {pair}, 1'000'000).verdict;
  }

  FakeClock clock_;
  std::unique_ptr<Runtime> runtime_;
  TaskGroup tasks_;
  FakeQuerier querier_;
  ReadinessDesk desk_;
};

TEST_F(ReadinessTest, GoesWhenAllHolds) {
  const PairReadiness pair = Judge();
  EXPECT_EQ(Text(pair), "GO");
  EXPECT_EQ(pair.targets[0].region, 2);  // less lag
  EXPECT_EQ(pair.checks[2].age_s, 5);
  EXPECT_EQ(pair.checks[2].evidence, "1 seconds at {db=\"orders\"}, expected at most 60 seconds");
}

TEST_F(ReadinessTest, ABetterTargetIsARisk) {
  const PairReadiness pair = Judge(1);
  EXPECT_EQ(Text(pair), "GO_WITH_RISK: data.target");
  EXPECT_EQ(pair.checks[1].evidence, "better is ap");
}

TEST_F(ReadinessTest, LagAndHeadroomSayNo) {
  SetLag("ap", 187);
  for (const char* name : {"us", "eu", "ap"}) {
    querier_.Clear("used");
    querier_.Set("used", promql::Labels::From({{"region", name}}), {70});
  }
  for (const char* name : {"us", "eu"}) {
    querier_.Set("used", promql::Labels::From({{"region", name}}), {70});
  }
  const PairReadiness pair = Judge();
  EXPECT_EQ(pair.verdict, domain::Readiness::kNoGo);
  EXPECT_EQ(Text(pair), "NO_GO: cap.static, data.lag");
  EXPECT_EQ(pair.checks[2].evidence, "187 seconds at {db=\"orders\"}, expected at most 60 seconds");
  EXPECT_THAT(pair.checks[0].evidence, testing::StartsWith("headroom of cpu in "));
}

TEST_F(ReadinessTest, OldEvidenceAndNoneAreBlind) {
  querier_.Clear("max(timestamp(lag{to=\"ap\"}))");
  querier_.Set("max(timestamp(lag{to=\"ap\"}))", {}, {900});
  EXPECT_EQ(Judge().checks[2].state, CheckState::kStale);
  EXPECT_EQ(Text(Judge()), "BLIND: data.lag");
  querier_.Clear("lag{to=\"ap\"}");
  EXPECT_EQ(Judge().checks[2].state, CheckState::kUnknown);
  EXPECT_EQ(Judge().checks[2].evidence, "no series");
}

TEST_F(ReadinessTest, AnUnseenRegionNeverPasses) {
  querier_.Dark("ap", "timeout");
  const PairReadiness pair = Judge(1);
  EXPECT_EQ(pair.checks[2].state, CheckState::kUnknown);
  EXPECT_EQ(pair.checks[0].state, CheckState::kUnknown);
  EXPECT_EQ(pair.verdict, domain::Readiness::kBlind);
}

TEST_F(ReadinessTest, VisibilityMatrixNamesBlindFlows) {
  desk_.spec.flows = {{"dynamodb us->eu", {"us"}}, {"s3 us->eu", {"eu", "us"}}};
  desk_.spec.flow_signals = {{"lag"}, {"lag", "failed"}};
  const Section section = VisibilitySection(desk_.spec, desk_.capacity->spec().regions);
  const auto& rows = section.tables[0].rows;
  EXPECT_EQ(rows[0].cells[1].text, "BLIND");
  EXPECT_EQ(rows[0].cells[2].text, "lag");
  EXPECT_EQ(rows[1].cells[1].text, "lag");
  EXPECT_EQ(rows[1].cells[2].text, "failed");
}

class DrillTest : public ReadinessTest {
 protected:
  // Every second from 20 before the fault at t=1000 s to its end at 1100.
  DrillTest() {
    measures_.step_ms = 1000;
    measures_.detected = "alert";
    measures_.traffic = "traffic{region=\"$from\"}";
    measures_.healthy = "healthy";
    measures_.canary = "canary{region=\"$to\"}";
    std::vector<double> alert, traffic, healthy, canary;
    for (int t = 980; t <= 1100; ++t) {
      alert.push_back(t >= 1012 ? 1 : 0);
      traffic.push_back(t < 1030 ? 100 : t < 1045 ? 50 : 0);
      healthy.push_back(t < 1001 || t >= 1047 ? 1 : 0);
      canary.push_back(std::min(t, 997));
    }
    querier_.Set("alert", {}, alert);
    querier_.Set("traffic{region=\"us\"}", {}, traffic);
    querier_.Set("healthy", {}, healthy);
    querier_.Set("canary{region=\"eu\"}", {}, canary);
  }
  Drill Measure() {
    Drill drill;
    drill.id = "d";
    drill.kind = "traffic";
    drill.from = "us";
    drill.to = "eu";
    drill.fault_ms = 1'000'000;
    drill.finished_ms = 1'100'000;
    auto measured = BlockOn<absl::StatusOr<Drill>>(
        runtime_->executor(),
        MeasureDrill({querier_, tasks_, clock_}, measures_, drill, Deadline::Infinite()));
    EXPECT_TRUE(measured.ok()) << measured.status();
    return *std::move(measured);
  }
  DrillMeasures measures_;
};

TEST_F(DrillTest, MeasuresRecoveryAndItsPhases) {
  const Drill drill = Measure();
  EXPECT_EQ(drill.rto_s(), 47);
  EXPECT_EQ(drill.rpo_s, 3);
  const std::vector<std::pair<std::string, double>> phases = {
      {"detect", 12}, {"decide", 18}, {"shift", 15}, {"recover", 2}};
  EXPECT_EQ(PhasesOf(drill), phases);
  EXPECT_TRUE(drill.notes.empty());
}

TEST_F(DrillTest, SaysWhatItCouldNotMeasure) {
  querier_.Clear("canary{region=\"eu\"}");
  querier_.Fail("alert", absl::UnavailableError("dark"));
  const Drill drill = Measure();
  EXPECT_FALSE(drill.rpo_s.has_value());
  EXPECT_EQ(drill.notes.at("canary"), "the target has no marker from before the fault");
  EXPECT_EQ(drill.notes.at("detected"), "dark");
  EXPECT_EQ(drill.rto_s(), 47);
}

TEST_F(DrillTest, TheCalendarKnowsWhatIsOverdue) {
  const Drill drill = Measure();
  const std::vector<DrillCadence> cadences = {{"traffic", 100, 20}, {"storage", 100, 20}};
  const auto at = [&](int64_t now_s) {
    std::string states;
    const auto calendar = CalendarOf(cadences, {drill}, now_s * 1000);
    for (const CalendarEntry& e : *calendar) {
      states += std::string(domain::DrillStateName(e.state)) + " ";
    }
    return states;
  };
  EXPECT_EQ(at(1150), "OK OVERDUE ");
  EXPECT_EQ(at(1210), "DUE OVERDUE ");
  EXPECT_EQ(at(1300), "OVERDUE OVERDUE ");
}

}  // namespace
}  // namespace synoptic::reports
