// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Calls: dispatch, and the functions of one vector element by element.
#include <algorithm>
#include <cmath>
#include <limits>

#include "promql/eval/elementwise.h"
#include "promql/eval/range_source.h"
#include "promql/functions/math.h"
#include "promql/model/histogram_math.h"

namespace synoptic::promql::internal {
namespace {

using Column = std::vector<double>;

absl::Status NotSupported(const Call& call) {
  return MakeStatus(absl::StatusCode::kUnimplemented, "{}() is not supported yet",
                    call.function->name);
}

// clamp, clamp_min, clamp_max: nothing at steps where the bounds cross.
absl::StatusOr<OperatorPtr> BuildClamp(const Call& call, const Scope& scope) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*call.args[0], scope));
  Column low(scope.steps(), -kInf), high(scope.steps(), kInf);
  if (call.function->id == FunctionId::kClampMax) {
    ASSIGN_OR_RETURN(high, EvalScalar(*call.args[1], scope));
  } else {
    ASSIGN_OR_RETURN(low, EvalScalar(*call.args[1], scope));
  }
  if (call.function->id == FunctionId::kClamp) {
    ASSIGN_OR_RETURN(high, EvalScalar(*call.args[2], scope));
  }
  return MapValues(std::move(child), scope,
                   [low = std::move(low), high = std::move(high)](double v, size_t s) {
                     return high[s] < low[s] ? Absent() : GoMax(low[s], GoMin(high[s], v));
                   });
}

absl::StatusOr<OperatorPtr> BuildRound(const Call& call, const Scope& scope) {
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*call.args[0], scope));
  Column inverse(scope.steps(), 1.0);
  if (call.args.size() > 1) {
    ASSIGN_OR_RETURN(inverse, EvalScalar(*call.args[1], scope));
    for (double& v : inverse) v = 1.0 / v;
  }
  return MapValues(std::move(child), scope, [inverse = std::move(inverse)](double v, size_t s) {
    return std::floor(v * inverse[s] + 0.5) / inverse[s];
  });
}

// Pulls its child for its notes and errors, and answers nothing.
class NothingOp final : public Operator {
 public:
  NothingOp(OperatorPtr child, const Scope& scope) : Operator(scope) { AddChild(std::move(child)); }

 private:
  absl::Status DoNext(std::span<double>) override { return absl::OkStatus(); }
};

absl::StatusOr<OperatorPtr> BuildTimestamp(const Call& call, const Scope& scope) {
  const Expr* arg = call.args[0].get();
  while (arg->kind == ExprKind::kParen) arg = As<Paren>(*arg).expr.get();
  // Only a bare selector has times of its own; everything else happens at the evaluation time.
  if (arg->kind == ExprKind::kVectorSelector) {
    ASSIGN_OR_RETURN(OperatorPtr child, BuildSelectorTimestamps(As<VectorSelector>(*arg), scope));
    return MapValues(std::move(child), scope, [](double v, size_t) { return v; });
  }
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*arg, scope));
  return Elementwise(
      std::move(child), scope,
      [grid = scope.grid](std::span<double> column, std::vector<HistogramPtr>& histograms) {
        for (size_t s = 0; s < column.size(); ++s) {
          const bool has_histogram = !histograms.empty() && histograms[s] != nullptr;
          if (IsAbsent(column[s]) && !has_histogram) continue;
          column[s] = static_cast<double>(grid.at(s)) / 1000;
        }
        histograms.clear();
      });
}

// Of bare selectors, when start timestamps are used at all.
absl::StatusOr<OperatorPtr> BuildStartTimestamp(const Call& call, const Scope& scope) {
  const Expr* arg = call.args[0].get();
  while (arg->kind == ExprKind::kParen) arg = As<Paren>(*arg).expr.get();
  if (arg->kind == ExprKind::kVectorSelector && scope.eval.options.use_start_timestamps) {
    ASSIGN_OR_RETURN(OperatorPtr child,
                     BuildSelectorStartTimestamps(As<VectorSelector>(*arg), scope));
    return MapValues(std::move(child), scope, [](double v, size_t) { return v; });
  }
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*arg, scope));
  return std::make_unique<NothingOp>(std::move(child), scope);
}

// One series without labels from one value per step.
class OneSeriesOp final : public Operator {
 public:
  OneSeriesOp(Column values, const Scope& scope) : Operator(scope), values_(std::move(values)) {
    series_.emplace_back();
  }

 private:
  absl::Status DoNext(std::span<double> out) override {
    std::copy(values_.begin(), values_.end(), out.begin());
    return absl::OkStatus();
  }

  Column values_;
};

absl::StatusOr<OperatorPtr> BuildMath(const Call& call, MathFunction function, const Scope& scope) {
  if (call.args.empty()) {  // hour() and its like: of the evaluation time
    Column values(scope.steps());
    for (size_t s = 0; s < values.size(); ++s) {
      values[s] = function(static_cast<double>(scope.grid.at(s) / 1000));
    }
    return std::make_unique<OneSeriesOp>(std::move(values), scope);
  }
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*call.args[0], scope));
  return MapValues(std::move(child), scope, [function](double v, size_t) { return function(v); });
}

}  // namespace

absl::StatusOr<OperatorPtr> BuildCall(const Call& call, const Scope& scope) {
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (!IsRangeExpr(*call.args[i])) continue;
    if (call.function->id == FunctionId::kAbsentOverTime) return BuildAbsentOverTime(call, scope);
    return BuildRangeCall(call, i, scope);
  }
  if (const MathFunction function = FindMathFunction(call.function->id); function != nullptr) {
    return BuildMath(call, function, scope);
  }
  switch (call.function->id) {
    case FunctionId::kAbsent:
      return BuildAbsent(call, scope);
    case FunctionId::kClamp:
    case FunctionId::kClampMax:
    case FunctionId::kClampMin:
      return BuildClamp(call, scope);
    case FunctionId::kRound:
      return BuildRound(call, scope);
    case FunctionId::kTimestamp:
      return BuildTimestamp(call, scope);
    case FunctionId::kStartTimestamp:
      return BuildStartTimestamp(call, scope);
    case FunctionId::kVector: {
      ASSIGN_OR_RETURN(Column values, EvalScalar(*call.args[0], scope));
      return std::make_unique<OneSeriesOp>(std::move(values), scope);
    }
    case FunctionId::kSort:
    case FunctionId::kSortDesc:
    case FunctionId::kSortByLabel:
    case FunctionId::kSortByLabelDesc:
      return BuildSort(call, scope);
    case FunctionId::kLabelReplace:
      return BuildLabelReplace(call, scope);
    case FunctionId::kLabelJoin:
      return BuildLabelJoin(call, scope);
    case FunctionId::kInfo:
      return BuildInfo(call, scope);
    case FunctionId::kHistogramQuantile:
    case FunctionId::kHistogramQuantiles:
    case FunctionId::kHistogramFraction:
      return BuildHistogramCall(call, scope);
    case FunctionId::kHistogramCount:
    case FunctionId::kHistogramSum:
    case FunctionId::kHistogramAvg:
    case FunctionId::kHistogramStddev:
    case FunctionId::kHistogramStdvar:
      return BuildHistogramValue(call, scope);
    default:
      return NotSupported(call);
  }
}

}  // namespace synoptic::promql::internal
