// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/rule_file.h"

#include <gtest/gtest.h>

#include "base/status.h"

namespace synoptic::alerting {
namespace {

promql::Topology TwoRegions() {
  promql::Topology topology;
  for (const char* region : {"eu", "us"}) {
    topology.shards.push_back({region, "main", promql::Labels::From({{"region", region}})});
  }
  return topology;
}

std::string ErrorOf(std::string_view content) {
  const auto groups = LoadRuleFile("r.yaml", content, {}, TwoRegions());
  return groups.ok() ? "no error" : std::string(MessageOf(groups.status()));
}

TEST(RuleFile, ReadsPrometheusFormatAndOurAdditions) {
  const auto groups = LoadRuleFile("r.yaml", R"(
groups:
  - name: lag
    interval: 30s
    labels: {team: db}
    tier: auto
    on_partial: hold
    rules:
      - alert: High
        expr: max by (region, db) (lag) > 60
        for: 1m
        labels: {severity: page}
        annotations: {summary: "{{ $value }}"}
      - alert: GlobalHigh
        expr: max by (db) (lag)>60
)",
                                   {}, TwoRegions());
  ASSERT_TRUE(groups.ok()) << groups.status();
  const RuleGroup& group = (*groups)[0];
  EXPECT_EQ(group.interval_ms, 30'000);
  EXPECT_EQ(group.on_partial, OnPartial::kHold);
  EXPECT_EQ(group.rules[0].for_ms, 60'000);
  EXPECT_EQ(group.rules[0].labels.at("team"), "db");
  EXPECT_EQ(group.TierOf(group.rules[0]), Tier::kLocal);
  EXPECT_EQ(group.TierOf(group.rules[1]), Tier::kGlobal);
  EXPECT_EQ(group.rules[1].expr, "max by (db) (lag) > 60");
}

TEST(RuleFile, EveryMistakeIsNamedWithItsPlace) {
  const struct {
    const char* content;
    const char* error;
  } kCases[] = {
      {"groups: [{name: a, rules: [{alert: A, expr: 'up ==='}]}]",
       "could not parse expression: 1:6"},
      {"groups: [{name: a, rules: [{alert: A}]}]", "r.yaml:1:28: groups[0].rules[0]: field 'expr'"},
      {"groups: [{name: a, rules: [{expr: up}]}]", "one of 'record' or 'alert' must be set"},
      {"groups: [{name: a, rules: [{alert: A, record: b, expr: up}]}]",
       "only one of 'record' and 'alert' must be set"},
      {"groups: [{name: a, rules: [{record: b, expr: up, for: 1m}]}]",
       "invalid field 'for' in recording rule"},
      {"groups: [{name: a, rules: [{record: b, expr: up, keep_firing_for: 1m}]}]",
       "invalid field 'keep_firing_for' in recording rule"},
      {"groups: [{name: a, rules: [{record: b, expr: up, annotations: {a: b}}]}]",
       "invalid field 'annotations' in recording rule"},
      {"groups: [{name: a, rules: [{record: 'b{c=\"d\"}', expr: up}]}]",
       "braces present in the recording rule name; should it be in expr?: b{c=\"d\"}"},
      {"groups: [{name: a, rules: [{alert: A, expr: up, clear: 'up >'}]}]",
       "r.yaml:1:56: groups[0].rules[0].clear: could not parse expression"},
      {"groups: [{name: a, rules: [{alert: A, expr: up, clear: '1'}]}]",
       "expected an expression of type instant vector, got scalar"},
      {"groups: [{name: a, rules: [{alert: A, expr: up, labels: {x: '{{ $value }}'}, clear: 'up > "
       "1'}]}]",
       "label \"x\" is a template"},
      {"groups: [{name: a, rules: [{alert: A, expr: up, rolls_up_to: A}]}]",
       "\"A\" cannot stand for itself"},
      {"groups: [{name: a, rules: [{alert: A, expr: up, expect: {regions: [mars]}}]}]",
       "expected the name of a region, got \"mars\""},
      {"groups: [{name: a, rules: [{record: r, expr: up, rolls_up_to: A}]}]",
       "clear, rolls_up_to, expect and assume are for alerting rules"},
      {"groups: [{name: a, freshness: {max_offset: 1h}, rules: [{alert: A, expr: up}]}]",
       "groups[0].freshness: expected max_offset and max_age of at most 15m"},
      {"groups: [{name: a, freshness: {max_age: 1m}, rules: [{record: r, expr: up}]}]",
       "freshness is for groups of alerting rules: samples are recorded on time"},
      {"groups: [{name: a, rules: [{record: r, expr: up, assume: [lag]}]}]",
       "clear, rolls_up_to, expect and assume are for alerting rules"},
      {"groups: [{name: a, rules: [{alert: A, expr: up, assume: [trend]}]}]",
       "groups[0].rules[0].assume: expected lag or change, got \"trend\""},
      {"groups: [{name: a, on_partial: hold, rules: [{alert: A, expr: up, assume: [lag]}]}]",
       "groups[0].rules[0].assume: only where on_partial is evaluate_if_safe is anything assumed"},
      {"groups: [{name: a}, {name: a}]", "\"a\" is repeated in the same file"},
      {"groups: [{rules: []}]", "Groupname must not be empty"},
      {"groups: [{name: a, colour: red}]", "colour"},
      {"groups: [{name: a, interval: fast}]", "expected a duration"},
      {"groups: [{name: a, rules: [{alert: A, expr: up, labels: {x: '{{'}}]}]",
       "error parsing template __alert_A"},
      {"groups: [{name: a, rules: [{alert: A, expr: 'up[5m]'}]}]", "range vector"},
      {"groups: [{name: a, rules: [{alert: A, expr: up, labels: {__name__: x}}]}]",
       "invalid label name: __name__"},
  };
  for (const auto& c : kCases) {
    EXPECT_NE(ErrorOf(c.content).find(c.error), std::string::npos) << c.content << "\n"
                                                                   << ErrorOf(c.content);
  }
}

TEST(RuleFile, EmptyFileHasNoGroups) {
  const auto groups = LoadRuleFile("r.yaml", "", {}, TwoRegions());
  ASSERT_TRUE(groups.ok());
  EXPECT_TRUE(groups->empty());
}

}  // namespace
}  // namespace synoptic::alerting
