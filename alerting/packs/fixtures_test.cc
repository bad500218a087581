// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Every selector of a pack finds something in rules/<pack>/fixture.prom, which is made from what
// its exporters document, in Prometheus' text format: a rule over a metric that nobody exports
// never fires, nor does one that asks a gauge for a rate or groups by a label that is not there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "alerting/packs/pack.h"
#include "promql/parse/parser.h"

namespace synoptic::alerting {
namespace {

using promql::As;
using promql::Expr;
using promql::ExprKind;

struct Fixture {
  std::vector<promql::Labels> series;
  std::map<std::string, std::string> types;  // by name of a metric
  std::vector<std::string> comments;

  // Of histograms the parts are.
  std::string TypeOf(const std::string& name) const {
    for (const std::string_view part : {"_bucket", "_count", "_sum"}) {
      const size_t whole = name.size() - std::min(name.size(), part.size());
      const auto family = types.find(name.substr(0, whole));
      if (name.ends_with(part) && family != types.end()) return family->second;
    }
    const auto it = types.find(name);
    return it == types.end() ? "" : it->second;
  }
};

Fixture FixtureOf(const std::string& pack) {
  Fixture fixture;
  std::ifstream file("rules/" + pack + "/fixture.prom");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("# TYPE ")) {
      std::istringstream words(line.substr(7));
      std::string name, type;
      words >> name >> type;
      EXPECT_THAT(type, testing::AnyOf("gauge", "counter", "untyped", "histogram")) << line;
      EXPECT_TRUE(fixture.types.emplace(name, type).second) << pack << ": " << line << ": twice";
    } else if (line.starts_with('#')) {
      fixture.comments.push_back(line);
    }
    if (line.empty() || line.front() == '#') continue;
    const auto labels = promql::ParseMetric(line.substr(0, line.rfind(' ')));
    EXPECT_TRUE(labels.ok()) << pack << ": " << line << ": " << labels.status();
    if (!labels.ok()) continue;
    fixture.series.push_back(*labels);
    EXPECT_NE(fixture.TypeOf(std::string(labels->Get(promql::kMetricName))), "")
        << pack << ": " << line << ": no type";
  }
  return fixture;
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
std::string Unknown(const std::string& text, const Fixture& all) {
  const std::vector<promql::Labels>& fixture = all.series;
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

// Functions that take a counter where they get a gauge, and the reverse; "" when all is well.
void Misuses(const Expr& expr, const Fixture& fixture, std::string* out) {
  if (expr.kind == ExprKind::kCall) {
    const auto& call = As<promql::Call>(expr);
    const std::string name(call.function->name);
    const bool counts = name == "rate" || name == "increase" || name == "irate";
    const bool moves = name == "deriv" || name == "delta" || name == "predict_linear";
    std::vector<const promql::VectorSelector*> selectors;
    if (counts || moves) Selectors(expr, &selectors);
    for (const promql::VectorSelector* selector : selectors) {
      for (const promql::Labels& series : fixture.series) {
        const bool matches =
            std::all_of(selector->matchers.begin(), selector->matchers.end(),
                        [&](const promql::Matcher& m) { return m.Matches(series); });
        if (!matches) continue;
        const std::string metric(series.Get(promql::kMetricName));
        const std::string type = fixture.TypeOf(metric);
        if (type == (counts ? "gauge" : "counter"))
          out->append(name).append(" of ").append(metric).append("; ");
      }
    }
  }
  for (const Expr* child : promql::Children(expr)) Misuses(*child, fixture, out);
}

// Labels that `expr` groups or matches by, and those that it makes itself.
void LabelsIn(const Expr& expr, std::set<std::string>* used, std::set<std::string>* made) {
  if (expr.kind == ExprKind::kAggregate) {
    const auto& grouping = As<promql::Aggregate>(expr).grouping;
    used->insert(grouping.begin(), grouping.end());
  } else if (expr.kind == ExprKind::kBinary && As<promql::Binary>(expr).matching) {
    const auto& labels = As<promql::Binary>(expr).matching->labels;
    used->insert(labels.begin(), labels.end());
  } else if (expr.kind == ExprKind::kCall) {
    const auto& call = As<promql::Call>(expr);
    const std::string_view name = call.function->name;
    if (name == "label_replace" || name == "label_join") {
      made->insert(As<promql::StringLiteral>(*call.args[1]).value);
    }
  }
  for (const Expr* child : promql::Children(expr)) LabelsIn(*child, used, made);
}

// Labels of `text` that are in no series of the fixture.
std::string UnknownLabels(const std::string& text, const Fixture& fixture) {
  const auto tree = promql::ParseExpr(text);
  if (!tree.ok()) return tree.status().ToString();
  // What scrape configurations and regions add; README.md of the packs names them.
  std::set<std::string> known = {"region", "instance", "job", "cluster", "shard"};
  for (const promql::Labels& series : fixture.series) {
    for (const promql::Label label : series) known.emplace(label.name);
  }
  std::set<std::string> used;
  LabelsIn(**tree, &used, &known);
  std::string unknown;
  for (const std::string& label : used) {
    if (!known.contains(label)) unknown += label + "; ";
  }
  return unknown;
}

std::string MisusesIn(const std::string& text, const Fixture& fixture) {
  const auto tree = promql::ParseExpr(text);
  std::string misuses;
  if (tree.ok()) Misuses(**tree, fixture, &misuses);
  return misuses;
}

TEST(PackFixtures, HoldWhatEveryRuleSelects) {
  for (const Pack& pack : ShippedPacks()) {
    const Fixture fixture = FixtureOf(pack.name);
    ASSERT_FALSE(fixture.series.empty()) << pack.name;
    const auto groups = GroupsOf({.pack = &pack}, {}, {});
    ASSERT_TRUE(groups.ok()) << groups.status();
    for (const RuleGroup& group : *groups) {
      for (const Rule& rule : group.rules) {
        EXPECT_EQ(Unknown(rule.expr, fixture), "") << pack.name << " " << rule.name();
        EXPECT_EQ(MisusesIn(rule.expr, fixture), "") << pack.name << " " << rule.name();
        EXPECT_EQ(UnknownLabels(rule.expr, fixture), "") << pack.name << " " << rule.name();
      }
    }
  }
}

// A fixture says whose output it shows, and of which version, for whoever compares it with a newer
// one.
TEST(PackFixtures, NameTheirExportersAndVersions) {
  for (const Pack& pack : ShippedPacks()) {
    if (pack.name == "flows" || pack.name == "capacity") continue;  // series of other packs
    const Fixture fixture = FixtureOf(pack.name);
    const bool named = std::any_of(
        fixture.comments.begin(), fixture.comments.end(), [](const std::string& comment) {
          return RE2::PartialMatch(comment, R"((exporter|Prometheus|Karpenter|metrics) \d+\.\d+)");
        });
    EXPECT_TRUE(named) << pack.name;
  }
}

TEST(PackFixtures, AMetricThatNobodyExportsIsFound) {
  const Fixture fixture = FixtureOf("redis");
  EXPECT_EQ(Unknown("redis_key_size > 1 and redis_no_such > 2", fixture), "redis_no_such; ");
  EXPECT_EQ(Unknown("rate(redis_key_size{key=\"other\"}[5m])", fixture),
            "redis_key_size{key=\"other\"}; ");
}

TEST(PackFixtures, ARateOfAGaugeAndALabelThatIsNotThereAreFound) {
  const Fixture fixture = FixtureOf("redis");
  EXPECT_EQ(MisusesIn("sum(rate(redis_key_size[5m]))", fixture), "rate of redis_key_size; ");
  EXPECT_EQ(MisusesIn("deriv(redis_key_size[5m])", fixture), "");
  EXPECT_EQ(MisusesIn("deriv(cache_invalidations_sent_total[5m])", FixtureOf("sqs")),
            "deriv of cache_invalidations_sent_total; ");
  EXPECT_EQ(MisusesIn("rate(cache_invalidation_delay_seconds_bucket[5m])", FixtureOf("sqs")), "");
  EXPECT_EQ(UnknownLabels("sum by (region, keys) (redis_key_size)", fixture), "keys; ");
  EXPECT_EQ(
      UnknownLabels("sum by (k) (label_replace(redis_key_size, \"k\", \"$1\", \"key\", \"(.*)\"))",
                    fixture),
      "");
}

}  // namespace
}  // namespace synoptic::alerting
