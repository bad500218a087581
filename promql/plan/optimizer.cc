// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The list of rules and the walk that tries them: from the top of the tree down, the first rule
// that takes a node settles everything below it.

#include <array>

#include "promql/plan/rule.h"
#include "promql/plan/verify.h"

#include "base/status.h"

namespace synoptic::promql {
namespace {

struct Rule {
  const char* name;
  RuleFunction apply;
  bool pushes;  // off with PlanOptions::pushdown
};

// In order of preference at one node.
constexpr std::array kRules = {
    Rule{"push_reducing", PushReducing, true}, Rule{"split_aggregate", SplitAggregate, true},
    Rule{"split_average", SplitAverage, true}, Rule{"push_series", PushSeries, true},
    Rule{"fetch_raw", FetchRaw, false},
};

bool IsWrapper(const Expr& expr) {
  return expr.kind == ExprKind::kParen || expr.kind == ExprKind::kStepInvariant;
}

absl::Status VerifyNew(const PlanContext& context, size_t first, const Rule& rule) {
  for (size_t i = first; i < context.plan.fetches.size(); ++i) {
    const absl::Status status = VerifyFetch(context.plan.fetches[i], context.topology);
    if (!status.ok()) return Annotate(status, rule.name);
  }
  return absl::OkStatus();
}

absl::Status Optimize(const Site& site, PlanContext& context);

// The owning pointers of a node's children, in order of evaluation.
std::vector<ExprPtr*> ChildSlots(Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kSubquery:
      return {&As<Subquery>(expr).expr};
    case ExprKind::kCall: {
      std::vector<ExprPtr*> slots;
      for (ExprPtr& arg : As<Call>(expr).args) slots.push_back(&arg);
      return slots;
    }
    case ExprKind::kAggregate:
      if (As<Aggregate>(expr).param != nullptr) {
        return {&As<Aggregate>(expr).param, &As<Aggregate>(expr).expr};
      }
      return {&As<Aggregate>(expr).expr};
    case ExprKind::kBinary:
      return {&As<Binary>(expr).lhs, &As<Binary>(expr).rhs};
    case ExprKind::kUnary:
      return {&As<Unary>(expr).expr};
    case ExprKind::kParen:
      return {&As<Paren>(expr).expr};
    case ExprKind::kStepInvariant:
      return {&As<StepInvariant>(expr).expr};
    default:
      return {};
  }
}

absl::Status OptimizeBelow(Expr& expr, const Expr* parent, const Scope& scope,
                           PlanContext& context) {
  const Scope below = Below(scope, expr, context.options);
  // What a wrapper holds still hangs on the node above it.
  const Expr* above = IsWrapper(expr) ? parent : &expr;
  for (ExprPtr* slot : ChildSlots(expr)) {
    RETURN_IF_ERROR(Optimize({*slot, above, below}, context));
  }
  return absl::OkStatus();
}

absl::Status Optimize(const Site& site, PlanContext& context) {
  if (!IsWrapper(*site.node)) {
    for (const Rule& rule : kRules) {
      if (rule.pushes && !context.options.pushdown) continue;
      const size_t first = context.plan.fetches.size();
      if (rule.apply(site, context)) return VerifyNew(context, first, rule);
    }
  }
  const std::string_view above = context.why_raw;
  if (site.node->kind == ExprKind::kAggregate) {
    const std::string_view why = WhyNotSplit(As<Aggregate>(*site.node).op);
    if (!why.empty()) context.why_raw = why;
  }
  RETURN_IF_ERROR(OptimizeBelow(*site.node, site.parent, site.scope, context));
  context.why_raw = above;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Plan> MakePlan(ExprPtr expr, const Topology& topology, const PlanOptions& options) {
  Plan plan;
  Topology others = topology;
  if (options.own != nullptr && options.own->shard >= 0) others.shards.pop_back();
  plan.locality = LocalityOf(*expr, others);
  LocalityAnalysis locality(topology, Locality::kShard, options.own);
  PlanContext context{topology, options, locality, plan};
  plan.root = std::move(expr);
  RETURN_IF_ERROR(Optimize({plan.root, nullptr, RootScope(options)}, context));
  MergeFetches(plan);
  RETURN_IF_ERROR(Annotate(VerifyPlan(plan, topology, options), "merge_fetches"));
  return plan;
}

}  // namespace synoptic::promql
