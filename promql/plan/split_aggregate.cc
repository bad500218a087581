// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "promql/plan/language.h"
#include "promql/plan/rule.h"

namespace synoptic::promql {
namespace {

// What combines partial results of `op`.
std::optional<AggregateOp> Combiner(AggregateOp op) {
  switch (op) {
    case AggregateOp::kSum:
    case AggregateOp::kCount:
    case AggregateOp::kCountValues:
      return AggregateOp::kSum;
    case AggregateOp::kMin:
    case AggregateOp::kMax:
    case AggregateOp::kGroup:
    // The k first of all are among the k first of each shard.
    case AggregateOp::kTopk:
    case AggregateOp::kBottomk:
      return op;
    default:
      return std::nullopt;
  }
}

bool KeepsParameter(AggregateOp op) {
  return op == AggregateOp::kTopk || op == AggregateOp::kBottomk;
}

// What must hold of the operand, and of the label that count_values writes.
bool Splittable(const Aggregate& aggregate, const Scope& scope, PlanContext& context) {
  if (!Pushable(*aggregate.expr, scope, context)) return false;
  if (!ForeignNode(aggregate, context.locality).empty()) return false;
  if (HoldsHistograms(aggregate, context)) return false;
  if (aggregate.param == nullptr) return true;
  if (context.locality.Of(*aggregate.param).has_data) return false;
  if (aggregate.op != AggregateOp::kCountValues) return true;
  const Expr& label = Unwrap(*aggregate.param);
  return label.kind == ExprKind::kString &&
         !context.locality.Touches(As<StringLiteral>(label).value);
}

std::unique_ptr<Aggregate> Like(const Aggregate& aggregate, AggregateOp op, ExprPtr operand) {
  auto out = std::make_unique<Aggregate>();
  out->pos = aggregate.pos;
  out->op = op;
  out->grouping = aggregate.grouping;
  out->without = aggregate.without;
  out->expr = std::move(operand);
  return out;
}

bool GroupsByMetadata(const Aggregate& aggregate) {
  if (aggregate.without) return false;
  for (const std::string& name : aggregate.grouping) {
    if (IsMetadataLabel(name)) return true;
  }
  return false;
}

}  // namespace

std::string_view WhyNotSplit(AggregateOp op) {
  switch (op) {
    case AggregateOp::kStddev:
    case AggregateOp::kStdvar:
      return "moments of parts, put together, differ in more than the last bits";
    case AggregateOp::kQuantile:
      return "a quantile needs all values in one place";
    case AggregateOp::kLimitk:
    case AggregateOp::kLimitRatio:
      return "which series are taken is decided over all of them";
    default:
      return {};
  }
}

bool SplitAggregate(const Site& site, PlanContext& context) {
  if (site.node->kind != ExprKind::kAggregate) return false;
  Aggregate& aggregate = As<Aggregate>(*site.node);
  const std::optional<AggregateOp> combiner = Combiner(aggregate.op);
  if (!combiner || !Splittable(aggregate, site.scope, context)) return false;
  const bool sums = aggregate.op == AggregateOp::kSum;
  if (sums && !context.options.split_sums) return false;

  const Placement operand = context.locality.Of(*aggregate.expr);
  auto partial = Like(aggregate, aggregate.op, std::move(aggregate.expr));
  if (aggregate.param != nullptr) partial->param = Clone(*aggregate.param);
  if (aggregate.op == AggregateOp::kCountValues && !aggregate.without) {
    aggregate.grouping.push_back(As<StringLiteral>(Unwrap(*aggregate.param)).value);
  }
  if (!KeepsParameter(aggregate.op)) aggregate.param.reset();
  aggregate.op = *combiner;
  aggregate.expr = FetchSteps(std::move(partial), operand, site.scope,
                              "groups reach across shards: partial results", context);
  context.plan.fetches.back().partial_sums = sums;
  return true;
}

bool SplitAverage(const Site& site, PlanContext& context) {
  if (site.node->kind != ExprKind::kAggregate) return false;
  Aggregate& aggregate = As<Aggregate>(*site.node);
  if (aggregate.op != AggregateOp::kAvg || GroupsByMetadata(aggregate)) return false;
  if (!context.options.split_sums) return false;
  if (!Splittable(aggregate, site.scope, context)) return false;
  const Placement operand = context.locality.Of(*aggregate.expr);
  const auto combined = [&](AggregateOp op, ExprPtr arg) {
    return Like(aggregate, AggregateOp::kSum,
                FetchSteps(Like(aggregate, op, std::move(arg)), operand, site.scope,
                           "average of groups that reach across shards", context));
  };
  auto quotient = std::make_unique<Binary>();
  quotient->pos = aggregate.pos;
  quotient->op = BinaryOp::kDiv;
  quotient->matching.emplace();
  ExprPtr copy = Clone(*aggregate.expr);
  quotient->lhs = combined(AggregateOp::kSum, std::move(aggregate.expr));
  context.plan.fetches.back().partial_sums = true;
  quotient->rhs = combined(AggregateOp::kCount, std::move(copy));
  site.node = std::move(quotient);
  return true;
}

}  // namespace synoptic::promql
