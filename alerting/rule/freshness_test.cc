// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A group that waits for late inputs: as of when it asks.
#include <gtest/gtest.h>

#include <algorithm>

#include "alerting/rule/group_runner.h"
#include "net/async/testing.h"

namespace synoptic::alerting {
namespace {

const promql::Labels kEu = promql::Labels::From({{"region", "eu"}});

// A region whose samples are taken each minute and come `late_ms` later.
class LateRegion final : public Querier {
 public:
  int64_t now_ms = 0;
  int64_t late_ms = 0;
  std::vector<int64_t> asked;  // of the rule's own question
  Task<RuleAnswer> Instant(std::string expr, int64_t time_ms, Deadline) override {
    RuleAnswer answer;
    answer.seen_parts = {kEu};
    if (expr.starts_with("max by (region) (timestamp(")) {
      const int64_t newest = (now_ms - late_ms) / 60'000 * 60;
      answer.elements.push_back({kEu, static_cast<double>(newest)});
    } else {
      asked.push_back(time_ms);
    }
    co_return answer;
  }
  Task<RangeAnswer> Range(std::string, promql::Grid, Deadline) override {
    co_return absl::UnimplementedError("not asked here");
  }
  std::vector<std::string> TopologyLabels() const override { return {"region"}; }
  std::shared_ptr<const promql::Topology> World() const override {
    return std::make_shared<promql::Topology>(promql::Topology{{{"eu", "main", kEu}}});
  }
};

class NoSink final : public AlertSink {
 public:
  Task<> Deliver(std::vector<OutgoingAlert>, Records) override { co_return absl::OkStatus(); }
};

struct Fixture {
  AsyncTest loop;
  LateRegion region;
  NoSink sink;
  GroupRunner runner;

  static RuleGroup Group() {
    RuleGroup group;
    group.file = "rules.yaml";
    group.name = "late";
    group.interval_ms = 15'000;
    group.freshness = FreshnessBounds{600'000, 120'000};
    Rule rule;
    rule.alert = "A";
    rule.expr = "x > 1";
    group.rules.push_back(rule);
    return group;
  }
  Fixture() : runner(Group(), {}, {region, sink, loop.clock}) { region.now_ms = 1'700'000'000'000; }
  void Evaluate(int times) {
    for (int i = 0; i < times; ++i) {
      region.now_ms += 15'000;
      ASSERT_TRUE(loop.Run(runner.Evaluate(region.now_ms)).ok());
    }
  }
};

TEST(Freshness, SamplesOnTimeAreAskedForOnTime) {
  Fixture f;
  f.Evaluate(20);
  EXPECT_EQ(f.region.asked.back(), f.region.now_ms);
  EXPECT_EQ(f.runner.learned_offset_ms(), 0);
}

TEST(Freshness, RulesAskAsOfWhenLateSamplesHadComeAndNeverBackInTime) {
  Fixture f;
  f.region.late_ms = 300'000;
  f.Evaluate(60);
  const int64_t offset = f.runner.learned_offset_ms();
  EXPECT_GE(offset, 270'000);
  EXPECT_LE(offset, 300'000);
  EXPECT_EQ(f.region.asked.back(), f.region.now_ms - offset);
  EXPECT_TRUE(std::is_sorted(f.region.asked.begin(), f.region.asked.end()));
  EXPECT_EQ(std::adjacent_find(f.region.asked.begin(), f.region.asked.end()), f.region.asked.end());
  // Once they come in time again, and have for a while, nobody waits.
  f.region.late_ms = 0;
  f.Evaluate(60);
  EXPECT_EQ(f.region.asked.back(), f.region.now_ms);
}

TEST(Freshness, WhatIsLaterThanTheBoundsIsUnseen) {
  Fixture f;
  f.region.late_ms = 900'000;
  f.Evaluate(4);
  EXPECT_EQ(f.runner.learned_offset_ms(), 0);
  EXPECT_EQ(f.runner.rules()[0].unseen, "{region=\"eu\"} (x is 905 s old)");
}

}  // namespace
}  // namespace synoptic::alerting
