// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/observer/builtin_rules.h"

#include <gtest/gtest.h>

#include <functional>

#include "alerting/observer/builtin_querier.h"
#include "alerting/rule/group_runner.h"
#include "base/status.h"
#include "net/async/testing.h"

namespace synoptic::alerting {
namespace {

promql::Labels Part(const char* region) { return promql::Labels::From({{"region", region}}); }

// Two regions: when the newest sample of each was taken, and, to other questions, how many series
// each has.
class World final : public Querier {
 public:
  double eu_sample_s = -1;  // -1: as new as can be
  double eu_series = 5;
  Task<RuleAnswer> Instant(std::string expr, int64_t time_ms, Deadline) override {
    const bool times = expr.find("timestamp") != std::string::npos;
    const auto now = static_cast<double>(time_ms) / 1000;
    RuleAnswer answer;
    answer.elements = {{Part("us"), times ? now : 5},
                       {Part("eu"), !times            ? eu_series
                                    : eu_sample_s < 0 ? now
                                                      : eu_sample_s}};
    co_return answer;
  }
  Task<RangeAnswer> Range(std::string, promql::Grid, Deadline) override {
    co_return absl::UnimplementedError("not asked here");
  }
  std::vector<std::string> TopologyLabels() const override { return {"region"}; }
};

class Sink final : public AlertSink {
 public:
  std::vector<OutgoingAlert> sent;
  Task<> Deliver(std::vector<OutgoingAlert> alerts, Records) override {
    for (OutgoingAlert& alert : alerts) {
      if (alert.transition) sent.push_back(std::move(alert));
    }
    co_return absl::OkStatus();
  }
};

struct Case {
  const char* alert;
  const char* labels;
  std::function<void(Conditions&, World&)> begins;
  int64_t pending_s = 0;  // how long it must last
};

// Through the rules themselves: each is told when it begins, with what it is about, and when it
// ends.
TEST(BuiltinRules, EachAlertFiresAndEnds) {
  const Case kCases[] = {
      {"SynopticRegionUnreachable", R"(region="eu", severity="page"})",
       [](Conditions& now, World&) { now.unreachable = {{"eu", 2}}; }, 30},
      {"SynopticObserverIsolated", R"(observer="g1", severity="page"})",
       [](Conditions& now, World&) {
         now.isolated = true;
         now.unreachable_count = 2;
       },
       30},
      {"SynopticRegionStale", R"(region="eu", severity="ticket"})",
       [](Conditions&, World& world) { world.eu_sample_s = 500; }},
      {"SynopticRuleBlind", R"(rule="R", rule_group="g", severity="ticket"})",
       [](Conditions& now, World&) { now.blind = {{"g", "R", 180, false}}; }},
      {"SynopticRuleInputMissing", R"(region="eu", rule="R", rule_group="g", severity="ticket"})",
       [](Conditions&, World& world) { world.eu_series = 0; }},
      {"SynopticNotifierDegraded", R"(reason="unreachable", receiver="am", severity="page"})",
       [](Conditions& now, World&) { now.degraded = {{"am", "unreachable", 31}}; }},
      {"SynopticStateDamaged", R"(reason="not durable", severity="page"})",
       [](Conditions& now, World&) { now.not_durable = "disk full"; }},
  };
  for (const Case& c : kCases) {
    World world;
    Conditions now;
    now.observer = "g1";
    now.expected = {{"g", "R", "lag", 1, {{"eu", Part("eu")}, {"us", Part("us")}}}};
    const Conditions quiet = now;
    BuiltinQuerier querier([&now] { return now; }, world);
    Sink sink;
    FakeClock clock;
    GroupRunner runner(BuiltinGroup({.interval_ms = 5000, .confirm_ms = 30'000}), {},
                       {querier, sink, clock});
    int64_t time_ms = 1'000'000;
    const auto seconds = [&](int64_t count) {
      for (const int64_t end = time_ms + count * 1000; time_ms < end; time_ms += 5000) {
        ASSERT_TRUE(RunForTest(runner.Evaluate(time_ms)).ok());
      }
    };
    seconds(60);
    ASSERT_TRUE(sink.sent.empty()) << c.alert << ": " << sink.sent[0].labels.ToString();
    c.begins(now, world);
    seconds(c.pending_s);
    EXPECT_TRUE(sink.sent.empty()) << c.alert;
    seconds(60);
    ASSERT_EQ(sink.sent.size(), 1u) << c.alert;
    EXPECT_TRUE(sink.sent[0].firing());
    EXPECT_EQ(sink.sent[0].labels.ToString(),
              fmt::format(R"({{alertname="{}", class="blind", {})", c.alert, c.labels));
    EXPECT_FALSE(sink.sent[0].annotations.at("summary").empty());
    now = quiet;
    world.eu_sample_s = -1;
    world.eu_series = 5;
    seconds(60);
    ASSERT_EQ(sink.sent.size(), 2u) << c.alert;
    EXPECT_FALSE(sink.sent[1].firing());
    EXPECT_EQ(sink.sent[1].labels, sink.sent[0].labels);
  }
}

// The other way round: it ends when something is wrong, and is told again and again until then.
TEST(BuiltinRules, TheWatchdogEndsWhenRulesAreNotEvaluated) {
  World world;
  Conditions now;
  BuiltinQuerier querier([&now] { return now; }, world);
  Sink sink;
  FakeClock clock;
  GroupRunner runner(BuiltinGroup({.interval_ms = 5000, .watchdog = true}), {},
                     {querier, sink, clock});
  ASSERT_TRUE(RunForTest(runner.Evaluate(1'000'000)).ok());
  ASSERT_EQ(sink.sent.size(), 1u);
  EXPECT_EQ(sink.sent[0].labels.ToString(), R"({alertname="SynopticWatchdog", severity="none"})");
  EXPECT_TRUE(sink.sent[0].firing());
  now.evaluating = false;
  ASSERT_TRUE(RunForTest(runner.Evaluate(1'005'000)).ok());
  ASSERT_EQ(sink.sent.size(), 2u);
  EXPECT_FALSE(sink.sent[1].firing());
}

}  // namespace
}  // namespace synoptic::alerting
