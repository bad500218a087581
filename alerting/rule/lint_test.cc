// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/lint.h"

#include <gtest/gtest.h>

#include "alerting/rule/said_tier.h"
#include "promql/parse/parser.h"
#include "promql/plan/locality.h"

namespace synoptic::alerting {
namespace {

std::string IdsOf(const std::string& expr, std::map<std::string, std::string> labels = {}) {
  promql::Topology topology;
  for (const char* region : {"eu", "us"}) {
    topology.shards.push_back({region, "main", promql::Labels::From({{"region", region}})});
  }
  RuleGroup group;
  group.on_partial = OnPartial::kEvaluate;
  Rule& rule = group.rules.emplace_back();
  rule.alert = "A";
  rule.expr = expr;
  rule.labels = std::move(labels);
  if (const auto parsed = promql::ParseExpr(expr); parsed.ok()) {
    rule.locality = promql::LocalityOf(**parsed, topology);
  }
  HonourTiers(group, topology);
  std::string ids;
  for (const LintNote& note : LintRules({group}, PlaceRules({group}, topology))) {
    ids += (ids.empty() ? "" : " ") + note.id;
  }
  return ids;
}

TEST(Lint, FindsWhatLoadsAndIsWrong) {
  const struct {
    const char* expr;
    const char* ids;
  } kCases[] = {
      {"up == 0", ""},
      {"aws_rds_replica_lag_maximum > 300", "L01"},
      {"aws_rds_replica_lag_maximum < 0", ""},
      {"rate(aws_sqs_number_of_messages_sent_sum[10m]) > 5", "L04"},
      {"rate(http_request_duration_seconds_sum[5m]) > 5", ""},
      {"sum(pg_replication_lag_seconds) > 60", "L06"},
      {"max(pg_replication_lag_seconds) > 60", ""},
      {"avg(rate(a_total[5m]) / rate(b_total[5m])) > 1", "L07"},
      {"absent(up{job=\"x\"})", "L14"},
      {"changes(hints_count[1m]) > 3", "L15"},
      {"changes(hints_count[5m]) > 3", ""},
      {"x{reason=\"InsufficientInstanceCapacity\"} > 0", "L26"},
      {"topk(3, lag) > 5", "L27"},
      {"sum(topk(2, lag)) > 5", ""},
      {"predict_linear(x[30s], 3600) > 5", "L28"},
      {"(count(x) or vector(0)) < 1", "L33"},
      {"delta(redis_connected_slaves[1m]) < 0", "L34"},
      {"deriv({__name__=~\"a_(x|y)\"}[15m]) > 0", "L35"},
  };
  for (const auto& c : kCases) EXPECT_EQ(IdsOf(c.expr), c.ids) << c.expr;
  EXPECT_EQ(IdsOf("up == 0", {{"severity", "page"}}), "L25");
  EXPECT_EQ(IdsOf("sum(lag) > 5", {{"tier", "local"}}), "");
  EXPECT_EQ(IdsOf("lag > scalar(sum(lag))", {{"tier", "local"}}), "L12");
  EXPECT_EQ(IdsOf("lag > 5", {{"tier", "global"}}), "L12");
}

TEST(Lint, ALagOfAnUnknownUnitIsNotAssumedAnythingOf) {
  const auto notes = [](const std::string& expr, bool lag) {
    RuleGroup group;
    Rule& rule = group.rules.emplace_back();
    rule.alert = "A";
    rule.expr = expr;
    rule.assume.lag = lag;
    std::string text;
    for (const LintNote& note : LintRules({group}, PlaceRules({group}, {}))) {
      text += note.id + ": " + note.text + "\n";
    }
    return text;
  };
  const std::string what =
      "L36: `assume: [lag]` assumes nothing of kafka_consumergroup_lag, whose name says no unit of "
      "time (_seconds, _ms, ...)\n";
  EXPECT_EQ(notes("max(kafka_consumergroup_lag) > 5", true), what);
  EXPECT_EQ(notes("max(kafka_consumergroup_lag) > 5", false), "");
  EXPECT_EQ(notes("max(lag_seconds) > 5 and on () x > 1", true), "");
}

}  // namespace
}  // namespace synoptic::alerting
