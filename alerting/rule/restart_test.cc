// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A group that starts where another process ended: what it knows is what that one kept.
#include <gtest/gtest.h>

#include <functional>

#include "alerting/rule/rule_manager.h"
#include "base/status.h"
#include "net/async/testing.h"

namespace synoptic::alerting {
namespace {

constexpr int64_t kStart = 1'700'000'000'000;
constexpr int64_t kInterval = 15'000;

// A world whose truth is a function of time.
class World final : public Querier {
 public:
  std::function<bool(int64_t)> condition = [](int64_t) { return true; };
  std::function<bool(int64_t)> has_data = [](int64_t) { return true; };
  absl::Status range_error;
  int ranges = 0;
  int instants = 0;

  Task<RuleAnswer> Instant(std::string, int64_t time_ms, Deadline) override {
    ++instants;
    RuleAnswer answer;
    if (condition(time_ms)) answer.elements.push_back({Lag(), 90});
    co_return answer;
  }
  Task<RangeAnswer> Range(std::string expr, promql::Grid grid, Deadline) override {
    ++ranges;
    CO_RETURN_IF_ERROR(range_error);
    const bool up = expr == "group by (region) (up)";
    RangeAnswer answer;
    answer.value.grid = grid;
    promql::StepSeries& series = answer.value.series.emplace_back();
    series.labels = up ? promql::Labels::From({{"region", "eu"}}) : Lag();
    for (size_t i = 0; i < grid.size(); ++i) {
      const bool there = has_data(grid.at(i)) && (up || condition(grid.at(i)));
      series.values.push_back(there ? 90 : promql::Absent());
    }
    co_return answer;
  }
  std::vector<std::string> TopologyLabels() const override { return {"region"}; }

 private:
  static promql::Labels Lag() {
    return promql::Labels::From({{"__name__", "lag"}, {"region", "eu"}});
  }
};

// A disk and a receiver in one.
class Sink final : public AlertSink {
 public:
  std::map<std::pair<RecordKind, std::string>, std::string> disk;
  std::vector<std::string> sent;  // "firing@seconds since the start"

  void Keep(Records records) override {
    for (Record& r : records) {
      if (r.body.empty()) {
        disk.erase({r.kind, r.key});
      } else {
        disk[{r.kind, r.key}] = r.body;
      }
    }
  }
  Task<> Deliver(std::vector<OutgoingAlert> alerts, Records state) override {
    Keep(std::move(state));
    for (const OutgoingAlert& alert : alerts) {
      if (!alert.transition) continue;
      const int64_t at = alert.firing() ? alert.starts_at_ms : alert.ends_at_ms;
      sent.push_back(
          fmt::format("{}@{}", alert.firing() ? "firing" : "resolved", (at - kStart) / 1000));
    }
    co_return absl::OkStatus();
  }
  Records All() const {
    Records records;
    for (const auto& [key, body] : disk) records.push_back({key.first, key.second, body});
    return records;
  }
};

RuleGroup Group(int64_t for_ms, int64_t keep_firing_for_ms = 0) {
  RuleGroup group;
  group.file = "rules.yaml";
  group.name = "replication";
  group.interval_ms = kInterval;
  Rule rule;
  rule.alert = "Lag";
  rule.expr = "lag > 60";
  rule.for_ms = for_ms;
  rule.keep_firing_for_ms = keep_firing_for_ms;
  rule.locality = promql::Locality::kRegion;
  group.rules.push_back(rule);
  return group;
}

struct Fixture {
  AsyncTest loop;
  World world;
  Sink sink;
  std::unique_ptr<GroupRunner> runner;

  // A process begins with what is on disk.
  void Boot(RuleGroup group) {
    runner = std::make_unique<GroupRunner>(
        std::move(group), GroupOptions(), GroupServices{world, sink, loop.clock, nullptr, nullptr});
    RestoredStates states(sink.All());
    EXPECT_EQ(states.unreadable(), 0u);
    runner->Restore(states);
  }
  // Slots from..to, in units of the interval.
  void Run(int from, int to) {
    for (int slot = from; slot <= to; ++slot) {
      ASSERT_TRUE(loop.Run(runner->Evaluate(kStart + slot * kInterval)).ok());
    }
  }
};

using Sent = std::vector<std::string>;

TEST(Restart, InsideForKeepsTheClock) {
  for (const int down_for : {1, 2, 5, 30}) {
    Fixture f;
    f.Boot(Group(600'000));
    f.Run(0, 5);
    f.Boot(Group(600'000));
    f.Run(5 + down_for, 45);
    EXPECT_EQ(f.sink.sent, (Sent{"firing@600"})) << down_for;
  }
}

TEST(Restart, AConditionThatWentAwayMeanwhileBeginsAnew) {
  Fixture f;
  f.world.condition = [](int64_t t) { return t < kStart + 100'000 || t > kStart + 200'000; };
  f.Boot(Group(300'000));
  f.Run(0, 5);
  f.Boot(Group(300'000));
  f.Run(20, 40);  // true again from slot 14, at 210 s
  EXPECT_EQ(f.sink.sent, (Sent{"firing@510"}));
}

TEST(Restart, ATimeOfWhichThereAreNoDataIsNeitherCountedNorAReset) {
  Fixture f;
  f.world.has_data = [](int64_t t) { return t < kStart + 80'000 || t >= kStart + 300'000; };
  f.Boot(Group(120'000));
  f.Run(0, 5);  // 75 s of 120
  f.Boot(Group(120'000));
  f.Run(20, 30);  // slots 6 to 19 were not seen; 300 s is slot 20
  EXPECT_EQ(f.sink.sent, (Sent{"firing@330"}));
  EXPECT_EQ(f.world.ranges, 2);
}

TEST(Restart, WhenTheGapCannotBeAskedForTheClockStandsStill) {
  Fixture f;
  f.world.range_error = absl::UnavailableError("no region answered");
  f.Boot(Group(120'000));
  f.Run(0, 5);
  f.Boot(Group(120'000));
  f.Run(20, 30);
  EXPECT_EQ(f.sink.sent, (Sent{"firing@330"}));
}

TEST(Restart, WhatBeganAndEndedUnseenPagesNobody) {
  Fixture f;
  f.world.condition = [](int64_t t) { return t < kStart + 150'000; };
  f.Boot(Group(60'000));
  f.Run(0, 2);
  f.Boot(Group(60'000));
  f.Run(20, 22);
  EXPECT_EQ(f.sink.sent, Sent());
}

TEST(Restart, AFiringAlertStaysOneAndResolvesOnce) {
  Fixture f;
  f.world.condition = [](int64_t t) { return t < kStart + 400'000; };
  f.Boot(Group(0));
  f.Run(0, 2);
  f.Boot(Group(0));
  f.Run(10, 12);
  f.Boot(Group(0));
  f.Run(40, 42);
  EXPECT_EQ(f.sink.sent, (Sent{"firing@0", "resolved@600"}));
}

TEST(Restart, KeepFiringForGoesOnCounting) {
  Fixture f;
  f.world.condition = [](int64_t t) { return t < kStart + 30'000; };
  f.Boot(Group(0, 300'000));
  f.Run(0, 5);  // false from slot 2, at 30 s
  f.Boot(Group(0, 300'000));
  f.Run(10, 30);
  EXPECT_EQ(f.sink.sent, (Sent{"firing@0", "resolved@330"}));
}

TEST(Restart, AChangedForIsHeldAgainstTheSameClock) {
  Fixture f;
  f.Boot(Group(600'000));
  f.Run(0, 5);
  f.Boot(Group(120'000));
  f.Run(6, 12);
  EXPECT_EQ(f.sink.sent, (Sent{"firing@120"}));
}

TEST(Restart, AlertsOfARuleThatIsGoneEndAndAreForgotten) {
  Fixture f;
  f.Boot(Group(0));
  f.Run(0, 2);
  f.loop.clock.AdvanceMillis(kStart + 60'000 - f.loop.clock.WallMillis());
  TaskGroup tasks;
  RuleManager manager(f.loop.executor(), tasks, f.world, f.sink, f.loop.clock);
  manager.Restore(f.sink.All());
  manager.Apply({}, {});
  f.loop.Poll();
  EXPECT_EQ(f.sink.sent, (Sent{"firing@0", "resolved@60"}));
  EXPECT_TRUE(f.sink.disk.empty());
}

TEST(Restart, TheSlotBehindIsEvaluatedAtOnceButNotTwice) {
  Fixture f;
  for (int process = 1; process <= 2; ++process) {
    TaskGroup tasks;
    RuleManager manager(f.loop.executor(), tasks, f.world, f.sink, f.loop.clock);
    manager.Restore(f.sink.All());
    manager.Apply({Group(0)}, {});
    f.loop.Poll();
    EXPECT_EQ(f.world.instants, 1) << "process " << process;
    ASSERT_TRUE(f.loop.RunInVirtualTime(tasks.Stop(f.loop.clock, Deadline::Infinite())).ok());
  }
}

// What is read back is what was written, character by character.
TEST(StoredState, RecordsSurviveTheWayToDiskAndBack) {
  Alert alert;
  alert.status = AlertStatus::kFiring;
  alert.labels = promql::Labels::From({{"alertname", "A"}, {"x", "quote \" line\n über"}});
  alert.annotations = {{"summary", "{{ }} \\"}};
  alert.value = std::numeric_limits<double>::infinity();
  alert.unseen = "us (timeout)";
  alert.active_at_ms = 1;
  alert.frozen_ms = 2;
  alert.fired_at_ms = 3;
  alert.keep_firing_since_ms = 4;
  alert.unseen_since_ms = 5;
  alert.unseen_for_ms = 6;
  alert.last_sent_ms = 7;
  const Record record = RecordOfAlert("rule", alert);
  RestoredStates states(Records{record});
  const RuleState state = states.TakeRule("rule");
  ASSERT_EQ(state.alerts.size(), 1u);
  const Alert& back = state.alerts.begin()->second;
  EXPECT_EQ(RecordOfAlert("rule", back).body, record.body);
  EXPECT_EQ(back.stored, StateFingerprint(alert));
  EXPECT_EQ(back.value, alert.value);
}

}  // namespace
}  // namespace synoptic::alerting
