// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules that assume something of what nobody sees: what fires, what is over, and what they say.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "alerting/bounds/assumption.h"
#include "alerting/ruletest/test_run.h"
#include "base/status.h"
#include "promql/parse/parser.h"

namespace synoptic::alerting {
namespace {

// The errors of a test file, a line each; "ok" when there are none.
std::string Outcome(const std::string& rule, const std::string& test) {
  const std::unique_ptr<Fs> fs = NewMemoryFs();
  EXPECT_TRUE(fs->WriteFileAtomically("r.yaml", "groups: [{name: g, rules: [" + rule + "]}]").ok());
  EXPECT_TRUE(fs->WriteFileAtomically("t.yaml", "rule_files: [r.yaml]\ntests:" + test).ok());
  const auto report = RunRuleTests("t.yaml", *fs, {});
  if (!report.ok()) return std::string(MessageOf(report.status()));
  if (report->ok()) return "ok";
  std::string text;
  for (const RuleTestReport::Case& c : report->cases) {
    for (const std::string& error : c.errors) absl::StrAppend(&text, error, "\n");
  }
  return text;
}

std::string LagRule(const std::string& more) {
  return "{alert: Behind, expr: max by (db) (lag_seconds) > 300" + more + "}";
}

// eu is behind and catches up while us, which was 5 s behind, is dark.
std::string LagTest(const std::string& expected) {
  return R"(
  - interval: 1m
    input_series:
      - {series: 'lag_seconds{db="a"}', values: '5x40', region: us}
      - {series: 'lag_seconds{db="a"}', values: '400x5 10x35', region: eu}
    outages: [{region: us, from: 5m, to: 30m}]
    alert_rule_test:
      - {eval_time: 4m, alertname: Behind, exp_alerts: [{exp_labels: {db: a}, exp_held: false}]}
)" + expected;
}

TEST(Assumption, AnAlertOfALagIsOverWhileTheDarkOneCannotBeSoFarBehind) {
  EXPECT_EQ(Outcome(LagRule(""), LagTest(R"(
      - {eval_time: 7m, alertname: Behind, exp_alerts: [{exp_labels: {db: a}, exp_held: true, exp_annotations: {synoptic_coverage: "holds without us (outage): between 400 and +Inf"}}]}
)")),
            "ok");
  EXPECT_EQ(Outcome(LagRule(", assume: [lag]"), LagTest(R"(
      - {eval_time: 5m, alertname: Behind, exp_alerts: [{exp_labels: {db: a}, exp_held: false, exp_annotations: {synoptic_coverage: "holds without us (outage): between 400 and +Inf; exactly 400 if lags grow by at most 1 s/s and the series are those of 60 s ago"}}]}
      - {eval_time: 7m, alertname: Behind, exp_alerts: []}
)")),
            "ok");
}

TEST(Assumption, WhatCouldHaveGrownPastTheThresholdIsUnknown) {
  // From 5 s on, 300 are passed 295 s after the last sample, which is of the fourth minute.
  const std::string test = R"(
  - interval: 1m
    input_series:
      - {series: 'lag_seconds{db="a"}', values: '5x40', region: us}
      - {series: 'lag_seconds{db="a"}', values: '400x8 10x35', region: eu}
    outages: [{region: us, from: 5m, to: 30m}]
    alert_rule_test:
      - {eval_time: 9m, alertname: Behind, exp_alerts: [{exp_labels: {db: a}, exp_held: true, exp_annotations: {synoptic_coverage: "holds without us (outage): between 400 and +Inf; exactly 400 if lags grow by at most 1 s/s and the series are those of 240 s ago"}}]}
)";
  EXPECT_EQ(Outcome(LagRule(", assume: [lag]"), test), "ok");
}

TEST(Assumption, AnAlertFiresByWhatChangedNoFasterThanItDid) {
  const std::string test = R"(
  - interval: 1m
    input_series:
      - {series: 'queue_jobs', values: '300+10x60', region: us}
      - {series: 'queue_jobs', values: '100x30 600x30', region: eu}
    outages: [{region: us, from: 31m}]
    alert_rule_test:
)";
  const auto rule = [](const std::string& more) {
    return "{alert: Full, expr: sum(queue_jobs) > 1000, annotations: {note: '{{ $assumes }}'}" +
           more + "}";
  };
  // The annotation holds what the dark queue can be: 600 in the 30th minute and 10 a minute.
  EXPECT_EQ(Outcome(rule(", assume: [change]"), test + R"(
      - eval_time: 32m
        alertname: Full
        exp_alerts:
          - exp_held: false
            exp_annotations:
              note: values change no faster than in the hour before and the series are those of 120 s ago
              synoptic_coverage: "holds without us (outage) if values change no faster than in the hour before and the series are those of 120 s ago: between 1180 and 1220"
)"),
            "ok");
  EXPECT_EQ(Outcome(rule(""), test + "      - {eval_time: 32m, alertname: Full}\n"), "ok");
}

TEST(Assumption, NothingIsAssumedOfWhatNeverMovedNorOfWhatIsLongAgo) {
  const std::string test = R"(
  - interval: 1m
    input_series:
      - {series: 'writer', values: '1x99', region: us}
      - {series: 'lag_seconds', values: '0x99', region: us}
      - {series: 'writer', values: '1x99', region: eu}
      - {series: 'lag_seconds', values: '9999x30 0x70', region: eu}
    outages: [{region: us, from: 31m, to: 80m}]
    alert_rule_test:
      - {eval_time: 32m, alertname: Two}
      - {eval_time: 33m, alertname: Behind, exp_alerts: []}
      - {eval_time: 62m, alertname: Behind, exp_alerts: []}
)";
  EXPECT_EQ(Outcome("{alert: Two, expr: sum(writer) > 1, assume: [change], for: 31m30s}, "
                    "{alert: Behind, expr: max(lag_seconds) > 9000, assume: [lag]}",
                    test),
            "ok");
}

TEST(Freshness, AnInputThatIsTooOldIsUnseenThoughItsRegionAnswers) {
  // The last sample of us is of the fifth minute; lookback shows it until the tenth.
  const auto outcome = [](const std::string& group, const std::string& expected) {
    const std::unique_ptr<Fs> fs = NewMemoryFs();
    EXPECT_TRUE(fs->WriteFileAtomically("r.yaml", "groups: [{name: g, " + group +
                                                      "rules: [{alert: Full, expr: "
                                                      "sum(queue_bytes) > 1000}]}]")
                    .ok());
    EXPECT_TRUE(fs->WriteFileAtomically("t.yaml", R"(
rule_files: [r.yaml]
tests:
  - interval: 1m
    input_series:
      - {series: 'queue_bytes', values: '700x5 _x60', region: us}
      - {series: 'queue_bytes', values: '400x60', region: eu}
    alert_rule_test:
      - {eval_time: 5m, alertname: Full, exp_alerts: [{exp_held: false}]}
)" + expected)
                    .ok());
    const auto report = RunRuleTests("t.yaml", *fs, {});
    if (!report.ok()) return std::string(MessageOf(report.status()));
    return std::string(report->ok() ? "ok" : absl::StrCat(report->cases[0].errors[0]));
  };
  EXPECT_EQ(outcome("", "      - {eval_time: 12m, alertname: Full}\n"), "ok");
  EXPECT_EQ(outcome("freshness: {max_age: 3m}, ", R"(
      - {eval_time: 8m, alertname: Full, exp_alerts: [{exp_held: false}]}
      - {eval_time: 9m, alertname: Full, exp_alerts: [{exp_held: true}]}
      - {eval_time: 12m, alertname: Full, exp_alerts: [{exp_held: true}]}
)"),
            "ok");
}

TEST(Assumption, LagsAreKnownByTheirNamesAndUnits) {
  struct Case {
    const char* expr;
    double per_second;
    const char* oldest;
  };
  for (const Case& c : std::vector<Case>{
           {"pg_replication_lag_seconds", 1, "timestamp(pg_replication_lag_seconds)"},
           {"max by (region, db) (lag_ms)", 1000, "min by (region, db) (timestamp(lag_ms))"},
           {"min(s3_replication_latency_minutes)", 1.0 / 60,
            "min(timestamp(s3_replication_latency_minutes))"},
           {"job:lag_s:max", 1, "timestamp(job:lag_s:max)"},
           {"replication_lag_millis", 1e3, "timestamp(replication_lag_millis)"},
           {"replication_lag_microseconds", 1e6, "timestamp(replication_lag_microseconds)"},
           {"apply_lag_us", 1e6, "timestamp(apply_lag_us)"},
           {"apply_delay_ns", 1e9, "timestamp(apply_delay_ns)"},
           {"backup_age_hours", 1.0 / 3600, "timestamp(backup_age_hours)"},
           {"mysql_slave_status_seconds_behind_master", 1,
            "timestamp(mysql_slave_status_seconds_behind_master)"},
           {"sum(lag_seconds)", 0, ""},
           {"lag_seconds offset 5m", 0, ""},
           {"lag_seconds > 5", 0, ""},
           {"rate(lag_seconds[5m])", 0, ""},
           {"kafka_consumer_lag_records", 0, ""},
           {"kafka_consumergroup_lag", 0, ""},
           {"aws_s3_replication_latency_maximum", 0, ""},
           {"lag_cycles", 0, ""},
           {"lag_seconds_count", 0, ""},
           {"lag_bytes_per_s", 0, ""},
           {"lag_ms_seconds", 0, ""},
           {"flags", 0, ""},
       }) {
    const auto tree = promql::ParseExpr(c.expr);
    ASSERT_TRUE(tree.ok()) << c.expr;
    const auto lag = AsLag(**tree);
    EXPECT_EQ(lag ? lag->per_second : 0, c.per_second) << c.expr;
    EXPECT_EQ(lag ? lag->oldest_sample : "", c.oldest) << c.expr;
  }
}

}  // namespace
}  // namespace synoptic::alerting
