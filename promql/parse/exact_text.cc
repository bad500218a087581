// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/parse/exact_text.h"

#include "promql/parse/printer.h"

namespace synoptic::promql {
namespace {

void ToNumbers(DurationExpr* expr) {
  if (expr == nullptr) return;
  expr->is_duration = false;
  ToNumbers(expr->lhs.get());
  ToNumbers(expr->rhs.get());
}

}  // namespace

void DurationsToNumbers(Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kNumber:
      As<NumberLiteral>(expr).is_duration = false;
      break;
    case ExprKind::kVectorSelector:
      ToNumbers(As<VectorSelector>(expr).time.offset_expr.get());
      break;
    case ExprKind::kMatrixSelector:
      ToNumbers(As<MatrixSelector>(expr).range_expr.get());
      break;
    case ExprKind::kSubquery: {
      Subquery& subquery = As<Subquery>(expr);
      ToNumbers(subquery.range_expr.get());
      ToNumbers(subquery.step_expr.get());
      ToNumbers(subquery.time.offset_expr.get());
      break;
    }
    default:
      break;
  }
  for (Expr* child : Children(expr)) DurationsToNumbers(*child);
}

std::string ExactText(const Expr& expr) {
  const ExprPtr copy = Clone(expr);
  DurationsToNumbers(*copy);
  return Print(*copy);
}

}  // namespace synoptic::promql
