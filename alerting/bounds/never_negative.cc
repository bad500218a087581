// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "alerting/bounds/leaves.h"

namespace synoptic::alerting {
namespace {

using promql::BinaryOp;
using promql::Expr;
using promql::ExprKind;
using promql::FunctionId;

bool ByName(std::string_view name, const promql::NameSet& declared) {
  for (const std::string_view suffix : {"_total", "_count", "_bucket", "_bytes", "_info"}) {
    if (name.ends_with(suffix)) return true;
  }
  return name == "up" || name == "ALERTS" || promql::Contains(declared, name);
}

bool OfSelector(const promql::VectorSelector& selector, const promql::NameSet& declared) {
  return std::any_of(selector.matchers.begin(), selector.matchers.end(), [&](const auto& matcher) {
    return matcher.name() == promql::kMetricName && matcher.op() == promql::MatchOp::kEqual &&
           ByName(matcher.value(), declared);
  });
}

bool OfCall(const promql::Call& call, const promql::NameSet& declared) {
  switch (call.function->id) {
    // A counter never falls below zero, and its rises are no falls.
    case FunctionId::kRate:
    case FunctionId::kIncrease:
    case FunctionId::kIrate:
    case FunctionId::kAbs:
    case FunctionId::kAbsent:
    case FunctionId::kAbsentOverTime:
    case FunctionId::kChanges:
    case FunctionId::kCountOverTime:
    case FunctionId::kExp:
    case FunctionId::kHistogramCount:
    case FunctionId::kPresentOverTime:
    case FunctionId::kResets:
    case FunctionId::kStddevOverTime:
    case FunctionId::kStdvarOverTime:
    case FunctionId::kTime:
      return true;
    case FunctionId::kAvgOverTime:
    case FunctionId::kCeil:
    case FunctionId::kClampMax:  // as low as its parameter, which must not be negative either
    case FunctionId::kFirstOverTime:
    case FunctionId::kLastOverTime:
    case FunctionId::kMaxOverTime:
    case FunctionId::kMinOverTime:
    case FunctionId::kSort:
    case FunctionId::kSortDesc:
    case FunctionId::kSumOverTime:
    case FunctionId::kVector:
      return std::all_of(call.args.begin(), call.args.end(),
                         [&](const promql::ExprPtr& arg) { return NeverNegative(*arg, declared); });
    case FunctionId::kClampMin:
      return std::any_of(call.args.begin(), call.args.end(),
                         [&](const promql::ExprPtr& arg) { return NeverNegative(*arg, declared); });
    default:
      return false;
  }
}

bool OfAggregate(const promql::Aggregate& aggregate, const promql::NameSet& declared) {
  switch (aggregate.op) {
    case promql::AggregateOp::kCount:
    case promql::AggregateOp::kGroup:
    case promql::AggregateOp::kStddev:
    case promql::AggregateOp::kStdvar:
    case promql::AggregateOp::kCountValues:
      return true;
    case promql::AggregateOp::kQuantile:
      return false;  // a rank out of bounds gives an infinity
    default:
      return NeverNegative(*aggregate.expr, declared);
  }
}

bool OfBinary(const promql::Binary& binary, const promql::NameSet& declared) {
  if (binary.return_bool) return true;
  const bool lhs = NeverNegative(*binary.lhs, declared);
  // A constant on the left: the series' value is what is kept.
  const bool keeps_right =
      promql::IsComparison(binary.op) && promql::TypeOf(*binary.lhs) == promql::ValueType::kScalar;
  if (keeps_right) return NeverNegative(*binary.rhs, declared);
  switch (binary.op) {
    case BinaryOp::kAdd:
    case BinaryOp::kMul:
    case BinaryOp::kDiv:
    case BinaryOp::kOr:
      return lhs && NeverNegative(*binary.rhs, declared);
    case BinaryOp::kAnd:
    case BinaryOp::kUnless:
    case BinaryOp::kMod:
      return lhs;
    default:
      return promql::IsComparison(binary.op) && lhs;
  }
}

bool FiniteCall(const promql::Call& call) {
  switch (call.function->id) {
    case FunctionId::kAbs:
    case FunctionId::kAbsent:
    case FunctionId::kAbsentOverTime:
    case FunctionId::kAvgOverTime:
    case FunctionId::kCeil:
    case FunctionId::kChanges:
    case FunctionId::kCountOverTime:
    case FunctionId::kDelta:
    case FunctionId::kFirstOverTime:
    case FunctionId::kFloor:
    case FunctionId::kIdelta:
    case FunctionId::kIncrease:
    case FunctionId::kIrate:
    case FunctionId::kLabelJoin:
    case FunctionId::kLabelReplace:
    case FunctionId::kLastOverTime:
    case FunctionId::kMaxOverTime:
    case FunctionId::kMinOverTime:
    case FunctionId::kPresentOverTime:
    case FunctionId::kRate:
    case FunctionId::kResets:
    case FunctionId::kSgn:
    case FunctionId::kSort:
    case FunctionId::kSortDesc:
    case FunctionId::kSumOverTime:
    case FunctionId::kTime:
    case FunctionId::kTimestamp:
    case FunctionId::kVector:
      return true;
    default:
      return false;
  }
}

bool FiniteNode(const Expr& expr) {
  if (expr.kind == ExprKind::kNumber) {
    return std::isfinite(promql::As<promql::NumberLiteral>(expr).value);
  }
  if (expr.kind == ExprKind::kCall) return FiniteCall(promql::As<promql::Call>(expr));
  if (expr.kind == ExprKind::kAggregate) {
    const auto op = promql::As<promql::Aggregate>(expr).op;
    return op != promql::AggregateOp::kQuantile && op != promql::AggregateOp::kCountValues;
  }
  if (expr.kind != ExprKind::kBinary) return true;
  const auto& binary = promql::As<promql::Binary>(expr);
  switch (binary.op) {
    case BinaryOp::kAdd:
    case BinaryOp::kSub:
    case BinaryOp::kMul:
      return true;
    case BinaryOp::kDiv:
    case BinaryOp::kMod: {
      const Expr& divisor = promql::Unwrap(*binary.rhs);
      return divisor.kind == ExprKind::kNumber &&
             std::fabs(promql::As<promql::NumberLiteral>(divisor).value) >= 1e-100;
    }
    default:
      return promql::IsComparison(binary.op) || promql::IsSetOperator(binary.op);
  }
}

}  // namespace

bool AlwaysFinite(const Expr& expr) {
  const auto children = promql::Children(expr);
  return FiniteNode(expr) && std::all_of(children.begin(), children.end(),
                                         [](const Expr* child) { return AlwaysFinite(*child); });
}

bool NeverNegative(const Expr& expr, const promql::NameSet& declared) {
  const Expr& e = promql::Unwrap(expr);
  switch (e.kind) {
    case ExprKind::kNumber:
      return promql::As<promql::NumberLiteral>(e).value >= 0;
    case ExprKind::kVectorSelector:
      return OfSelector(promql::As<promql::VectorSelector>(e), declared);
    case ExprKind::kMatrixSelector:
      return OfSelector(*promql::As<promql::MatrixSelector>(e).selector, declared);
    case ExprKind::kSubquery:
      return NeverNegative(*promql::As<promql::Subquery>(e).expr, declared);
    case ExprKind::kCall:
      return OfCall(promql::As<promql::Call>(e), declared);
    case ExprKind::kAggregate:
      return OfAggregate(promql::As<promql::Aggregate>(e), declared);
    case ExprKind::kBinary:
      return OfBinary(promql::As<promql::Binary>(e), declared);
    case ExprKind::kUnary:
      return !promql::As<promql::Unary>(e).negate &&
             NeverNegative(*promql::As<promql::Unary>(e).expr, declared);
    default:
      return false;
  }
}

}  // namespace synoptic::alerting
