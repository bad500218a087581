// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/group_runner.h"

#include <gtest/gtest.h>

#include "alerting/rule/rule_manager.h"
#include "base/status.h"
#include "net/async/testing.h"

namespace synoptic::alerting {
namespace {

// Answers whatever the test set.
class FakeQuerier final : public Querier {
 public:
  absl::StatusOr<RuleAnswer> answer = RuleAnswer();
  std::vector<int64_t> asked;
  Task<RuleAnswer> Instant(std::string, int64_t time_ms, Deadline) override {
    asked.push_back(time_ms);
    co_return answer;
  }
  Task<RangeAnswer> Range(std::string, promql::Grid, Deadline) override {
    co_return absl::UnimplementedError("not asked here");
  }
};

class FakeSink final : public AlertSink {
 public:
  std::vector<OutgoingAlert> got;
  Task<> Deliver(std::vector<OutgoingAlert> alerts, Records) override {
    got.insert(got.end(), alerts.begin(), alerts.end());
    co_return absl::OkStatus();
  }
};

RuleGroup LagGroup() {
  RuleGroup group;
  group.file = "rules.yaml";
  group.name = "replication";
  group.interval_ms = 15'000;
  group.set_tier_label = true;
  Rule rule;
  rule.alert = "ReplicationLagHigh";
  rule.expr = "lag > 60";
  rule.locality = promql::Locality::kRegion;
  rule.labels = {{"severity", "page"}};
  rule.annotations = {{"summary", "{{ $labels.db }} is {{ $value | humanizeDuration }} behind"}};
  group.rules.push_back(rule);
  return group;
}

RuleAnswer::Element Lag(const std::string& region, double value) {
  return {promql::Labels::From({{"__name__", "lag"}, {"db", "orders"}, {"region", region}}), value};
}

struct Fixture {
  AsyncTest loop;
  FakeQuerier querier;
  FakeSink sink;
  GroupRunner runner;
  int64_t now = 1'700'000'000'000;

  explicit Fixture(RuleGroup group = LagGroup())
      : runner(std::move(group), {promql::Labels::From({{"observer", "g1"}}), "http://s", 60'000},
               {querier, sink, loop.clock}) {}
  void Evaluate() {
    now += 15'000;
    ASSERT_TRUE(loop.Run(runner.Evaluate(now)).ok());
  }
};

TEST(GroupRunner, FiringAlertGoesOutWithLabelsTierAndText) {
  Fixture f;
  f.querier.answer->elements = {Lag("eu", 90)};
  f.Evaluate();
  ASSERT_EQ(f.sink.got.size(), 1u);
  EXPECT_EQ(f.sink.got[0].labels.ToString(),
            "{alertname=\"ReplicationLagHigh\", db=\"orders\", observer=\"g1\", region=\"eu\", "
            "severity=\"page\", tier=\"regional\"}");
  EXPECT_EQ(f.sink.got[0].annotations.at("summary"), "orders is 1m 30s behind");
  EXPECT_EQ(f.sink.got[0].starts_at_ms, f.now);
  EXPECT_EQ(f.sink.got[0].ends_at_ms, f.now + 240'000);
  EXPECT_EQ(f.sink.got[0].generator_url, "http://s/graph?g0.expr=lag+%3E+60&g0.tab=1");
}

TEST(GroupRunner, RepeatsEachMinuteAndSendsTheEndAtOnce) {
  Fixture f;
  f.querier.answer->elements = {Lag("eu", 90)};
  for (int i = 0; i < 5; ++i) f.Evaluate();  // sent at 0 s and 60 s
  EXPECT_EQ(f.sink.got.size(), 2u);
  f.querier.answer->elements.clear();
  f.Evaluate();
  ASSERT_EQ(f.sink.got.size(), 3u);
  EXPECT_EQ(f.sink.got[2].ends_at_ms, f.now);
}

TEST(GroupRunner, DarkRegionHoldsItsAlertsAndNoOthers) {
  Fixture f;
  f.querier.answer->elements = {Lag("eu", 90), Lag("us", 90)};
  f.Evaluate();
  f.querier.answer->elements = {};
  f.querier.answer->complete = false;
  f.querier.answer->missing = "us (timeout)";
  f.querier.answer->missing_parts = {promql::Labels::From({{"region", "us"}})};
  f.Evaluate();
  int firing = 0;
  for (const auto& [labels, alert] : f.runner.rules()[0].state.alerts) {
    if (alert.status != AlertStatus::kFiring) continue;
    ++firing;
    EXPECT_EQ(labels.Get("region"), "us");
    EXPECT_TRUE(alert.held());
  }
  EXPECT_EQ(firing, 1);
}

TEST(GroupRunner, HeldAlertIsRepeatedWithTheSameLabelsAndSaysWhy) {
  Fixture f;
  f.querier.answer->elements = {Lag("us", 90)};
  f.Evaluate();
  f.querier.answer = absl::UnavailableError("no region answered");
  for (int i = 0; i < 4; ++i) f.Evaluate();
  ASSERT_EQ(f.sink.got.size(), 2u);
  EXPECT_EQ(f.sink.got[1].labels, f.sink.got[0].labels);
  EXPECT_EQ(f.sink.got[1].annotations.at("synoptic_coverage"),
            "held: not seen for 60s: no region answered");
  EXPECT_GT(f.sink.got[1].ends_at_ms, f.now);
  EXPECT_EQ(f.runner.rules()[0].health, RuleHealth::kError);
}

TEST(GroupRunner, GlobalRuleSaysNothingWhileARegionIsDark) {
  RuleGroup group = LagGroup();
  group.rules[0].locality = promql::Locality::kGlobal;
  Fixture f(group);
  f.querier.answer->complete = false;
  f.querier.answer->missing_parts = {promql::Labels::From({{"region", "us"}})};
  f.querier.answer->elements = {Lag("eu", 90)};
  f.Evaluate();
  EXPECT_TRUE(f.sink.got.empty());
}

// A child in eu and one in us; the parent fires over all.
TEST(GroupRunner, ChildrenAreSuppressedWhileTheirParentFiresAndReleasedWhenItIsHeld) {
  RollUps roll_ups;
  RuleGroup children = LagGroup();
  children.rules[0].rolls_up_to = "Worldwide";
  RuleGroup parents = LagGroup();
  parents.name = "global";
  parents.rules[0].alert = "Worldwide";
  parents.rules[0].labels = {{"severity", "page"}};
  roll_ups.SetParents({children, parents});
  Fixture f;
  FakeQuerier asked;
  GroupRunner parent(parents, {}, {asked, f.sink, f.loop.clock, nullptr, nullptr, &roll_ups});
  GroupRunner child(children, {}, {f.querier, f.sink, f.loop.clock, nullptr, nullptr, &roll_ups});
  f.querier.answer->elements = {Lag("eu", 90), Lag("us", 90)};
  asked.answer->elements = {{promql::Labels::From({{"region", "eu"}}), 1}};
  const auto evaluate = [&] {
    f.now += 60'000;
    f.sink.got.clear();
    EXPECT_TRUE(f.loop.Run(parent.Evaluate(f.now)).ok());
    EXPECT_TRUE(f.loop.Run(child.Evaluate(f.now)).ok());
    std::string text;
    for (const OutgoingAlert& alert : f.sink.got) {
      text += fmt::format("{}{{{}}}{}{} ", alert.labels.Get("alertname"),
                          alert.labels.Get("region"), alert.firing() ? "" : " over",
                          alert.suppressed_by.empty() ? "" : " suppressed");
    }
    return text;
  };
  EXPECT_EQ(evaluate(),
            "SynopticRollUp{eu} Worldwide{eu} ReplicationLagHigh{eu} suppressed "
            "ReplicationLagHigh{us} ");
  EXPECT_EQ(f.sink.got[2].labels.Get("rolls_up_to"), "Worldwide");
  EXPECT_EQ(f.sink.got[0].labels.Get("rolls_up_to"), "Worldwide");
  asked.answer = absl::UnavailableError("no region answered");
  EXPECT_EQ(evaluate(),
            "SynopticRollUp{eu} over Worldwide{eu} ReplicationLagHigh{eu} ReplicationLagHigh{us} ");
  EXPECT_TRUE(f.sink.got[2].transition);
  EXPECT_FALSE(f.sink.got[3].transition);
}

TEST(GroupRunner, SlotsDependOnFileAndNameOnly) {
  Fixture f;
  const int64_t slot = f.runner.NextSlot(1'700'000'000'000);
  EXPECT_GT(slot, 1'700'000'000'000);
  EXPECT_LE(slot, 1'700'000'015'000);
  EXPECT_EQ(f.runner.NextSlot(slot), slot + 15'000);
  EXPECT_EQ(f.runner.NextSlot(slot - 1), slot);
}

TEST(RuleManager, ReloadKeepsTheStateOfUnchangedRules) {
  AsyncTest loop;
  FakeQuerier querier;
  FakeSink sink;
  TaskGroup tasks;
  querier.answer->elements = {Lag("eu", 90)};
  RuleManager manager(loop.executor(), tasks, querier, sink, loop.clock);
  manager.Apply({LagGroup()}, {});
  for (int i = 0; i < 20; ++i) loop.Advance(1000);
  ASSERT_EQ(manager.groups()[0]->rules()[0].state.alerts.size(), 1u);
  RuleGroup changed = LagGroup();
  changed.rules[0].annotations.clear();
  manager.Apply({changed}, {});
  EXPECT_EQ(manager.groups()[0]->rules()[0].state.alerts.size(), 1u);
  manager.Apply({}, {});
  EXPECT_TRUE(manager.groups().empty());
  loop.Advance(1000);
  EXPECT_EQ(tasks.size(), 0u);
}

}  // namespace
}  // namespace synoptic::alerting
