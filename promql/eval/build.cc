// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The one switch from tree nodes to operators, and the two smallest operators.
#include <algorithm>

#include "base/status.h"
#include "promql/eval/operators.h"

namespace synoptic::promql::internal {
namespace {

class EmptyOp final : public Operator {
 public:
  using Operator::Operator;

 private:
  absl::Status DoNext(std::span<double>) override { return absl::OkStatus(); }
};

// A scalar as the series {}.
class ScalarOp final : public Operator {
 public:
  ScalarOp(std::vector<double> values, const Scope& scope)
      : Operator(scope), values_(std::move(values)) {
    series_.emplace_back();
  }

 private:
  absl::Status DoNext(std::span<double> out) override {
    std::copy(values_.begin(), values_.end(), out.begin());
    return absl::OkStatus();
  }

  std::vector<double> values_;
};

}  // namespace

absl::StatusOr<OperatorPtr> Build(const Expr& expr, const Scope& scope) {
  RETURN_IF_ERROR(scope.eval.CheckCancelled());
  if (scope.steps() == 0) return std::make_unique<EmptyOp>(scope);
  RETURN_IF_ERROR(scope.eval.CheckSteps(scope.grid));
  switch (expr.kind) {
    case ExprKind::kParen:
      return Build(*As<Paren>(expr).expr, scope);
    case ExprKind::kFetched:
      return BuildFetched(As<Fetched>(expr), scope);
    case ExprKind::kStepInvariant:
      return BuildStepInvariant(As<StepInvariant>(expr), scope);
    default:
      break;
  }
  if (TypeOf(expr) == ValueType::kScalar) {
    ASSIGN_OR_RETURN(std::vector<double> values, EvalScalar(expr, scope));
    return std::make_unique<ScalarOp>(std::move(values), scope);
  }
  switch (expr.kind) {
    case ExprKind::kVectorSelector:
      return BuildSelector(As<VectorSelector>(expr), scope);
    case ExprKind::kCall:
      return BuildCall(As<Call>(expr), scope);
    case ExprKind::kAggregate:
      return scope.eval.shared.Build(As<Aggregate>(expr), scope, BuildAggregate);
    case ExprKind::kBinary:
      return BuildBinary(As<Binary>(expr), scope);
    case ExprKind::kUnary:
      return BuildUnary(As<Unary>(expr), scope);
    default:
      return absl::InternalError("cannot do range evaluation of matrix selector");
  }
}

}  // namespace synoptic::promql::internal
