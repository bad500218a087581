// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A group that waits for late inputs: as of when it asks.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "alerting/rule/rule_manager.h"
#include "net/async/testing.h"

namespace synoptic::alerting {
namespace {

constexpr int64_t kStart = 1'700'000'000'000 / 60'000 * 60'000;
constexpr int64_t kLookbackMs = 300'000;

// Regions whose samples are taken each minute and come `late_ms` later; a rule's question has a
// value where the newest sample that there is at the time asked for is one of `is_true`.
struct Region {
  std::string name;
  int64_t late_ms = 0;
  int64_t ends_ms = std::numeric_limits<int64_t>::max();  // no samples from then on
  int64_t back_ms = std::numeric_limits<int64_t>::max();  // but from then on again
  std::function<bool(int64_t)> is_true = [](int64_t) { return false; };

  promql::Labels labels() const { return promql::Labels::From({{"region", name}}); }
  // Newest sample up to `at_ms` that there is at `now_ms`.
  int64_t Newest(int64_t now_ms, int64_t at_ms) const {
    int64_t t = std::min(now_ms - late_ms, at_ms) / 60'000 * 60'000;
    while (t >= ends_ms && t < back_ms) t -= 60'000;
    return t;
  }
};

class LateWorld final : public Querier {
 public:
  int64_t now_ms = kStart;
  std::vector<Region> regions = {{"eu"}, {"us"}};
  bool cannot_measure = false;
  std::vector<int64_t> asked;  // of the rule's own question
  Task<RuleAnswer> Instant(std::string expr, int64_t time_ms, Deadline) override {
    RuleAnswer answer;
    const bool newest = expr.starts_with("max by (region) (timestamp(");
    const bool count = expr.starts_with("max by (region) (count_over_time(");
    if ((newest || count) && cannot_measure) co_return absl::UnavailableError("too busy");
    if (!newest && !count) asked.push_back(time_ms);
    for (const Region& region : regions) {
      answer.seen_parts.push_back(region.labels());
      const int64_t t = region.Newest(now_ms, time_ms);
      if (newest && t > time_ms - 1'800'000) {
        answer.elements.push_back({region.labels(), static_cast<double>(t) / 1000});
      } else if (count) {
        answer.elements.push_back({region.labels(), 10});
      } else if (!newest && t > time_ms - kLookbackMs && region.is_true(t)) {
        answer.elements.push_back({region.labels(), 2});
      }
    }
    co_return answer;
  }
  Task<RangeAnswer> Range(std::string, promql::Grid, Deadline) override {
    co_return absl::UnimplementedError("not asked here");
  }
  std::vector<std::string> TopologyLabels() const override { return {"region"}; }
  std::shared_ptr<const promql::Topology> World() const override {
    promql::Topology world;
    for (const Region& region : regions) {
      world.shards.push_back({region.name, "main", region.labels()});
    }
    return std::make_shared<promql::Topology>(std::move(world));
  }
};

class Sink final : public AlertSink {
 public:
  std::map<std::pair<RecordKind, std::string>, std::string> disk;
  std::vector<std::string> sent;  // "firing eu"
  void Keep(Records records) override {
    for (Record& r : records) disk[{r.kind, r.key}] = r.body;
  }
  Task<> Deliver(std::vector<OutgoingAlert> alerts, Records records) override {
    Keep(std::move(records));
    for (const OutgoingAlert& alert : alerts) {
      if (!alert.transition) continue;
      sent.push_back((alert.firing() ? "firing " : "resolved ") +
                     std::string(alert.labels.Get("region")));
    }
    co_return absl::OkStatus();
  }
  Records All() const {
    Records records;
    for (const auto& [key, body] : disk) {
      if (!body.empty()) records.push_back({key.first, key.second, body});
    }
    return records;
  }
};

using Sent = std::vector<std::string>;

struct Fixture {
  AsyncTest loop;
  LateWorld world;
  Sink sink;
  RuleGroup group;
  std::unique_ptr<GroupRunner> runner;

  explicit Fixture(int64_t interval_ms = 15'000, FreshnessBounds bounds = {600'000, 120'000},
                   int64_t for_ms = 0) {
    group.file = "rules.yaml";
    group.name = "late";
    group.interval_ms = interval_ms;
    group.freshness = bounds;
    Rule rule;
    rule.alert = "A";
    rule.expr = "x > 1";
    rule.for_ms = for_ms;
    rule.locality = promql::Locality::kRegion;
    group.rules.push_back(rule);
    runner = New();
  }
  std::unique_ptr<GroupRunner> New() {
    return std::make_unique<GroupRunner>(group, GroupOptions(),
                                         GroupServices{world, sink, loop.clock});
  }
  // A process begins with what is on disk.
  void Restart() {
    runner = New();
    RestoredStates states(sink.All());
    runner->Restore(states);
  }
  void Reload() {
    auto fresh = New();
    fresh->CopyStateFrom(*runner);
    runner = std::move(fresh);
  }
  void Evaluate(int times) {
    for (int i = 0; i < times; ++i) {
      world.now_ms += group.interval_ms;
      ASSERT_TRUE(loop.Run(runner->Evaluate(world.now_ms)).ok());
    }
  }
  void EvaluateUntil(int64_t s) {
    while (world.now_ms < kStart + s * 1000) Evaluate(1);
  }
};

TEST(Freshness, SamplesOnTimeAreAskedForOnTime) {
  Fixture f;
  f.Evaluate(20);
  EXPECT_EQ(f.world.asked.back(), f.world.now_ms);
  EXPECT_EQ(f.runner->learned_offset_ms(), 0);
}

TEST(Freshness, RulesAskAsOfWhenLateSamplesHadComeAndNeverBackInTime) {
  Fixture f;
  f.world.regions[0].late_ms = 300'000;
  f.Evaluate(60);
  const int64_t offset = f.runner->learned_offset_ms();
  EXPECT_GE(offset, 270'000);
  EXPECT_LE(offset, 300'000);
  EXPECT_EQ(f.world.asked.back(), f.world.now_ms - offset);
  EXPECT_TRUE(std::is_sorted(f.world.asked.begin(), f.world.asked.end()));
  EXPECT_EQ(std::adjacent_find(f.world.asked.begin(), f.world.asked.end()), f.world.asked.end());
  // Once they come in time again, and have for a while, nobody waits.
  f.world.regions[0].late_ms = 0;
  f.Evaluate(60);
  EXPECT_EQ(f.world.asked.back(), f.world.now_ms);
}

TEST(Freshness, WhatIsLaterThanTheBoundsIsUnseen) {
  Fixture f;
  f.world.regions[0].late_ms = 900'000;
  f.Evaluate(60);
  EXPECT_EQ(f.runner->learned_offset_ms(), 0);
  EXPECT_EQ(f.runner->rules()[0].unseen, "{region=\"eu\"} (x is 945 s old)");
}

TEST(Freshness, AnInputThatStopsIsUnseenAndDelaysNobody) {
  Fixture f(30'000, {720'000, 180'000}, 600'000);
  f.world.regions[0].ends_ms = kStart + 1'200'000;
  f.world.regions[0].back_ms = kStart + 4'200'000;
  f.world.regions[0].is_true = [](int64_t t) { return t < kStart + 1'200'000; };
  f.world.regions[1].is_true = [](int64_t t) {
    const int64_t s = (t - kStart) / 1000;
    return (s >= 1260 && s < 1320) || s >= 1980;  // a spike, and an outage
  };
  f.EvaluateUntil(1260);
  EXPECT_EQ(f.sink.sent, Sent{"firing eu"});
  f.EvaluateUntil(1980 + 570);
  // Neither the spike fires nor is the alert over of which nothing is seen.
  EXPECT_EQ(f.sink.sent, Sent{"firing eu"});
  EXPECT_EQ(f.runner->rules()[0].unseen.substr(0, 19), "{region=\"eu\"} (x is");
  f.EvaluateUntil(1980 + 600);
  EXPECT_EQ(f.sink.sent, (Sent{"firing eu", "firing us"}));
  EXPECT_EQ(f.runner->learned_offset_ms(), 0);
  // Back and on time, it is waited for no more than before. (It was gone for half an hour.)
  f.EvaluateUntil(4800);
  EXPECT_EQ(f.runner->learned_offset_ms(), 0);
  EXPECT_EQ(f.runner->rules()[0].unseen, "");
  EXPECT_EQ(f.world.asked.back(), f.world.now_ms);
}

TEST(Freshness, WhileTheOffsetGrowsForCountsTheTimeOfTheData) {
  Fixture f(30'000, {720'000, 120'000}, 90'000);
  f.world.regions[0].late_ms = 600'000;
  f.world.regions[1].is_true = [](int64_t t) {
    const int64_t s = (t - kStart) / 1000;
    return (s >= 120 && s < 180) || s >= 300;  // shorter than `for`; and for good
  };
  // At half the pace the spike lasts for two minutes of the clock.
  f.EvaluateUntil(590);
  EXPECT_EQ(f.sink.sent, Sent{});
  f.EvaluateUntil(1800);
  EXPECT_EQ(f.sink.sent, Sent{"firing us"});
  EXPECT_GE(f.runner->learned_offset_ms(), 570'000);
  EXPECT_EQ(f.runner->rules()[0].unseen, "");
  for (size_t i = 1; i < f.world.asked.size(); ++i) {
    EXPECT_GE(f.world.asked[i] - f.world.asked[i - 1], 15'000);
  }
}

TEST(Freshness, ALateAlertIsNotOverByARestartOrAReload) {
  Fixture f;
  f.world.regions[0].late_ms = 600'000;
  f.world.regions[0].is_true = [](int64_t) { return true; };
  f.Evaluate(160);
  EXPECT_EQ(f.sink.sent, Sent{"firing eu"});
  const int64_t offset = f.runner->learned_offset_ms();
  EXPECT_GE(offset, 540'000);
  f.Restart();
  f.Evaluate(1);
  EXPECT_EQ(f.runner->learned_offset_ms(), offset);
  EXPECT_EQ(f.runner->rules()[0].unseen, "");
  f.Evaluate(80);
  f.group.rules[0].annotations["a"] = "b";
  f.Reload();
  f.Evaluate(80);
  // What a process of another version left says nothing of offsets.
  for (auto& [key, body] : f.sink.disk) {
    if (key.first != RecordKind::kRule) continue;
    body = body.substr(0, body.find(",\"last_asked_ms\"")) + "}";
  }
  f.Restart();
  EXPECT_EQ(f.runner->learned_offset_ms(), 0);
  f.Evaluate(1);
  EXPECT_NE(f.runner->rules()[0].unseen, "");
  f.Evaluate(200);
  EXPECT_EQ(f.runner->rules()[0].unseen, "");
  EXPECT_EQ(f.sink.sent, Sent{"firing eu"});
}

TEST(Freshness, ARestartedGroupDoesNotJudgeBeforeItCouldMeasure) {
  Fixture f;
  f.world.regions[0].is_true = [](int64_t) { return true; };
  f.Evaluate(10);
  f.world.cannot_measure = true;
  f.Restart();
  f.world.regions[0].late_ms = 600'000;
  f.Evaluate(1);
  EXPECT_EQ(f.runner->rules()[0].unseen,
            "{region=\"eu\"} (x is of nobody knows when), {region=\"us\"} (x is of nobody knows "
            "when)");
  f.Evaluate(20);
  EXPECT_EQ(f.sink.sent, Sent{"firing eu"});
}

TEST(Freshness, WhoCannotMeasureGoesOnByWhatWasMeasured) {
  Fixture f;
  f.world.regions[0].late_ms = 300'000;
  f.Evaluate(60);
  const int64_t offset = f.runner->learned_offset_ms();
  f.world.cannot_measure = true;
  f.Evaluate(60);
  EXPECT_EQ(f.runner->learned_offset_ms(), offset);
  EXPECT_EQ(f.runner->rules()[0].unseen, "");
}

}  // namespace
}  // namespace synoptic::alerting
