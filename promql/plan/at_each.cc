// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/plan/at_each.h"

#include <algorithm>

namespace synoptic::promql {
namespace {

// `listed` are the labels that are kept (by, on), or those that are not (without, ignoring).
void Keep(const NameSet& labels, bool kept, std::vector<std::string>& listed) {
  std::erase_if(listed, [&](const std::string& name) { return Contains(labels, name); });
  if (kept) listed.insert(listed.end(), labels.begin(), labels.end());
}

void Apply(const NameSet& labels, Expr& expr) {
  if (expr.kind == ExprKind::kAggregate) {
    auto& aggregate = As<Aggregate>(expr);
    Keep(labels, !aggregate.without, aggregate.grouping);
  } else if (expr.kind == ExprKind::kBinary) {
    if (auto& matching = As<Binary>(expr).matching; matching) {
      Keep(labels, matching->on, matching->labels);
      // They are equal on both sides: nothing to copy.
      Keep(labels, false, matching->include);
    }
  }
  for (Expr* child : Children(expr)) Apply(labels, *child);
}

}  // namespace

NameSet UnitLabels(const Topology& topology, Locality level) {
  NameSet labels = topology.LabelNames();
  if (level == Locality::kShard) return labels;
  std::erase_if(labels, [&](const std::string& name) {
    const auto differs = [&](const TopologyShard& a, const TopologyShard& b) {
      return a.region == b.region && a.labels.Get(name) != b.labels.Get(name);
    };
    return std::any_of(topology.shards.begin(), topology.shards.end(), [&](const auto& a) {
      return std::any_of(topology.shards.begin(), topology.shards.end(),
                         [&](const auto& b) { return differs(a, b); });
    });
  });
  return labels;
}

ExprPtr AtEach(const Expr& expr, const NameSet& labels) {
  ExprPtr clone = Clone(expr);
  Apply(labels, *clone);
  return clone;
}

}  // namespace synoptic::promql
