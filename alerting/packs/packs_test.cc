// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "alerting/packs/pack.h"
#include "base/status.h"
#include "base/yaml_reader.h"

namespace synoptic::alerting {
namespace {

promql::Topology TwoRegions() {
  promql::Topology topology;
  for (const char* region : {"eu", "us"}) {
    topology.shards.push_back({region, "main", promql::Labels::From({{"region", region}})});
  }
  return topology;
}

// The choices a `packs` section makes, or its errors.
absl::StatusOr<std::vector<PackChoice>> Choose(const std::string& text) {
  ASSIGN_OR_RETURN(const YamlDocument document, ParseYaml("s.yaml", text));
  YamlContext context("s.yaml");
  YamlMap map = YamlValue(&context, document.root.get(), "").ReadMap();
  std::vector<PackChoice> choices;
  if (auto packs = map.Find("packs")) choices = ReadPacks(*packs);
  RETURN_IF_ERROR(context.status());
  return choices;
}

std::vector<RuleGroup> Groups(const std::string& text) {
  const auto choices = Choose(text);
  EXPECT_TRUE(choices.ok()) << choices.status();
  if (!choices.ok() || choices->empty()) return {};
  auto groups = GroupsOf((*choices)[0], {}, TwoRegions());
  EXPECT_TRUE(groups.ok()) << groups.status();
  return groups.ok() ? *groups : std::vector<RuleGroup>();
}

const Rule* Find(const std::vector<RuleGroup>& groups, std::string_view name,
                 const RuleGroup** in = nullptr) {
  for (const RuleGroup& group : groups) {
    for (const Rule& rule : group.rules) {
      if (rule.name() != name) continue;
      if (in != nullptr) *in = &group;
      return &rule;
    }
  }
  return nullptr;
}

TEST(Packs, AreAllReadAndEachOfTheirThresholdsStandsWhereItSays) {
  ASSERT_EQ(ShippedPacks().size(), internal::PackTexts().size());
  EXPECT_GE(ShippedPacks().size(), 15u);
  for (const internal::PackText& text : internal::PackTexts()) {
    const auto pack = internal::ReadPack(text);
    ASSERT_TRUE(pack.ok()) << pack.status();
    const auto groups = GroupsOf({.pack = &*pack}, {}, TwoRegions());
    ASSERT_TRUE(groups.ok()) << groups.status();
    for (const PackThreshold& threshold : pack->thresholds) {
      for (const std::string& name : threshold.rules) {
        // Several rules may record the same series: one of them is meant.
        int found = 0;
        for (const RuleGroup& group : *groups) {
          for (const Rule& rule : group.rules) {
            if (rule.name() != name) continue;
            int count = 0;
            const auto other = threshold.is_text()
                                   ? WithText(rule.expr, threshold.text, "x", &count)
                                   : WithNumber(rule.expr, threshold.number, 1234567, &count);
            ASSERT_TRUE(other.ok()) << other.status();
            found += count;
          }
        }
        EXPECT_GT(found, 0) << pack->name << " " << threshold.name << " in " << name;
      }
    }
  }
}

TEST(Packs, AreTunedByNameInTheirUnits) {
  const auto groups = Groups(R"(
packs:
- name: redis
  thresholds: {queue_length: 50, queue_keys: 'jobs:.*', resync_left: 5m, offset_gap: 1MiB}
  labels: {team: storage, severity: ticket}
  for: {RedisReplicaLinkDown: 3m}
  without: [GlobalTwoRedisPrimaries]
  interval: 15s
)");
  const Rule* queue = Find(groups, "RedisOrderQueueNotDraining");
  ASSERT_NE(queue, nullptr);
  EXPECT_EQ(queue->expr,
            "max by (region, instance, db, key) (redis_key_size{key=~\"jobs:.*\"}) > 50 and max by "
            "(region, instance, db, key) (deriv(redis_key_size{key=~\"jobs:.*\"}[5m])) >= 0");
  EXPECT_EQ(queue->labels.at("team"), "storage");
  EXPECT_EQ(queue->labels.at("severity"), "ticket");
  EXPECT_EQ(queue->labels.at("tier"), "local");
  EXPECT_TRUE(Find(groups, "RedisPartialResyncWindowShort")->expr.ends_with("< 300"));
  EXPECT_TRUE(Find(groups, "GlobalRedisOffsetGap")->expr.ends_with("> 1048576"));
  EXPECT_EQ(Find(groups, "RedisReplicaLinkDown")->for_ms, 180'000);
  EXPECT_EQ(Find(groups, "GlobalTwoRedisPrimaries"), nullptr);
  // Recordings come with it, tuned alike.
  EXPECT_NE(Find(groups, "queue:drain_seconds")->expr.find("jobs:.*"), std::string::npos);
  for (const RuleGroup& group : groups) EXPECT_EQ(group.interval_ms, 15'000) << group.name;
}

TEST(Packs, AreAsShippedWhenNothingIsTuned) {
  const auto groups = Groups("packs: [redis]");
  EXPECT_TRUE(Find(groups, "GlobalRedisOffsetGap")->expr.ends_with("> 64000000"));
  EXPECT_EQ(Find(groups, "RedisReplicaLinkDown")->for_ms, 60'000);
}

TEST(Packs, SayWhatAMissingRegionMeans) {
  const RuleGroup* group = nullptr;
  auto groups = Groups("packs: [capacity]");
  ASSERT_NE(Find(groups, "CannotLoseARegion", &group), nullptr);
  EXPECT_EQ(group->on_partial, OnPartial::kEvaluate);
  ASSERT_NE(Find(groups, "TrafficSplitDrift", &group), nullptr);
  EXPECT_EQ(group->on_partial, OnPartial::kHold);
  groups = Groups("packs: [postgres]");
  ASSERT_NE(Find(groups, "GlobalTwoWriters", &group), nullptr);
  EXPECT_EQ(group->on_partial, OnPartial::kEvaluateIfSafe);
  ASSERT_NE(Find(groups, "GlobalNoWriter", &group), nullptr);
  EXPECT_EQ(group->on_partial, OnPartial::kHold);
}

TEST(Packs, RefuseWhatTheyDoNotHaveAtItsPosition) {
  for (const auto& [text, error] : std::vector<std::pair<std::string, std::string>>{
           {"packs: [oracle]", "s.yaml:1:9: packs[0]: expected one of the packs capacity, cass"},
           {"packs: [{thresholds: {}}]", "s.yaml:1:9: packs[0]: expected `name`, a pack"},
           {"packs:\n- name: redis\n  thresholds: {queue_size: 5}",
            "s.yaml:3:28: packs[0].thresholds.queue_size: pack redis has no threshold "
            "\"queue_size\"; it has queue_keys (pattern), queue_length (items)"},
           {"packs:\n- name: redis\n  thresholds: {queue_length: 5m}",
            "packs[0].thresholds.queue_length: expected a number above 0 (items); the default is "
            "1000"},
           {"packs:\n- name: redis\n  thresholds: {resync_left: -1}", "expected seconds"},
           {"packs:\n- name: redis\n  thresholds: {queue_keys: '('}", "missing closing )"},
           {"packs:\n- name: capacity\n  thresholds: {target_utilisation: 120%}",
            "expected a ratio above 0 and at most 1, like 0.8 or 80%; the default is 0.8, got "
            "\"120%\""},
           {"packs:\n- name: redis\n  labels: {tier: local}", "label tier is the pack's own"},
           {"packs:\n- name: redis\n  for: {Nobody: 5m}", "pack redis has no rule \"Nobody\""},
           {"packs:\n- name: redis\n  without: [Nobody]", "packs[0].without[0]: pack redis has no"},
           {"packs: [redis, redis]", "s.yaml:1:16: packs[1]: pack redis is there twice"},
           {"packs: [{name: redis, threshold: {}}]", "threshold"}}) {
    const auto choices = Choose(text);
    ASSERT_FALSE(choices.ok()) << text;
    EXPECT_NE(choices.status().message().find(error), std::string::npos) << text << "\n"
                                                                         << choices.status();
  }
}

TEST(Packs, NumbersAreFoundInTheTreeAndNotInText) {
  int count = 0;
  EXPECT_EQ(*WithNumber("max_over_time(x60[60s]) > 60 and y < 60", 60, 90, &count),
            "max_over_time(x60[1m]) > 90 and y < 90");
  EXPECT_EQ(count, 2);
  EXPECT_EQ(*WithText("x{a=\"b\",b!=\"b\"} > 1", "b", "c", &count), "x{a=\"c\",b!=\"c\"} > 1");
  EXPECT_EQ(count, 2);
}

}  // namespace
}  // namespace synoptic::alerting
