// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/placement.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/status.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"
#include "promql/plan/locality.h"
#include "promql/plan/shard_text.h"

namespace synoptic::alerting {
namespace {

using promql::Expr;

promql::ExprPtr Parsed(const Rule& rule) {
  promql::ParseOptions language;
  language.experimental_functions = true;
  language.binop_fill_modifiers = true;
  language.unquoted_utf8_names = true;
  auto parsed = promql::ParseExpr(rule.expr, language);
  return parsed.ok() ? *std::move(parsed) : nullptr;
}

bool HasFixedTime(const Expr& expr) {
  using AtKind = promql::TimeModifiers::AtKind;
  if (expr.kind == promql::ExprKind::kVectorSelector &&
      promql::As<promql::VectorSelector>(expr).time.at != AtKind::kNone) {
    return true;
  }
  if (expr.kind == promql::ExprKind::kSubquery &&
      promql::As<promql::Subquery>(expr).time.at != AtKind::kNone) {
    return true;
  }
  const auto children = promql::Children(expr);
  return std::any_of(children.begin(), children.end(),
                     [](const Expr* child) { return HasFixedTime(*child); });
}

// A label that Prometheus would set on an alert only when it leaves.
bool SetsTopologyLabel(const Rule& rule, const promql::NameSet& names) {
  return std::any_of(rule.labels.begin(), rule.labels.end(),
                     [&names](const auto& label) { return promql::Contains(names, label.first); });
}

struct Need {
  Tier tier = Tier::kGlobal;
  std::string reason;
};

Need NeedOf(const Rule& rule, const promql::Topology& topology, bool at_prometheus) {
  const promql::ExprPtr tree = Parsed(rule);
  if (tree == nullptr) return {Tier::kGlobal, "its expression cannot be read"};
  promql::LocalityAnalysis shard(topology, promql::Locality::kShard);
  promql::LocalityAnalysis region(topology, promql::Locality::kRegion);
  const promql::Placement& at_shard = shard.Of(*tree);
  const promql::Placement& at_region = region.Of(*tree);
  if (!at_shard.has_data && topology.shards.size() > 1) {
    return {Tier::kGlobal, "reads no series: one place decides it"};
  }
  if (!at_region.exact) return {Tier::kGlobal, at_region.reason};
  if (!at_shard.exact) return {Tier::kRegional, at_shard.reason};
  if (!at_prometheus) return {Tier::kLocal, "one shard decides it"};
  if (!rule.clear.empty()) return {Tier::kRegional, "Prometheus has no clear"};
  if (rule.expect) return {Tier::kRegional, "Prometheus has no expect"};
  if (!rule.rolls_up_to.empty()) return {Tier::kRegional, "Prometheus has no rolls_up_to"};
  if (HasFixedTime(*tree)) return {Tier::kRegional, "a fixed time (@) is resolved here"};
  if (SetsTopologyLabel(rule, topology.LabelNames())) {
    return {Tier::kRegional, "sets a label that tells regions apart"};
  }
  if (at_shard.tags != topology.LabelNames()) {
    return {Tier::kRegional, "loses a label that its Prometheus would set on what leaves"};
  }
  return {Tier::kLocal, "one shard decides it"};
}

bool ReadsName(const Expr& expr, const std::string& name) {
  if (expr.kind == promql::ExprKind::kVectorSelector) {
    const auto& matchers = promql::As<promql::VectorSelector>(expr).matchers;
    return std::all_of(matchers.begin(), matchers.end(), [&name](const promql::Matcher& matcher) {
      return matcher.name() != promql::kMetricName || matcher.Matches(name);
    });
  }
  const auto children = promql::Children(expr);
  return std::any_of(children.begin(), children.end(),
                     [&name](const Expr* child) { return ReadsName(*child, name); });
}

// A tier that is said is kept to where it can be; one that is said of the whole group, always.
Tier Placed(const RuleGroup& group, const Rule& rule, Tier needs) {
  if (group.tier) return *group.tier;
  return std::max(rule.tier.value_or(needs), needs);
}

bool RegionsHaveShards(const promql::Topology& topology) {
  std::set<std::string_view> regions;
  for (const promql::TopologyShard& shard : topology.shards) regions.insert(shard.region);
  return regions.size() < topology.shards.size();
}

// `sharded`: a region is more than one of its servers.
std::string Warning(const RuleGroup& group, const RulePlacement& placed, bool sharded) {
  const Rule& rule = group.rules[placed.rule];
  // What is said of a region is said of its one server.
  if (!group.tier && !sharded && placed.tier == Tier::kRegional) return "";
  if (placed.tier > placed.needs) {
    return fmt::format(
        "placed at the {} tier, though the {} one can decide it: it goes quiet when "
        "something else is lost",
        TierName(placed.tier), TierName(placed.needs));
  }
  if (placed.tier < placed.needs) {
    return fmt::format("placed at the {} tier, which cannot decide it: {}", TierName(placed.tier),
                       placed.reason);
  }
  if (!group.tier && rule.tier && *rule.tier < placed.tier) {
    return fmt::format("says it is of the {} tier, which cannot decide it: {}",
                       TierName(*rule.tier), placed.reason);
  }
  return "";
}

// A rule cannot be decided below where its input is recorded.
bool Raise(const std::vector<RuleGroup>& groups, const std::vector<promql::ExprPtr>& trees,
           std::vector<RulePlacement>& placed) {
  bool changed = false;
  for (const RulePlacement& recorder : placed) {
    const Rule& source = groups[recorder.group].rules[recorder.rule];
    const Tier tier = std::max(recorder.tier, recorder.needs);
    if (source.alerting() || tier == Tier::kLocal) continue;
    for (size_t i = 0; i < placed.size(); ++i) {
      if (placed[i].needs >= tier || trees[i] == nullptr || &placed[i] == &recorder) continue;
      if (!ReadsName(*trees[i], source.record)) continue;
      placed[i].needs = tier;
      placed[i].reason =
          fmt::format("reads {}, which is recorded at the {} tier", source.record, TierName(tier));
      placed[i].tier =
          Placed(groups[placed[i].group], groups[placed[i].group].rules[placed[i].rule], tier);
      changed = true;
    }
  }
  return changed;
}

}  // namespace

std::vector<RulePlacement> PlaceRules(const std::vector<RuleGroup>& groups,
                                      const promql::Topology& topology, bool at_prometheus) {
  std::vector<RulePlacement> placed;
  std::vector<promql::ExprPtr> trees;
  for (size_t g = 0; g < groups.size(); ++g) {
    for (size_t r = 0; r < groups[g].rules.size(); ++r) {
      Need need = NeedOf(groups[g].rules[r], topology, at_prometheus);
      const Tier tier = Placed(groups[g], groups[g].rules[r], need.tier);
      if (groups[g].rules[r].at_each_place) need.reason += ", asked of each place by itself";
      placed.push_back({g, r, need.tier, tier, std::move(need.reason), ""});
      trees.push_back(Parsed(groups[g].rules[r]));
    }
  }
  while (Raise(groups, trees, placed)) {
  }
  const bool sharded = RegionsHaveShards(topology);
  for (RulePlacement& one : placed) one.warning = Warning(groups[one.group], one, sharded);
  return placed;
}

std::string LocalText(const Rule& rule, const promql::Topology& topology, size_t shard,
                      int64_t subquery_step_ms) {
  promql::ExprPtr tree = Parsed(rule);
  if (tree == nullptr) return "";
  promql::LocalityAnalysis locality(topology, promql::Locality::kShard);
  const promql::ShardSet& shards = locality.Of(*tree).shards;
  if (std::find(shards.begin(), shards.end(), static_cast<int>(shard)) == shards.end()) return "";
  auto ready = promql::Preprocess(std::move(tree), promql::Grid::Instant(0));
  if (!ready.ok()) return "";
  return promql::TextAt(**ready, topology.shards[shard].labels, topology.LabelNames(),
                        subquery_step_ms);
}

}  // namespace synoptic::alerting
