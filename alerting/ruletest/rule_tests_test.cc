// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Rule unit tests: what passes, what fails and in which words; regions and outages; our own packs.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "alerting/ruletest/test_run.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

constexpr const char* kRules = R"(
groups:
  - name: g
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
      - alert: Down
        expr: up == 0
        for: 2m
        labels: {severity: page}
        annotations: {summary: "{{ $labels.instance }} of {{ $externalLabels.env }}"}
      - alert: FewUp
        expr: job:up:sum < 2
)";

// The errors of a test file over `rules`, a line each; "ok" when there are none.
std::string Outcome(const std::string& tests, const std::string& rules = kRules) {
  const std::unique_ptr<Fs> fs = NewMemoryFs();
  EXPECT_TRUE(fs->WriteFileAtomically("dir/rules.yaml", rules).ok());
  EXPECT_TRUE(fs->WriteFileAtomically("dir/test.yaml", "rule_files: [rules.yaml]\n" + tests).ok());
  const auto report = RunRuleTests("dir/test.yaml", *fs, {});
  if (!report.ok()) return std::string(MessageOf(report.status()));
  if (report->ok()) return "ok";
  std::string text;
  for (const RuleTestReport::Case& c : report->cases) {
    for (const std::string& error : c.errors) absl::StrAppend(&text, error, "\n");
  }
  return text;
}

TEST(RuleTests, AlertsRecordedSeriesAndExpressions) {
  EXPECT_EQ(Outcome(R"(
tests:
  - interval: 1m
    external_labels: {env: prod}
    input_series:
      - {series: 'up{job="a",instance="1"}', values: '1 0x5 _ stale'}
      - {series: 'up{job="a",instance="2"}', values: '1x8'}
    alert_rule_test:
      - {eval_time: 2m, alertname: Down}
      - eval_time: 3m
        alertname: Down
        exp_alerts:
          - {exp_labels: {severity: page, job: a, instance: "1"}, exp_annotations: {summary: 1 of prod}}
      - {eval_time: 3m, alertname: FewUp, exp_alerts: [{exp_labels: {job: a}}]}
    promql_expr_test:
      - {expr: 'job:up:sum', eval_time: 4m, exp_samples: [{labels: 'job:up:sum{job="a"}', value: 1}]}
      - {expr: 'ALERTS{alertname="Down"}', eval_time: 8m}
      - expr: 'ALERTS_FOR_STATE{alertname="Down"}'
        eval_time: 4m
        exp_samples:
          - {labels: 'ALERTS_FOR_STATE{alertname="Down",severity="page",job="a",instance="1"}', value: 60}
      - {expr: '1/0', eval_time: 1m, exp_samples: [{labels: '{}', value: .inf}]}
)"),
            "ok");
}

TEST(RuleTests, HistogramsAndStartTimes) {
  EXPECT_EQ(Outcome(R"(
tests:
  - interval: 1m
    start_timestamp: 2024-01-01T00:00:00Z
    input_series:
      - {series: 'h', values: '{{schema:0 count:2 sum:3 buckets:[1 1]}}+{{count:1 sum:1 buckets:[1]}}x3'}
    promql_expr_test:
      - {expr: 'h', eval_time: 2m, exp_samples: [{labels: h, histogram: '{{count:4 sum:5 counter_reset_hint:not_reset buckets:[3 1]}}'}]}
      - {expr: 'timestamp(h)', eval_time: 1m, exp_samples: [{labels: '{}', value: 1704067260}]}
      - {expr: 'histogram_count(h)', eval_time: 3m, exp_samples: [{labels: '{}', value: 5}]}
)"),
            "ok");
}

TEST(RuleTests, FailuresReadAsPromtools) {
  EXPECT_EQ(Outcome(R"(
tests:
  - interval: 1m
    name: wrong
    input_series: [{series: 'up{job="a"}', values: '0x8'}]
    alert_rule_test:
      - {eval_time: 5m, alertname: FewUp, exp_alerts: [{exp_labels: {job: b}}]}
    promql_expr_test:
      - {expr: up, eval_time: 5m, exp_samples: [{labels: 'up{job="a"}', value: 1}]}
      - {expr: 'up +', eval_time: 5m}
)"),
            R"(    name: wrong,
    alertname: FewUp, time: 5m, 
        exp:[
            0:
              Labels:{alertname="FewUp", job="b"}
              Annotations:{}
            ], 
        got:[
            0:
              Labels:{alertname="FewUp", job="a"}
              Annotations:{}
            ]
    expr: "up", time: 5m,
        exp: {__name__="up", job="a"} 1E+00
        got: {__name__="up", job="a"} 0E+00
    expr: "up +", time: 5m, err: 1:5: parse error: unexpected end of input
)");
}

TEST(RuleTests, AFailingRuleEndsTheTest) {
  EXPECT_EQ(
      Outcome(R"(
tests:
  - interval: 1m
    input_series:
      - {series: 'up{a="1",job="x"}', values: '0x8'}
      - {series: 'down{a="2",job="x"}', values: '0x8'}
    promql_expr_test: [{expr: up, eval_time: 5m}]
)",
              "groups: [{name: g, rules: [{record: r, expr: '{job=\"x\"}', labels: {a: ''}}]}]"),
      "    rule: r, time: 0s, err: vector contains metrics with the same labelset after "
      "applying rule labels\n");
}

TEST(RuleTests, GroupsRunInTheirOrder) {
  const std::string rules = R"(
groups:
  - {name: second, rules: [{record: b, expr: a}]}
  - {name: first, rules: [{record: a, expr: x}]}
)";
  const std::string tests = R"(
tests:
  - interval: 1m
    input_series: [{series: x, values: '7'}]
    promql_expr_test: [{expr: b, eval_time: 0m, exp_samples: [{labels: b, value: 7}]}]
)";
  EXPECT_EQ(Outcome("group_eval_order: [first, second]" + tests, rules), "ok");
  EXPECT_NE(Outcome(tests, rules), "ok");
}

TEST(RuleTests, NeighbouringDoublesAreEqualWhenAsked) {
  const std::string tests = R"(
tests:
  - promql_expr_test: [{expr: '0.1 + 0.2', eval_time: 0m, exp_samples: [{labels: '{}', value: 0.3}]}]
)";
  EXPECT_NE(Outcome(tests), "ok");
  EXPECT_EQ(Outcome("fuzzy_compare: true" + tests), "ok");
}

TEST(RuleTests, MistakesInTheFileNameTheirPlace) {
  const struct {
    const char* tests;
    const char* error;
  } kCases[] = {
      {"test: []", "dir/test.yaml:2:1: test: unknown key"},
      {"tests: [{alert_rule_test: [{eval_time: 1m}]}]",
       "an item under alert_rule_test misses required attribute alertname at eval_time 1m"},
      {"group_eval_order: [a, a]", "group name repeated in evaluation order: a"},
      {"tests: [{input_series: [{series: 'x{', values: '1'}], promql_expr_test: [{expr: x}]}]",
       "input series x{: "},
      {"tests: [{outages: [{region: us, from: 5m, to: 5m}]}]", "an outage ends after it begins"},
      {"tests: [{start_timestamp: soon}]", "a time in RFC 3339 or Unix seconds"},
  };
  for (const auto& c : kCases) {
    EXPECT_NE(Outcome(c.tests).find(c.error), std::string::npos) << Outcome(c.tests);
  }
}

TEST(RuleTests, ADarkRegionHoldsItsAlerts) {
  EXPECT_EQ(Outcome(R"(
tests:
  - interval: 1m
    external_labels: {env: prod}
    input_series:
      - {series: 'up{job="a",instance="1"}', values: '0x20', region: us}
      - {series: 'up{job="a",instance="2"}', values: '0x5 1x15', region: eu}
    outages: [{region: us, from: 4m, to: 10m}]
    alert_rule_test:
      - eval_time: 3m
        alertname: Down
        exp_alerts: &both
          - {exp_labels: {severity: page, job: a, instance: "1", region: us}, exp_annotations: {summary: 1 of prod}, exp_held: false}
          - {exp_labels: {severity: page, job: a, instance: "2", region: eu}, exp_annotations: {summary: 2 of prod}}
      - eval_time: 8m
        alertname: Down
        exp_alerts:
          - {exp_labels: {severity: page, job: a, instance: "1", region: us}, exp_annotations: {summary: 1 of prod}, exp_held: true}
      - eval_time: 10m
        alertname: Down
        exp_alerts:
          - {exp_labels: {severity: page, job: a, instance: "1", region: us}, exp_annotations: {summary: 1 of prod}, exp_held: false}
    promql_expr_test:
      - {expr: 'count(up)', eval_time: 9m, exp_samples: [{labels: '{}', value: 1}]}
      - {expr: 'count(up)', eval_time: 10m, exp_samples: [{labels: '{}', value: 2}]}
)"),
            "ok");
}

// What fires at 4, 7 and 12 minutes while us is dark from 5 to 10.
TEST(RuleTests, GlobalRulesAreJudgedByWhatIsCertain) {
  const std::string rules = R"(
groups:
  - name: g
    rules:
      - {alert: PendingHigh, expr: sum(pending_bytes) > 1000}
      - {alert: PendingProven, expr: sum(pending_bytes) > 500, annotations: {b: "{{ $low }} {{ $value }} {{ $coverage }}"}}
      - {alert: PendingLow, expr: sum(pending_bytes) < 500}
      - {alert: WorstLag, expr: max by (db) (lag) > 60}
      - {alert: NoWriter, expr: absent(writer == 1)}
      - {alert: TwoWriters, expr: count(writer == 1) > 1}
      - {alert: TwoLag, expr: count(lag > 4) >= 2}
      - {alert: FewUp, expr: count(up == 1) < 2}
      - {alert: NoFlow, expr: sum(pending_bytes) unless on () (sum(writer) > 0)}
      - {alert: Ratio, expr: sum(errors_total) / sum(reqs_total) > 0.4}
)";
  EXPECT_EQ(Outcome(R"(
tests:
  - interval: 1m
    input_series:
      - {series: 'pending_bytes{db="a"}', values: '600x20', region: eu}
      - {series: 'pending_bytes{db="a"}', values: '600x20', region: us}
      - {series: 'lag{db="a"}', values: '90x20', region: eu}
      - {series: 'lag{db="b"}', values: '90x20', region: us}
      - {series: 'lag{db="b"}', values: '5x20', region: eu}
      - {series: writer, values: '1x20', region: us}
      - {series: writer, values: '0x20', region: eu}
      - {series: up, values: '1x20', region: us}
      - {series: up, values: '1x20', region: eu}
      - {series: errors_total, values: '5x20', region: eu}
      - {series: reqs_total, values: '10x20', region: eu}
      - {series: reqs_total, values: '90x20', region: us}
    outages: [{region: us, from: 5m, to: 10m}]
    alert_rule_test:
      - {eval_time: 4m, alertname: PendingHigh, exp_alerts: [{exp_held: false}]}
      - {eval_time: 7m, alertname: PendingHigh, exp_alerts: [{exp_held: true}]}
      - {eval_time: 12m, alertname: PendingHigh, exp_alerts: [{exp_held: false}]}
      - eval_time: 7m
        alertname: PendingProven
        exp_alerts:
          - exp_held: false
            exp_annotations:
              b: 600 600 without us (outage)
              synoptic_coverage: "holds without us (outage): between 600 and +Inf"
      - {eval_time: 7m, alertname: PendingLow}
      - eval_time: 7m
        alertname: WorstLag
        exp_alerts:
          - {exp_labels: {db: a}, exp_held: false, exp_annotations: {synoptic_coverage: "holds without us (outage): between 90 and +Inf"}}
          - {exp_labels: {db: b}, exp_held: true}
      - {eval_time: 7m, alertname: NoWriter}
      - {eval_time: 7m, alertname: TwoWriters}
      - eval_time: 7m
        alertname: TwoLag
        exp_alerts: [{exp_held: false, exp_annotations: {synoptic_coverage: "holds without us (outage): between 2 and +Inf"}}]
      - {eval_time: 7m, alertname: FewUp}
      - {eval_time: 7m, alertname: NoFlow}
      - {eval_time: 4m, alertname: Ratio}
      - {eval_time: 7m, alertname: Ratio}
)",
                    rules),
            "ok");
}

// What is certain also resolves: eu alone decides, whatever us says.
TEST(RuleTests, ACertainFalseResolvesInTheDark) {
  EXPECT_EQ(Outcome(R"(
tests:
  - interval: 1m
    input_series:
      - {series: 'headroom_bytes', values: '1x5 90x20', region: eu}
      - {series: 'headroom_bytes', values: '90x20', region: us}
      - {series: 'drained', values: '0x5 1x20', region: eu}
    outages: [{region: us, from: 4m, to: 20m}]
    alert_rule_test:
      - {eval_time: 3m, alertname: AllLow, exp_alerts: [{}]}
      - eval_time: 5m
        alertname: AllLow
        exp_alerts: [{exp_held: false, exp_annotations: {synoptic_coverage: "holds without us (outage): between 0 and 1"}}]
      - {eval_time: 7m, alertname: AllLow}
)",
                    "groups: [{name: g, rules: [{alert: AllLow, expr: "
                    "'min(headroom_bytes) < 5 unless on () max(drained{region=\"eu\"}) > 0'}]}]"),
            "ok");
}

TEST(RuleTests, AnAlertWithClearIsOverWhenItIsClearOrGone) {
  EXPECT_EQ(Outcome(R"(
tests:
  - interval: 1m
    input_series:
      - {series: 'lag{db="a"}', values: '90 50 50 20 50 90 50 stale'}
      - {series: 'lag{db="b"}', values: '50x8'}
    alert_rule_test:
      - {eval_time: 0m, alertname: High, exp_alerts: [{exp_labels: {db: a}}]}
      - {eval_time: 2m, alertname: High, exp_alerts: [{exp_labels: {db: a}}]}
      - {eval_time: 3m, alertname: High}
      - {eval_time: 4m, alertname: High}
      - {eval_time: 6m, alertname: High, exp_alerts: [{exp_labels: {db: a}}]}
      - {eval_time: 7m, alertname: High}
)",
                    "groups: [{name: g, rules: [{alert: High, expr: lag > 60, clear: lag < 30}]}]"),
            "ok");
}

// The region answers, its exporter is dead: what is summed up is not all there is.
TEST(RuleTests, InputThatIsExpectedAndNotThereIsUnseen) {
  const std::string tests = R"(
tests:
  - interval: 1m
    input_series:
      - {series: 'pending_bytes{db="a"}', values: '600x20', region: eu}
      - {series: 'pending_bytes{db="a"}', values: '600x3 stale', region: us}
      - {series: up, values: '0x20', region: us}
    alert_rule_test:
)";
  const std::string rules =
      "groups: [{name: g, rules: [{alert: High, expr: sum(pending_bytes) > 1000";
  EXPECT_EQ(Outcome(tests + "      - {eval_time: 6m, alertname: High}\n", rules + "}]}]"), "ok");
  EXPECT_EQ(
      Outcome(tests + "      - {eval_time: 6m, alertname: High, exp_alerts: [{exp_held: true}]}\n",
              rules + ", expect: {regions: [us, eu]}}]}]"),
      "ok");
}

TEST(RuleTests, OurPacksPass) {
  const std::unique_ptr<Fs> fs = NewRealFs();
  int tests = 0;
  for (const char* pattern : {"rules/*_test.yaml", "rules/*/*_test.yaml"}) {
    const auto files = fs->Glob(pattern);
    ASSERT_TRUE(files.ok());
    for (const std::string& file : *files) {
      const auto report = RunRuleTests(file, *fs, {});
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_TRUE(report->warnings.empty());
      for (const RuleTestReport::Case& c : report->cases) {
        ++tests;
        EXPECT_TRUE(c.errors.empty()) << file << " " << c.name << "\n"
                                      << absl::StrJoin(c.errors, "\n");
      }
    }
  }
  EXPECT_GE(tests, 35);
}

}  // namespace
}  // namespace synoptic::alerting
