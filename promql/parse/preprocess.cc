// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

#include "promql/parse/preprocess.h"

#include <optional>
#include <utility>

#include "base/status.h"
#include "promql/parse/fold_times.h"
#include "promql/parse/histogram_stats.h"
#include "promql/parse/info_argument.h"

namespace synoptic::promql {
namespace {

using AtKind = TimeModifiers::AtKind;

// The result of these may change with the evaluation time although their arguments do not.
bool DependsOnEvaluationTime(FunctionId id) {
  switch (id) {
    case FunctionId::kDaysInMonth:
    case FunctionId::kDayOfMonth:
    case FunctionId::kDayOfWeek:
    case FunctionId::kDayOfYear:
    case FunctionId::kEnd:
    case FunctionId::kHour:
    case FunctionId::kMinute:
    case FunctionId::kMonth:
    case FunctionId::kYear:
    case FunctionId::kPredictLinear:
    case FunctionId::kRange:
    case FunctionId::kStartFn:
    case FunctionId::kStep:
    case FunctionId::kTime:
    case FunctionId::kTimestamp:
      return true;
    default:
      return false;
  }
}

void StripParens(ExprPtr& expr) {
  while (expr->kind == ExprKind::kParen) {
    ExprPtr inner = std::move(As<Paren>(*expr).expr);
    expr = std::move(inner);
  }
}

void Wrap(ExprPtr& expr) {
  auto wrapper = std::make_unique<StepInvariant>();
  wrapper->pos = expr->pos;
  wrapper->expr = std::move(expr);
  expr = std::move(wrapper);
}

// Resolves @ start() and @ end(), strips parentheses around arguments, and wraps the largest
// subtrees that give the same value at every step.
class Invariance {
 public:
  struct Outcome {
    bool invariant;
    bool wrap;  // false where a wrapper would gain nothing: range vectors, literals
  };

  explicit Invariance(const Grid& grid) : grid_(grid) {}

  Outcome Visit(Expr& expr) const {
    switch (expr.kind) {
      case ExprKind::kVectorSelector: {
        const bool fixed = ResolveAt(As<VectorSelector>(expr).time);
        return {fixed, fixed};
      }
      case ExprKind::kMatrixSelector:
        return {Visit(*As<MatrixSelector>(expr).selector).invariant, false};
      case ExprKind::kSubquery:
        return VisitSubquery(As<Subquery>(expr));
      case ExprKind::kCall:
        return VisitCall(As<Call>(expr));
      case ExprKind::kAggregate:
        return VisitAggregate(As<Aggregate>(expr));
      case ExprKind::kBinary:
        return VisitBinary(As<Binary>(expr));
      case ExprKind::kUnary:
        return Visit(*As<Unary>(expr).expr);
      case ExprKind::kParen:
        return Visit(*As<Paren>(expr).expr);
      case ExprKind::kNumber:
      case ExprKind::kString:
        return {true, false};
      case ExprKind::kStepInvariant:
      case ExprKind::kFetched:
        break;  // not in parsed trees
    }
    return {false, false};
  }

 private:
  bool ResolveAt(TimeModifiers& time) const {
    if (time.at == AtKind::kStart) time.at_ms = grid_.start;
    if (time.at == AtKind::kEnd) time.at_ms = grid_.end;
    if (time.at != AtKind::kNone) time.at = AtKind::kTimestamp;
    return time.at != AtKind::kNone;
  }

  // The inside of a subquery is evaluated once for all its steps; the subquery itself is not
  // wrapped, like a matrix selector.
  Outcome VisitSubquery(Subquery& expr) const {
    if (Visit(*expr.expr).invariant) Wrap(expr.expr);
    return {ResolveAt(expr.time), false};
  }

  // Below a parameter. Prometheus fixes a time by an offset from the start of the evaluation, and
  // nothing holds the parameter to that start; but it has fetched samples for the fixed time.
  static void LetTimesMove(Expr& expr, std::optional<int64_t> until_ms) {
    if (expr.kind == ExprKind::kSubquery) {
      TimeModifiers& time = As<Subquery>(expr).time;
      if (Moves(time)) until_ms = time.at_ms;
      if (until_ms) *until_ms -= time.offset_ms();
    } else if (expr.kind == ExprKind::kVectorSelector) {
      auto& selector = As<VectorSelector>(expr);
      if (!Moves(selector.time)) selector.until_ms = until_ms;
    }
    for (Expr* child : Children(expr)) LetTimesMove(*child, until_ms);
  }

  static bool Moves(TimeModifiers& time) {
    time.moves = time.at == AtKind::kTimestamp;
    return time.moves;
  }

  // Prometheus looks at the body only: a parameter is neither wrapped nor resolved, so that
  // `@ start()` and `@ end()` have no effect there.
  Outcome VisitAggregate(Aggregate& expr) const {
    StripParens(expr.expr);
    if (expr.param) {
      StripParens(expr.param);
      DropUnresolved(*expr.param);
      LetTimesMove(*expr.param, std::nullopt);
    }
    return Visit(*expr.expr);
  }

  static void DropUnresolved(Expr& expr) {
    TimeModifiers* time = nullptr;
    if (expr.kind == ExprKind::kVectorSelector) time = &As<VectorSelector>(expr).time;
    if (expr.kind == ExprKind::kSubquery) time = &As<Subquery>(expr).time;
    if (time != nullptr && time->at != AtKind::kTimestamp) time->at = AtKind::kNone;
    for (Expr* child : Children(expr)) DropUnresolved(*child);
  }

  Outcome VisitBinary(Binary& expr) const {
    const Outcome lhs = Visit(*expr.lhs);
    const Outcome rhs = Visit(*expr.rhs);
    if (lhs.invariant && rhs.invariant) return {true, true};
    if (lhs.wrap) Wrap(expr.lhs);
    if (rhs.wrap) Wrap(expr.rhs);
    return {false, false};
  }

  Outcome VisitCall(Call& call) const {
    const FunctionId id = call.function->id;
    bool invariant = !DependsOnEvaluationTime(id);
    // timestamp(x @ t) is the time of a fixed sample; timestamp(abs(x @ t)) is not.
    bool fixed_timestamp = id == FunctionId::kTimestamp;
    std::vector<bool> wrap(call.args.size());
    for (size_t i = 0; i < call.args.size(); ++i) {
      StripParens(call.args[i]);
      const Outcome arg = Visit(*call.args[i]);
      if (id == FunctionId::kInfo && i == 1) continue;  // matchers, not evaluated
      wrap[i] = arg.wrap;
      invariant = invariant && arg.invariant;
      const bool selector = call.args[i]->kind == ExprKind::kVectorSelector;
      fixed_timestamp = fixed_timestamp && arg.invariant && selector;
    }
    if (id == FunctionId::kInfo) {
      const auto reference = SharedReference(*call.args[0]);
      invariant = invariant && reference.has_value();
      CompleteInfo(call, reference);
      wrap.resize(call.args.size());
    }
    if (invariant || fixed_timestamp) return {true, true};
    for (size_t i = 0; i < call.args.size(); ++i) {
      if (wrap[i]) Wrap(call.args[i]);
    }
    return {false, false};
  }

  const Grid grid_;
};

}  // namespace

absl::StatusOr<ExprPtr> Preprocess(ExprPtr expr, const Grid& grid) {
  FoldQueryTimes(grid, expr);
  RETURN_IF_ERROR(ResolveDurations(grid, *expr));
  MarkStatsOnly(*expr);
  if (Invariance(grid).Visit(*expr).wrap) Wrap(expr);
  return expr;
}

}  // namespace synoptic::promql
