// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Scalar expressions: one column, computed at once.
#include <algorithm>
#include <numbers>

#include "base/status.h"
#include "promql/eval/binary_math.h"
#include "promql/eval/operators.h"
#include "promql/functions/math.h"

namespace synoptic::promql::internal {
namespace {

using Column = std::vector<double>;

// One value a step, charged while the evaluation runs or until it is released.
absl::StatusOr<Column> NewColumn(const Scope& scope, double value) {
  RETURN_IF_ERROR(scope.eval.CheckCancelled());
  RETURN_IF_ERROR(scope.eval.HoldScalar(scope.steps()));
  return Column(scope.steps(), value);
}

// The value of the only series with a sample; NaN when there is none or more than one.
absl::StatusOr<Column> ScalarOfVector(const Expr& arg, const Scope& scope) {
  ASSIGN_OR_RETURN(OperatorPtr child, Build(arg, scope));
  ASSIGN_OR_RETURN(Column out, NewColumn(scope, Absent()));
  Column column(scope.steps());
  std::vector<bool> several(scope.steps());
  while (!child->done()) {
    RETURN_IF_ERROR(child->Next(column));
    for (size_t s = 0; s < out.size(); ++s) {
      if (IsAbsent(column[s])) continue;
      if (IsAbsent(out[s])) {
        out[s] = column[s];
      } else {
        several[s] = true;
      }
    }
  }
  RETURN_IF_ERROR(child->Finish());
  for (size_t s = 0; s < out.size(); ++s) {
    if (several[s] || IsAbsent(out[s])) out[s] = NormalNaN();
  }
  scope.eval.NextOrder();
  return out;
}

absl::StatusOr<Column> ScalarCall(const Call& call, const Scope& scope) {
  Column out;
  switch (call.function->id) {
    case FunctionId::kTime: {
      ASSIGN_OR_RETURN(out, NewColumn(scope, 0));
      for (size_t s = 0; s < out.size(); ++s) {
        out[s] = static_cast<double>(scope.grid.at(s)) / 1000;
      }
      return out;
    }
    case FunctionId::kPi:
      return NewColumn(scope, std::numbers::pi);
    case FunctionId::kScalar:
      return ScalarOfVector(*call.args[0], scope);
    case FunctionId::kMaxOf:
    case FunctionId::kMinOf: {
      ASSIGN_OR_RETURN(out, EvalScalar(*call.args[0], scope));
      ASSIGN_OR_RETURN(const Column other, EvalScalar(*call.args[1], scope));
      const auto pick = call.function->id == FunctionId::kMaxOf ? GoMax : GoMin;
      std::transform(out.begin(), out.end(), other.begin(), out.begin(), pick);
      scope.eval.ReleaseScalar(scope.steps());
      return out;
    }
    default:
      return MakeStatus(absl::StatusCode::kUnimplemented, "{}() is not supported yet",
                        call.function->name);
  }
}

absl::StatusOr<Column> ScalarBinary(const Binary& node, const Scope& scope) {
  if (node.op == BinaryOp::kTrimUpper || node.op == BinaryOp::kTrimLower) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "operator \"{}\" not allowed for Scalar operations", OperatorText(node.op));
  }
  ASSIGN_OR_RETURN(Column lhs, EvalScalar(*node.lhs, scope));
  ASSIGN_OR_RETURN(const Column rhs, EvalScalar(*node.rhs, scope));
  // Comparisons of scalars always carry `bool`.
  ApplyBinary(node.op, {.return_bool = IsComparison(node.op)}, lhs, rhs, lhs);
  scope.eval.ReleaseScalar(scope.steps());
  return lhs;
}

// Scalars that step-invariant wrappers and upstreams give.
absl::StatusOr<Column> ScalarOfOperator(const Expr& expr, const Scope& scope) {
  ASSIGN_OR_RETURN(OperatorPtr op, Build(expr, scope));
  ASSIGN_OR_RETURN(Column out, NewColumn(scope, NormalNaN()));
  if (!op->done()) RETURN_IF_ERROR(op->Next(out));
  RETURN_IF_ERROR(op->Finish());
  return out;
}

}  // namespace

absl::StatusOr<Column> EvalScalar(const Expr& expr, const Scope& scope) {
  switch (expr.kind) {
    case ExprKind::kNumber:
      return NewColumn(scope, As<NumberLiteral>(expr).value);
    case ExprKind::kParen:
      return EvalScalar(*As<Paren>(expr).expr, scope);
    case ExprKind::kUnary: {
      ASSIGN_OR_RETURN(Column out, EvalScalar(*As<Unary>(expr).expr, scope));
      if (As<Unary>(expr).negate) {
        for (double& v : out) v = -v;
      }
      return out;
    }
    case ExprKind::kBinary:
      return ScalarBinary(As<Binary>(expr), scope);
    case ExprKind::kCall:
      return ScalarCall(As<Call>(expr), scope);
    case ExprKind::kStepInvariant:
    case ExprKind::kFetched:
      return ScalarOfOperator(expr, scope);
    default:
      return absl::InternalError("not a scalar expression");
  }
}

}  // namespace synoptic::promql::internal
