// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/said_tier.h"

#include <algorithm>

#include "promql/parse/parser.h"
#include "promql/parse/printer.h"
#include "promql/plan/at_each.h"
#include "promql/plan/locality.h"

namespace synoptic::alerting {
namespace {

std::optional<Tier> LabelledTier(const Rule& rule) {
  const auto label = rule.labels.find("tier");
  if (label == rule.labels.end()) return std::nullopt;
  for (const Tier tier : {Tier::kLocal, Tier::kRegional, Tier::kGlobal}) {
    if (label->second == TierName(tier)) return tier;
  }
  return std::nullopt;
}

// What all alerts of a group say, if they do.
std::optional<Tier> TierOfAlerts(const RuleGroup& group) {
  std::optional<Tier> said;
  for (const Rule& rule : group.rules) {
    if (!rule.alerting()) continue;
    const std::optional<Tier> tier = LabelledTier(rule);
    if (!tier || (said && *said != *tier)) return std::nullopt;
    said = tier;
  }
  return said;
}

promql::ExprPtr Parsed(const std::string& text) {
  promql::ParseOptions language;
  language.experimental_functions = true;
  language.binop_fill_modifiers = true;
  language.unquoted_utf8_names = true;
  auto parsed = promql::ParseExpr(text, language);
  return parsed.ok() ? *std::move(parsed) : nullptr;
}

std::string TextAtEach(const std::string& text, const promql::NameSet& labels) {
  const promql::ExprPtr tree = text.empty() ? nullptr : Parsed(text);
  return tree == nullptr ? text : promql::Print(*promql::AtEach(*tree, labels));
}

void AskAtEach(Rule& rule, Tier tier, const promql::Topology& topology) {
  const auto level = tier == Tier::kLocal ? promql::Locality::kShard : promql::Locality::kRegion;
  const promql::NameSet labels = promql::UnitLabels(topology, level);
  // A label of that name that the rule sets would hide the place.
  const auto hidden = [&](const std::string& name) { return rule.labels.contains(name); };
  if (std::any_of(labels.begin(), labels.end(), hidden)) return;
  const promql::ExprPtr tree = Parsed(rule.expr);
  if (tree == nullptr) return;
  const promql::ExprPtr each = promql::AtEach(*tree, labels);
  const promql::Locality locality = promql::LocalityOf(*each, topology);
  if (locality > level) return;
  rule.expr = promql::Print(*each);
  rule.locality = locality;
  rule.clear = TextAtEach(rule.clear, labels);
  rule.clear_question = TextAtEach(rule.clear_question, labels);
  rule.at_each_place = true;
}

}  // namespace

void HonourTiers(RuleGroup& group, const promql::Topology& topology) {
  if (topology.shards.empty()) return;
  const std::optional<Tier> of_alerts = TierOfAlerts(group);
  for (Rule& rule : group.rules) {
    rule.tier = LabelledTier(rule);
    if (!rule.tier && !rule.alerting()) rule.tier = of_alerts;
    const std::optional<Tier> said = group.tier ? group.tier : rule.tier;
    if (said && *said < TierOf(rule.locality)) AskAtEach(rule, *said, topology);
  }
}

}  // namespace synoptic::alerting
