// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/said_tier.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "alerting/rule/placement.h"
#include "alerting/rule/rule_file.h"

namespace synoptic::alerting {
namespace {

// Three regions of one Prometheus, or of two that `prometheus` tells apart.
promql::Topology Regions(int shards) {
  promql::Topology topology;
  for (const char* region : {"ap", "eu", "us"}) {
    for (int shard = 0; shard < shards; ++shard) {
      promql::LabelsBuilder labels;
      labels.Set("region", region);
      if (shards > 1) labels.Set("prometheus", std::to_string(shard));
      topology.shards.push_back({region, "s" + std::to_string(shard), labels.Build()});
    }
  }
  return topology;
}

std::vector<RuleGroup> Load(const std::string& file, const std::string& content,
                            const promql::Topology& topology) {
  auto groups = LoadRuleFile(file, content, {}, topology);
  EXPECT_TRUE(groups.ok()) << groups.status();
  return groups.ok() ? *std::move(groups) : std::vector<RuleGroup>();
}

// Whole files of rules for one tier: the example rules of the domain's catalogue.
TEST(SaidTier, RulesLieAtTheTierOfTheirFile) {
  const std::pair<const char*, Tier> kFiles[] = {
      {"local", Tier::kLocal}, {"regional", Tier::kRegional}, {"global", Tier::kGlobal}};
  for (const int shards : {1, 2}) {
    const promql::Topology topology = Regions(shards);
    int rules = 0;
    for (const auto& [name, tier] : kFiles) {
      std::stringstream content;
      content
          << std::ifstream(std::string("alerting/rule/testdata/tiers/") + name + ".yml").rdbuf();
      const auto groups = Load(name, content.str(), topology);
      // Decided there, too; what a plain Prometheus has no words for does not count.
      const auto placed = PlaceRules(groups, topology, /*at_prometheus=*/true);
      for (const RulePlacement& one : placed) {
        const RuleGroup& group = groups[one.group];
        const Rule& rule = group.rules[one.rule];
        ++rules;
        EXPECT_EQ(one.tier, tier) << name << " " << rule.name() << ": " << one.reason;
        EXPECT_EQ(group.TierOf(rule), tier) << name << " " << rule.name();
        EXPECT_LE(one.needs, tier) << name << " " << rule.name() << ": " << one.reason;
      }
    }
    EXPECT_EQ(rules, 86);
  }
}

struct Row {
  const char* expr;
  const char* said;
  const char* asked;  // of one Prometheus a region
  Tier tier;
};

TEST(SaidTier, OfLessThanAnExpressionNeedsIsAboutEachPlace) {
  const Row rows[] = {
      {"max by (queue) (age) > 5", "local", "max by (queue, region) (age) > 5", Tier::kLocal},
      {"sum(age) > 5", "regional", "sum by (region) (age) > 5", Tier::kRegional},
      {"sum without (region) (age) > 5", "local", "sum without () (age) > 5", Tier::kLocal},
      {"topk(1, age)", "local", "topk by (region) (1, age)", Tier::kLocal},
      {"a - on (i) group_left (k) b", "local", "a - on (i, region) group_left (k) b", Tier::kLocal},
      {"a - ignoring (k, region) b", "local", "a - ignoring (k) b", Tier::kLocal},
      // What has no labels is of no place.
      {"absent(age)", "local", "absent(age)", Tier::kGlobal},
      {"age > scalar(max(age))", "local", "age > scalar(max(age))", Tier::kGlobal},
      // Other words are other people's.
      {"max by (queue) (age) > 5", "frontend", "max by (queue) (age) > 5", Tier::kGlobal},
      {"max by (queue) (age) > 5", "", "max by (queue) (age) > 5", Tier::kGlobal},
      {"age > 5", "global", "age > 5", Tier::kGlobal},
  };
  const promql::Topology topology = Regions(1);
  for (const Row& row : rows) {
    const std::string content = std::string("groups: [{name: g, rules: [{alert: A, expr: '") +
                                row.expr + "', labels: {tier: '" + row.said + "'}}]}]";
    const auto groups = Load("r", content, topology);
    ASSERT_EQ(groups.size(), 1u);
    const Rule& rule = groups[0].rules[0];
    EXPECT_EQ(rule.expr, row.asked);
    EXPECT_EQ(rule.expr_as_written, row.expr);
    EXPECT_EQ(groups[0].TierOf(rule), row.tier) << row.expr;
  }
}

TEST(SaidTier, ARuleThatSetsThePlacesLabelIsAskedAsItIs) {
  const auto groups = Load("r",
                           "groups: [{name: g, rules: [{alert: A, expr: 'max by (q) (age)', "
                           "labels: {tier: local, region: here}}]}]",
                           Regions(1));
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].rules[0].expr, "max by (q) (age)");
  EXPECT_EQ(groups[0].TierOf(groups[0].rules[0]), Tier::kGlobal);
}

TEST(SaidTier, RecordingRulesGoWithTheAlertsOfTheirGroup) {
  const char* kContent = R"(
groups:
  - name: same
    rules:
      - {record: q:age, expr: max by (queue) (age)}
      - {alert: A, expr: 'q:age > 5', labels: {tier: local}}
  - name: mixed
    rules:
      - {record: m:age, expr: max by (queue) (age)}
      - {alert: B, expr: 'm:age > 5', labels: {tier: local}}
      - {alert: C, expr: 'm:age > 5'}
)";
  const auto groups = Load("r", kContent, Regions(2));
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].rules[0].expr, "max by (queue, prometheus, region) (age)");
  EXPECT_EQ(groups[1].rules[0].expr, "max by (queue) (age)");
}

}  // namespace
}  // namespace synoptic::alerting
