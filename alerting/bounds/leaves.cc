// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/bounds/leaves.h"

#include <algorithm>

#include "promql/parse/printer.h"
#include "promql/plan/locality.h"

namespace synoptic::alerting {
namespace {

using promql::Aggregate;
using promql::AggregateOp;
using promql::Expr;
using promql::ExprKind;
using promql::Locality;
using promql::NameSet;
using promql::Placement;

bool Decomposes(AggregateOp op) {
  return op == AggregateOp::kSum || op == AggregateOp::kMin || op == AggregateOp::kMax ||
         op == AggregateOp::kCount || op == AggregateOp::kGroup;
}

class Planner {
 public:
  Planner(const promql::Topology& topology, const promql::ShardSet& dark, const NameSet& declared,
          LeafPlan& plan)
      : shard_(topology, Locality::kShard),
        region_(topology, Locality::kRegion),
        dark_(dark),
        declared_(declared),
        plan_(plan) {}

  void Visit(const Expr& expr) {
    const promql::ValueType type = promql::TypeOf(expr);
    if (type == promql::ValueType::kVector && Whole(expr)) return;
    if (type == promql::ValueType::kScalar && expr.kind == ExprKind::kCall && Unaffected(expr)) {
      Leaf& leaf = Add(expr, promql::Print(expr));
      leaf.unaffected = true;
      return;
    }
    if (expr.kind == ExprKind::kAggregate && Share(promql::As<Aggregate>(expr))) return;
    if (expr.kind == ExprKind::kCall && Presence(promql::As<promql::Call>(expr))) return;
    // Nothing is judged below a range: evaluate.h does not look there.
    if (expr.kind == ExprKind::kSubquery || expr.kind == ExprKind::kMatrixSelector) return;
    for (const Expr* child : promql::Children(expr)) Visit(*child);
  }

 private:
  Leaf& Add(const Expr& expr, std::string text) {
    plan_.at[&expr] = plan_.leaves.size();
    Leaf& leaf = plan_.leaves.emplace_back();
    leaf.text = std::move(text);
    return leaf;
  }

  bool Unaffected(const Expr& expr) {
    return promql::Intersection(shard_.Of(expr).all_shards, dark_).empty();
  }

  // The placement by which the expression is the union of its shares; null: by none.
  const Placement* Exact(const Expr& expr, bool* by_region) {
    const Placement& shard = shard_.Of(expr);
    *by_region = !shard.exact;
    if (shard.exact) return &shard;
    const Placement& region = region_.Of(expr);
    return region.exact ? &region : nullptr;
  }

  void Place(const Placement& placement, bool by_region, Leaf& leaf) {
    leaf.tags = placement.tags;
    leaf.shards = placement.shards;
    leaf.by_region = by_region;
  }

  bool Whole(const Expr& expr) {
    if (!shard_.Of(expr).has_data) return false;
    bool by_region = false;
    const bool unaffected = Unaffected(expr);
    const Placement* placement = unaffected ? nullptr : Exact(expr, &by_region);
    if (!unaffected && placement == nullptr) return false;
    Leaf& leaf = Add(expr, promql::Print(expr));
    leaf.unaffected = unaffected;
    leaf.nonnegative = NeverNegative(expr, declared_);
    leaf.finite = AlwaysFinite(expr);
    if (placement != nullptr) Place(*placement, by_region, leaf);
    return true;
  }

  bool Share(const Aggregate& aggregate) {
    bool by_region = false;
    if (!Decomposes(aggregate.op) || !shard_.Of(*aggregate.expr).has_data) return false;
    const Placement* inner = Exact(*aggregate.expr, &by_region);
    if (inner == nullptr) return false;
    const promql::ExprPtr copy = promql::Clone(aggregate);
    auto& share = promql::As<Aggregate>(*copy);
    const NameSet grouping = promql::ToNameSet(aggregate.grouping);
    const NameSet wanted = aggregate.without ? promql::Difference(grouping, inner->tags)
                                             : promql::Union(grouping, inner->tags);
    share.grouping.assign(wanted.begin(), wanted.end());
    Leaf& leaf = Add(aggregate, promql::Print(share));
    Place(*inner, by_region, leaf);
    leaf.partial = true;
    leaf.only_known = !aggregate.without;
    if (leaf.only_known) leaf.only = wanted;
    leaf.nonnegative = NeverNegative(aggregate, declared_);
    leaf.finite = AlwaysFinite(aggregate);
    return true;
  }

  // absent(x), absent_over_time(x[..]): whether anything of x is seen.
  bool Presence(const promql::Call& call) {
    using promql::FunctionId;
    const FunctionId id = call.function->id;
    if (id != FunctionId::kAbsent && id != FunctionId::kAbsentOverTime) return false;
    const std::string inner = promql::Print(*call.args[0]);
    Leaf& leaf = Add(call, id == FunctionId::kAbsent ? "group(" + inner + ")"
                                                     : "group(count_over_time(" + inner + "))");
    leaf.presence = true;
    return true;
  }

  promql::LocalityAnalysis shard_;
  promql::LocalityAnalysis region_;
  const promql::ShardSet& dark_;
  const NameSet& declared_;
  LeafPlan& plan_;
};

}  // namespace

LeafPlan PlanLeaves(promql::ExprPtr tree, const promql::Topology& topology,
                    const promql::ShardSet& dark, const NameSet& non_negative) {
  LeafPlan plan;
  plan.tree = std::move(tree);
  Planner(topology, dark, non_negative, plan).Visit(*plan.tree);
  return plan;
}

}  // namespace synoptic::alerting
