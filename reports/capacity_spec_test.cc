// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/capacity_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"

namespace synoptic::reports {
namespace {

struct Read {
  CapacitySpec spec;
  std::string errors;
};

Read Parse(std::string_view text) {
  Read read;
  const auto document = ParseYaml("c.yaml", text);
  EXPECT_TRUE(document.ok()) << document.status();
  YamlContext context("c.yaml");
  read.spec = ReadCapacity(YamlValue(&context, document->root.get(), "capacity"),
                           {{"us", promql::Labels::From({{"region", "us"}}), 2},
                            {"eu", promql::Labels::From({{"region", "eu"}}), 1}});
  read.errors = MessageOf(context.status());
  return read;
}

TEST(CapacitySpec, ReadsAllOfIt) {
  const Read read = Parse(R"(
affinity: {us: {eu: 100%}, eu: {us: 100%}}
spill: true
target_utilisation: 70%
growth: 1.5%
interval: 1m
resources:
- name: cpu
  unit: cores
  demand: sum by (region, pool) (used)
  supply: sum by (region, pool) (total)
  limit: {us: 100, eu: 200}
  movable: 90%
  ice: 30%
  scaling: {after: 3m, rate: 30/m}
  price: 29.2
  lead_time: 30d
- {name: conns, unit: connections, demand: a, supply: b, target_utilisation: 50%}
)");
  EXPECT_EQ(read.errors, "");
  EXPECT_EQ(read.spec.weights, WeightModel::kAffinity);
  EXPECT_EQ(read.spec.ModelText(), "declared affinity, spilling over to whoever has room");
  EXPECT_EQ(read.spec.growth, 0.015);
  ASSERT_EQ(read.spec.resources.size(), 2);
  const Resource& cpu = read.spec.resources[0];
  EXPECT_EQ(cpu.limit.fixed.at("eu"), 200);
  EXPECT_EQ(cpu.movable, 0.9);
  EXPECT_EQ(cpu.target, 0.7);
  EXPECT_EQ(cpu.scale_rate, 0.5);
  EXPECT_EQ(cpu.scale_after_s, 180);
  EXPECT_EQ(cpu.lead_days, 30);
  EXPECT_EQ(read.spec.resources[1].target, 0.5);
}

TEST(CapacitySpec, EveryMistakeIsNamedWithItsPlace) {
  const struct {
    const char* text;
    const char* error;
  } kCases[] = {
      {"affinity: {us: {eu: 90%}, eu: {us: 100%}}",
       "c.yaml:1:16: capacity.affinity.us: the shares of \"us\" add up to 90%; expected 100%"},
      {"affinity: {us: {us: 100%}, eu: {us: 100%}}",
       "c.yaml:1:21: capacity.affinity.us.us: a share of \"us\" to itself goes round in a circle; "
       "expected other regions only"},
      {"affinity: {us: {mars: 100%}, eu: {us: 100%}}",
       "c.yaml:1:23: capacity.affinity.us.mars: no region \"mars\"; expected some of us, eu"},
      {"affinity: {us: {eu: 100%}}",
       "c.yaml:1:11: capacity.affinity: no row for region \"eu\"; expected who takes its load"},
      {"affinity: {us: {eu: 1}, eu: {us: 100%}}",
       "c.yaml:1:21: capacity.affinity.us.eu: expected a share like 5%, got \"1\""},
      {"weights: equal\naffinity: {us: {eu: 100%}, eu: {us: 100%}}",
       "c.yaml:1:10: capacity.weights: expected one of `weights` and `affinity`, got both"},
      {"resources: [{name: a, unit: GB, demand: x, supply: y}]",
       "c.yaml:1:29: capacity.resources[0].unit: expected a base unit, one of cores, bytes, "
       "bytes/s, requests/s, operations/s, connections, sessions, messages, instances, nodes, "
       "pods, "
       "shards, threads, addresses, volumes, units, seconds/s, got \"GB\""},
      {"resources: [{name: a, unit: cores, demand: x, supply: {us: -1}}]",
       "c.yaml:1:60: capacity.resources[0].supply.us: expected a number of at least 0, got "
       "\"-1\""},
      {"resources: [{name: a, unit: cores, demand: x, supply: {mars: 1}}]",
       "c.yaml:1:62: capacity.resources[0].supply.mars: no region \"mars\"; expected some of us, "
       "eu"},
      {"resources: [{name: a, unit: cores, demand: 'sum(', supply: y}]",
       "c.yaml:1:44: capacity.resources[0].demand: 1:5: parse error: unclosed left parenthesis"},
      {"resources: [{name: a, unit: cores, demand: '1 + 1', supply: y}]",
       "c.yaml:1:44: capacity.resources[0].demand: expected a query that gives an instant vector, "
       "got scalar: \"1 + 1\""},
      {"resources: [{name: a, unit: cores, demand: x, supply: y, target_utilisation: 120%}]",
       "c.yaml:1:78: capacity.resources[0].target_utilisation: expected a share like 5%, got "
       "\"120%\""},
      {"resources: [{name: a, unit: cores, demand: x, supply: y, scaling: {rate: 5}}]",
       "c.yaml:1:74: capacity.resources[0].scaling.rate: expected units a time, like 2/s, 30/m or "
       "100/h, got \"5\""},
      {"resources: [{name: a, unit: cores, demand: x, supply: y}, {name: a, unit: cores, demand: "
       "x, "
       "supply: y}]",
       "c.yaml:1:59: capacity.resources[1]: resource \"a\" is there twice"},
      {"history: {step: 7m}",
       "c.yaml:1:10: capacity.history: step: expected a part of an hour, at least 1m, like 5m or "
       "1h"},
      {"history: {length: 1h}",
       "c.yaml:1:10: capacity.history: length: expected whole hours, between 2d and 400d"},
      {"resources: [{name: a, unit: cores, demand: x, supply: y, cache: {warm: 60%, cold: 95%}}]",
       "c.yaml:1:65: capacity.resources[0].cache: expected `warm`, a hit ratio below 100%, and "
       "`cold`, one of at most as much"},
      {"resource: []",
       "c.yaml:1:1: capacity.resource: unknown key; expected one of affinity, growth, history, "
       "interval, resources, spill, target_utilisation, weights"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Parse(c.text).errors, c.error) << c.text;
}

}  // namespace
}  // namespace synoptic::reports
