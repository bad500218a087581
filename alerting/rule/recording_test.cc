// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What rules write: recorded series, ALERTS, stale markers, and what is left out in the dark.
#include <gtest/gtest.h>

#include "alerting/rule/group_runner.h"
#include "alerting/rule/memory_record_sink.h"
#include "alerting/rule/rule_manager.h"
#include "base/status.h"
#include "net/async/testing.h"

namespace synoptic::alerting {
namespace {

using Lines = std::vector<std::string>;

class MapQuerier final : public Querier {
 public:
  std::map<std::string, absl::StatusOr<RuleAnswer>> answers;
  std::vector<std::string> asked;
  Task<RuleAnswer> Instant(std::string expr, int64_t, Deadline) override {
    asked.push_back(expr);
    co_return answers[expr];
  }
  Task<RangeAnswer> Range(std::string, promql::Grid, Deadline) override {
    co_return absl::UnimplementedError("not asked here");
  }
};

class NoSink final : public AlertSink {
 public:
  Task<> Deliver(std::vector<OutgoingAlert>, Records) override { co_return absl::OkStatus(); }
};

RuleAnswer::Element Of(std::vector<std::pair<std::string, std::string>> labels, double value) {
  return {promql::Labels::From(std::move(labels)), value};
}

Rule Recording(std::string name, std::string expr) {
  Rule rule;
  rule.record = std::move(name);
  rule.expr = std::move(expr);
  rule.labels = {{"kind", "r"}};
  rule.locality = promql::Locality::kRegion;
  return rule;
}

struct Fixture {
  AsyncTest loop;
  MapQuerier querier;
  NoSink alerts;
  MemoryRecordSink records;
  TaskGroup tasks;
  std::unique_ptr<GroupRunner> runner;
  int64_t now = 0;

  RuleGroup group;
  Fixture() {
    group.file = "r.yaml";
    group.name = "g";
    group.interval_ms = 15'000;
    group.query_offset_ms = 5'000;
    group.rules = {Recording("r", "x")};
    querier.answers["x"] = RuleAnswer();
  }
  void Start() {
    runner = std::make_unique<GroupRunner>(
        group, GroupOptions(), GroupServices{querier, alerts, loop.clock, &records, &tasks});
  }
  // The lines that one evaluation wrote.
  Lines Evaluate() {
    if (runner == nullptr) Start();
    now += 15'000;
    records.lines.clear();
    EXPECT_TRUE(loop.Run(runner->Evaluate(now)).ok());
    return records.lines;
  }
  const RunningRule& rule(size_t i = 0) { return runner->rules()[i]; }
};

TEST(Recording, SeriesGetTheRulesNameAndLabelsAndEndWhenTheyVanish) {
  Fixture f;
  f.querier.answers["x"]->elements = {Of({{"__name__", "x"}, {"a", "1"}, {"kind", "x"}}, 7),
                                      Of({{"a", "2"}}, 8)};
  EXPECT_EQ(f.Evaluate(), (Lines{"10 r{a=\"1\", kind=\"r\"} 7", "10 r{a=\"2\", kind=\"r\"} 8"}));
  f.querier.answers["x"]->elements = {Of({{"a", "2"}}, 9)};
  EXPECT_EQ(f.Evaluate(),
            (Lines{"25 r{a=\"2\", kind=\"r\"} 9", "25 r{a=\"1\", kind=\"r\"} stale"}));
  EXPECT_EQ(f.Evaluate(), (Lines{"40 r{a=\"2\", kind=\"r\"} 9"}));
  EXPECT_EQ(f.rule().health, RuleHealth::kOk);
}

TEST(Recording, EqualLabelSetsAndTooManySeriesWriteNothing) {
  Fixture f;
  f.group.limit = 2;
  f.querier.answers["x"]->elements = {Of({{"__name__", "x"}}, 1), Of({{"__name__", "y"}}, 2)};
  EXPECT_EQ(f.Evaluate(), Lines());
  EXPECT_EQ(f.rule().last_error,
            "vector contains metrics with the same labelset after applying rule labels");
  f.querier.answers["x"]->elements = {Of({{"a", "1"}}, 1), Of({{"a", "2"}}, 2),
                                      Of({{"a", "3"}}, 2)};
  EXPECT_EQ(f.Evaluate(), Lines());
  EXPECT_EQ(f.rule().last_error, "exceeded limit of 2 with 3 series");
  EXPECT_EQ(f.records.missed.back(), "25 r: exceeded limit of 2 with 3 series");
}

TEST(Recording, AnErrorEndsNoSeriesAndLetsTheNextRuleRun) {
  Fixture f;
  f.group.rules.push_back(Recording("s", "y"));
  f.querier.answers["x"]->elements = {Of({{"a", "1"}}, 1)};
  f.querier.answers["y"] = RuleAnswer{{Of({}, 2)}};
  EXPECT_EQ(f.Evaluate().size(), 2u);
  f.querier.answers["x"] = absl::UnavailableError("no region answered");
  EXPECT_EQ(f.Evaluate(), (Lines{"25 s{kind=\"r\"} 2"}));
  EXPECT_EQ(f.rule(0).health, RuleHealth::kError);
  EXPECT_EQ(f.rule(1).health, RuleHealth::kOk);
  f.querier.answers["x"] = RuleAnswer();
  EXPECT_EQ(f.Evaluate()[0], "40 r{a=\"1\", kind=\"r\"} stale");
}

TEST(Recording, ADarkRegionsSeriesNeitherEndNorGoOn) {
  Fixture f;
  f.querier.answers["x"]->elements = {Of({{"region", "eu"}}, 1), Of({{"region", "us"}}, 2)};
  f.Evaluate();
  f.querier.answers["x"] = RuleAnswer{{Of({{"region", "eu"}}, 3)},
                                      false,
                                      "us (timeout)",
                                      {promql::Labels::From({{"region", "us"}})},
                                      {}};
  EXPECT_EQ(f.Evaluate(), (Lines{"25 r{kind=\"r\", region=\"eu\"} 3"}));
  EXPECT_EQ(f.records.missed, (Lines{"25 r: us (timeout)"}));
  f.querier.answers["x"] = RuleAnswer{{Of({{"region", "eu"}}, 4)}};
  EXPECT_EQ(f.Evaluate(),
            (Lines{"40 r{kind=\"r\", region=\"eu\"} 4", "40 r{kind=\"r\", region=\"us\"} stale"}));
}

TEST(Recording, AGlobalValueThatLacksAPartIsNotWritten) {
  Fixture f;
  f.group.rules[0].locality = promql::Locality::kGlobal;
  f.querier.answers["x"] = RuleAnswer{
      {Of({}, 3)}, false, "us (timeout)", {promql::Labels::From({{"region", "us"}})}, {}};
  EXPECT_EQ(f.Evaluate(), Lines());
  EXPECT_EQ(f.records.missed, (Lines{"10 r: us (timeout)"}));
}

TEST(Recording, AlertsAndTheirStateAreSeries) {
  Fixture f;
  Rule alert;
  alert.alert = "High";
  alert.expr = "x";
  alert.for_ms = 15'000;
  alert.labels = {{"severity", "page"}};
  f.group.rules = {alert};
  f.querier.answers["x"]->elements = {Of({{"__name__", "x"}, {"a", "1"}}, 7)};
  const std::string labels = "{a=\"1\", alertname=\"High\", ";
  EXPECT_EQ(f.Evaluate(),
            (Lines{"10 ALERTS" + labels + "alertstate=\"pending\", severity=\"page\"} 1",
                   "10 ALERTS_FOR_STATE" + labels + "severity=\"page\"} 15"}));
  EXPECT_EQ(f.Evaluate(),
            (Lines{"25 ALERTS" + labels + "alertstate=\"firing\", severity=\"page\"} 1",
                   "25 ALERTS_FOR_STATE" + labels + "severity=\"page\"} 15",
                   "25 ALERTS" + labels + "alertstate=\"pending\", severity=\"page\"} stale"}));
  f.querier.answers["x"]->elements.clear();
  EXPECT_EQ(f.Evaluate().size(), 2u);  // two ends
  EXPECT_EQ(f.Evaluate(), Lines());
}

TEST(Recording, TemplatesMayAsk) {
  Fixture f;
  Rule alert;
  alert.alert = "High";
  alert.expr = "x";
  alert.annotations = {{"s", "{{ with query \"sum(y)\" }}{{ . | first | value }}{{ end }}"}};
  f.group.rules = {alert};
  f.querier.answers["x"]->elements = {Of({{"a", "1"}}, 7)};
  f.querier.answers["sum(y)"] = RuleAnswer{{Of({}, 42)}};
  f.Evaluate();
  EXPECT_EQ(f.rule().state.alerts.begin()->second.annotations.at("s"), "42");
}

TEST(Recording, WhatARemovedRuleRecordedEndsWithTheNextEvaluation) {
  Fixture f;
  f.group.rules.push_back(Recording("gone", "y"));
  f.querier.answers["y"] = RuleAnswer{{Of({}, 2)}};
  f.Evaluate();
  const auto old = std::move(f.runner);
  f.group.rules.pop_back();
  f.Start();
  f.runner->CopyStateFrom(*old);
  EXPECT_EQ(f.Evaluate(), (Lines{"25 gone{kind=\"r\"} stale"}));
  EXPECT_EQ(f.Evaluate(), Lines());
}

TEST(Recording, AGroupThatIsGoneEndsItsSeriesAfterTwoIntervals) {
  Fixture f;
  f.querier.answers["x"]->elements = {Of({}, 1)};
  RuleManager manager(f.loop.executor(), f.tasks, f.querier, f.alerts, f.loop.clock, nullptr,
                      &f.records);
  manager.Apply({f.group}, {});
  for (int i = 0; i < 20; ++i) f.loop.Advance(1000);
  ASSERT_FALSE(f.records.lines.empty());
  manager.Apply({}, {});
  f.records.lines.clear();
  for (int i = 0; i < 29; ++i) f.loop.Advance(1000);
  EXPECT_EQ(f.records.lines, Lines());
  for (int i = 0; i < 2; ++i) f.loop.Advance(1000);
  ASSERT_EQ(f.records.lines.size(), 1u);
  EXPECT_TRUE(f.records.lines[0].ends_with(" r{kind=\"r\"} stale")) << f.records.lines[0];
}

}  // namespace
}  // namespace synoptic::alerting
