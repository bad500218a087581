// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Every selector of a pack finds something in rules/<pack>/fixture.prom, which is made from what
// its exporters document: a rule over a metric that nobody exports never fires.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "alerting/packs/pack.h"
#include "promql/parse/parser.h"

namespace synoptic::alerting {
namespace {

using promql::As;
using promql::Expr;
using promql::ExprKind;

std::vector<promql::Labels> FixtureOf(const std::string& pack) {
  std::vector<promql::Labels> series;
  std::ifstream file("rules/" + pack + "/fixture.prom");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    const auto labels = promql::ParseMetric(line.substr(0, line.rfind(' ')));
    EXPECT_TRUE(labels.ok()) << pack << ": " << line << ": " << labels.status();
    if (labels.ok()) series.push_back(*labels);
  }
  return series;
}

void Selectors(const Expr& expr, std::vector<const promql::VectorSelector*>* out) {
  switch (expr.kind) {
    case ExprKind::kVectorSelector:
      return out->push_back(&As<promql::VectorSelector>(expr));
    case ExprKind::kMatrixSelector:
      return out->push_back(As<promql::MatrixSelector>(expr).selector.get());
    case ExprKind::kSubquery:
      return Selectors(*As<promql::Subquery>(expr).expr, out);
    case ExprKind::kCall:
      for (const auto& argument : As<promql::Call>(expr).args) Selectors(*argument, out);
      return;
    case ExprKind::kAggregate:
      return Selectors(*As<promql::Aggregate>(expr).expr, out);
    case ExprKind::kBinary:
      Selectors(*As<promql::Binary>(expr).lhs, out);
      return Selectors(*As<promql::Binary>(expr).rhs, out);
    case ExprKind::kUnary:
      return Selectors(*As<promql::Unary>(expr).expr, out);
    case ExprKind::kParen:
      return Selectors(*As<promql::Paren>(expr).expr, out);
    default:
      return;
  }
}

// The selectors of `expr` that match none of `fixture`, as text.
std::string Unknown(const std::string& text, const std::vector<promql::Labels>& fixture) {
  const auto tree = promql::ParseExpr(text);
  if (!tree.ok()) return tree.status().ToString();
  std::vector<const promql::VectorSelector*> selectors;
  Selectors(**tree, &selectors);
  std::string unknown;
  for (const promql::VectorSelector* selector : selectors) {
    const bool found = std::any_of(fixture.begin(), fixture.end(), [&](const promql::Labels& l) {
      return std::all_of(selector->matchers.begin(), selector->matchers.end(),
                         [&](const promql::Matcher& m) { return m.Matches(l); });
    });
    if (!found)
      unknown += text.substr(selector->pos.start, selector->pos.end - selector->pos.start) + "; ";
  }
  return unknown;
}

TEST(PackFixtures, HoldWhatEveryRuleSelects) {
  for (const Pack& pack : ShippedPacks()) {
    const std::vector<promql::Labels> fixture = FixtureOf(pack.name);
    ASSERT_FALSE(fixture.empty()) << pack.name;
    const auto groups = GroupsOf({.pack = &pack}, {}, {});
    ASSERT_TRUE(groups.ok()) << groups.status();
    for (const RuleGroup& group : *groups) {
      for (const Rule& rule : group.rules) {
        EXPECT_EQ(Unknown(rule.expr, fixture), "") << pack.name << " " << rule.name();
      }
    }
  }
}

TEST(PackFixtures, AMetricThatNobodyExportsIsFound) {
  const std::vector<promql::Labels> fixture = FixtureOf("redis");
  EXPECT_EQ(Unknown("redis_key_size > 1 and redis_no_such > 2", fixture), "redis_no_such; ");
  EXPECT_EQ(Unknown("rate(redis_key_size{key=\"other\"}[5m])", fixture),
            "redis_key_size{key=\"other\"}; ");
}

}  // namespace
}  // namespace synoptic::alerting
