// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/rule_plan.h"

#include <gtest/gtest.h>

#include "alerting/rule/rule_file.h"

namespace synoptic::app {
namespace {

TEST(RulePlan, WritesEachTierItsFiles) {
  promql::Topology topology;
  for (const char* region : {"eu", "us"}) {
    topology.shards.push_back({region, "main", promql::Labels::From({{"region", region}})});
  }
  const auto groups = alerting::LoadRuleFile("rules/lag.yaml", R"(
groups:
  - name: lag
    interval: 30s
    tier: auto
    rules:
      - alert: High
        expr: max by (region, db) (lag{region="eu"}) > 60
        for: 1m
        labels: {severity: page}
        annotations: {summary: "{{ $value }}"}
      - record: region:lag:max
        expr: max by (region) (lag)
      - alert: Global
        expr: max(lag) > 60
        rolls_up_to: Worst
        expect: {regions: [eu], min_series: 2}
)",
                                             {}, topology);
  ASSERT_TRUE(groups.ok()) << groups.status();
  const auto placed = alerting::PlaceRules(*groups, topology);
  std::string text;
  for (const PlannedFile& file : PlannedFiles(*groups, placed, topology)) {
    text += "--- " + file.path + "\n" + file.content;
    // What is written can be read again.
    const auto again = alerting::LoadRuleFile(file.path, file.content, {}, topology);
    EXPECT_TRUE(again.ok()) << again.status();
  }
  EXPECT_EQ(text, R"yaml(--- local/eu/lag.yaml
groups:
  - name: "lag"
    interval: 30s
    rules:
      - alert: "High"
        expr: "max by (db) (lag) > 60"
        for: 1m
        labels:
          "severity": "page"
          "tier": "local"
        annotations:
          "summary": "{{ $value }}"
      - record: "region:lag:max"
        expr: "max(lag)"
--- local/us/lag.yaml
groups:
  - name: "lag"
    interval: 30s
    rules:
      - record: "region:lag:max"
        expr: "max(lag)"
--- global/lag.yaml
groups:
  - name: "lag"
    interval: 30s
    tier: global
    on_partial: evaluate_if_safe
    hold_for: 1h
    rules:
      - alert: "Global"
        expr: "max(lag) > 60"
        rolls_up_to: "Worst"
        expect: {regions: ["eu"], min_series: 2}
)yaml");
}

}  // namespace
}  // namespace synoptic::app
