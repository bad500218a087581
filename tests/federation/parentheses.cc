// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/federation/parentheses.h"

namespace synoptic::federation {
namespace {

using promql::As;
using promql::Expr;
using promql::ExprKind;
using promql::ExprPtr;
using promql::FunctionId;
using promql::ValueType;

// Prometheus' absent() takes labels from a selector that is its very argument.
bool ReadsTheSelector(FunctionId id) {
  return id == FunctionId::kAbsent || id == FunctionId::kAbsentOverTime ||
         id == FunctionId::kTimestamp;
}

void Visit(ExprPtr& slot, bool may_wrap, Random& random) {
  Expr& expr = *slot;
  switch (expr.kind) {
    case ExprKind::kBinary:
      Visit(As<promql::Binary>(expr).lhs, true, random);
      Visit(As<promql::Binary>(expr).rhs, true, random);
      break;
    case ExprKind::kAggregate:
      Visit(As<promql::Aggregate>(expr).expr, true, random);
      break;
    case ExprKind::kUnary:
      Visit(As<promql::Unary>(expr).expr, true, random);
      break;
    case ExprKind::kSubquery:
      Visit(As<promql::Subquery>(expr).expr, true, random);
      break;
    case ExprKind::kParen:
      Visit(As<promql::Paren>(expr).expr, true, random);
      break;
    case ExprKind::kCall:
      for (ExprPtr& arg : As<promql::Call>(expr).args) {
        Visit(arg, !ReadsTheSelector(As<promql::Call>(expr).function->id), random);
      }
      break;
    default:
      break;
  }
  const ValueType type = promql::TypeOf(expr);
  const bool value = type == ValueType::kVector || type == ValueType::kScalar;
  if (!may_wrap || !value || !random.Chance(30)) return;
  auto paren = std::make_unique<promql::Paren>();
  paren->pos = expr.pos;
  paren->expr = std::move(slot);
  slot = std::move(paren);
}

}  // namespace

ExprPtr WithParentheses(ExprPtr expr, Random& random) {
  Visit(expr, true, random);
  return expr;
}

}  // namespace synoptic::federation
