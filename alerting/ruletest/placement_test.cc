// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A rule at a lower tier yields the same as at the global one: for random rules over random data.
#include "alerting/rule/placement.h"

#include <gtest/gtest.h>

#include <bit>

#include "alerting/rule/said_tier.h"
#include "alerting/ruletest/memory_querier.h"
#include "alerting/ruletest/random_world.h"
#include "base/status.h"
#include "promql/parse/printer.h"
#include "promql/plan/locality.h"

namespace synoptic::alerting {
namespace {

using Values = std::map<promql::Labels, uint64_t>;

// The elements by their labels, with bits of values; `added` are labels that the place sets.
absl::Status Collect(const SampleStore& store, const std::string& text, const std::set<int>& dark,
                     const promql::Labels& added, Values& out) {
  const auto result = store.Query(text, promql::Grid::Instant(kNow), false, {kNow, dark}, {});
  if (!result.ok()) return result.status();
  ASSIGN_OR_RETURN(const auto elements, ElementsOf(result->value));
  for (const RuleAnswer::Element& element : elements) {
    promql::LabelsBuilder labels(element.labels);
    labels.Delete("__name__");
    for (const promql::Label label : added) labels.Set(label.name, label.value);
    out[labels.Build()] = std::bit_cast<uint64_t>(element.value);
  }
  return absl::OkStatus();
}

// The world as each shard's own Prometheus has it: without the topology's labels.
std::vector<SampleStore> Prometheuses(const SampleStore& world, const promql::Topology& topology) {
  std::vector<SampleStore> stores(topology.shards.size());
  for (const auto& [labels, series] : world.series()) {
    promql::LabelsBuilder own(labels);
    for (const std::string& name : topology.LabelNames()) own.Delete(name);
    for (size_t i = 0; i < series.floats.size(); ++i) {
      EXPECT_TRUE(stores[static_cast<size_t>(series.part)]
                      .Append(own.Build(), series.part, series.floats.t[i], series.floats.v[i])
                      .ok());
    }
  }
  return stores;
}

TEST(Placement, ALowerTierYieldsWhatTheGlobalOneDoes) {
  const promql::Topology topology = World();
  int local = 0, regional = 0, rules = 0;
  for (uint64_t seed = 0; rules < 2000; ++seed) {
    Random random(seed);
    const std::string text = Expressions(random).Vector(static_cast<int>(random.Below(4)));
    const auto parsed = promql::ParseExpr(text);
    if (!parsed.ok()) continue;
    ++rules;
    RuleGroup group;
    group.rules.emplace_back().alert = "A";
    group.rules[0].expr = promql::Print(**parsed);
    const RulePlacement placed = PlaceRules({group}, topology)[0];
    if (placed.needs == Tier::kGlobal) continue;
    SampleStore world;
    for (int part = 0; part < 4; ++part) {
      Random content(seed * 5 + static_cast<uint64_t>(part));
      Fill(content, topology, part, world);
    }
    Values whole, parts;
    if (!Collect(world, text, {}, {}, whole).ok()) continue;
    if (placed.needs == Tier::kLocal) {
      ++local;
      const std::vector<SampleStore> stores = Prometheuses(world, topology);
      for (size_t shard = 0; shard < stores.size(); ++shard) {
        const std::string own = LocalText(group.rules[0], topology, shard, 60'000);
        if (own.empty()) continue;
        const absl::Status status =
            Collect(stores[shard], own, {}, topology.shards[shard].labels, parts);
        ASSERT_TRUE(status.ok()) << text << " as " << own << ": " << status;
      }
    } else {
      ++regional;
      for (const std::set<int>& others : {std::set<int>{2, 3}, {0, 1, 3}, {0, 1, 2}}) {
        const absl::Status status = Collect(world, text, others, {}, parts);
        ASSERT_TRUE(status.ok()) << text << ": " << status;
      }
    }
    ASSERT_EQ(parts, whole) << "seed " << seed << " " << TierName(placed.needs) << " " << text;
  }
  EXPECT_GT(local, 500);
  EXPECT_GT(regional, 50);
}

TEST(Placement, WhatSaysLocalIsWhatEachPrometheusSays) {
  const promql::Topology topology = World();
  int asked = 0;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    const std::string text = Expressions(random).Vector(static_cast<int>(random.Below(4)));
    const auto parsed = promql::ParseExpr(text);
    if (!parsed.ok()) continue;
    RuleGroup group;
    group.rules.emplace_back().alert = "A";
    group.rules[0].expr = promql::Print(**parsed);
    group.rules[0].locality = promql::LocalityOf(**parsed, topology);
    group.rules[0].labels["tier"] = "local";
    const Rule written = group.rules[0];
    HonourTiers(group, topology);
    const Rule& rule = group.rules[0];
    if (!rule.at_each_place) continue;
    SampleStore world;
    for (int part = 0; part < 4; ++part) {
      Random content(seed * 5 + static_cast<uint64_t>(part));
      Fill(content, topology, part, world);
    }
    // Matches that are many-to-many within one place fail there, and here altogether.
    Values here, there;
    absl::Status failed;
    const std::vector<SampleStore> stores = Prometheuses(world, topology);
    for (size_t shard = 0; shard < stores.size(); ++shard) {
      const std::string own = LocalText(written, topology, shard, 60'000);
      if (own.empty()) continue;
      failed.Update(Collect(stores[shard], own, {}, topology.shards[shard].labels, there));
    }
    const absl::Status status = Collect(world, rule.expr, {}, {}, here);
    if (!failed.ok() || !status.ok()) continue;
    ++asked;
    ASSERT_EQ(here, there) << "seed " << seed << " " << text << " as " << rule.expr;
  }
  EXPECT_GT(asked, 200);
}

TEST(Placement, SaysWhyAndWarnsWhereItIsPlacedTooHigh) {
  const auto placed = [](std::string expr, std::optional<Tier> tier = std::nullopt,
                         std::string clear = "") {
    RuleGroup group;
    group.tier = tier;
    Rule recorder;
    recorder.record = "world:lag:max";
    recorder.expr = "max(lag)";
    Rule rule;
    rule.alert = "A";
    rule.expr = std::move(expr);
    rule.clear = std::move(clear);
    group.rules = {recorder, rule};
    const RulePlacement one = PlaceRules({group}, World())[1];
    return absl::StrCat(std::string(TierName(one.tier)), ": ", one.reason,
                        one.warning.empty() ? "" : "; " + one.warning);
  };
  EXPECT_EQ(placed("lag > 60"), "local: one shard decides it");
  EXPECT_EQ(placed("sum by (region) (lag) > 60"), "regional: groups reach across places");
  EXPECT_EQ(placed("sum(lag) > 60"), "global: groups reach across places");
  EXPECT_EQ(placed("lag > 60", std::nullopt, "lag < 30"), "regional: Prometheus has no clear");
  EXPECT_EQ(placed("world:lag:max > 60"),
            "global: reads world:lag:max, which is recorded at the global tier");
  EXPECT_EQ(placed("lag > 60", Tier::kGlobal),
            "global: one shard decides it; placed at the global tier, though the local one can "
            "decide it: it goes quiet when something else is lost");
  EXPECT_EQ(placed("sum(lag) > 60", Tier::kLocal),
            "local: groups reach across places; placed at the local tier, which cannot decide it: "
            "groups reach across places");
}

}  // namespace
}  // namespace synoptic::alerting
