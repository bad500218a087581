// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

#include "promql/parse/ast.h"

namespace synoptic::promql {
namespace {

TimeModifiers CopyOf(const TimeModifiers& time) {
  TimeModifiers copy;
  copy.offset_ns = time.offset_ns;
  if (time.offset_expr) copy.offset_expr = Clone(*time.offset_expr);
  copy.at = time.at;
  copy.at_ms = time.at_ms;
  copy.moves = time.moves;
  return copy;
}

std::unique_ptr<DurationExpr> CopyOf(const std::unique_ptr<DurationExpr>& expr) {
  return expr ? Clone(*expr) : nullptr;
}

ExprPtr CopyOf(const ExprPtr& expr) { return expr ? Clone(*expr) : nullptr; }

std::unique_ptr<VectorSelector> CopyOf(const VectorSelector& from) {
  auto copy = std::make_unique<VectorSelector>();
  copy->pos = from.pos;
  copy->name = from.name;
  copy->matchers = from.matchers;
  copy->time = CopyOf(from.time);
  copy->anchored = from.anchored;
  copy->smoothed = from.smoothed;
  copy->bypass_empty_check = from.bypass_empty_check;
  copy->stats_only = from.stats_only;
  copy->until_ms = from.until_ms;
  copy->fetch_id = from.fetch_id;
  return copy;
}

ExprPtr CopyOf(const MatrixSelector& from) {
  auto copy = std::make_unique<MatrixSelector>();
  copy->selector = CopyOf(*from.selector);
  copy->range_ns = from.range_ns;
  copy->range_expr = CopyOf(from.range_expr);
  return copy;
}

ExprPtr CopyOf(const Subquery& from) {
  auto copy = std::make_unique<Subquery>();
  copy->expr = CopyOf(from.expr);
  copy->range_ns = from.range_ns;
  copy->range_expr = CopyOf(from.range_expr);
  copy->step_ns = from.step_ns;
  copy->step_expr = CopyOf(from.step_expr);
  copy->time = CopyOf(from.time);
  return copy;
}

ExprPtr CopyOf(const Call& from) {
  auto copy = std::make_unique<Call>();
  copy->function = from.function;
  copy->args.reserve(from.args.size());
  for (const ExprPtr& arg : from.args) copy->args.push_back(CopyOf(arg));
  return copy;
}

ExprPtr CopyOf(const Aggregate& from) {
  auto copy = std::make_unique<Aggregate>();
  copy->op = from.op;
  copy->expr = CopyOf(from.expr);
  copy->param = CopyOf(from.param);
  copy->grouping = from.grouping;
  copy->without = from.without;
  return copy;
}

ExprPtr CopyOf(const Binary& from) {
  auto copy = std::make_unique<Binary>();
  copy->op = from.op;
  copy->lhs = CopyOf(from.lhs);
  copy->rhs = CopyOf(from.rhs);
  copy->return_bool = from.return_bool;
  copy->type = from.type;
  copy->matching = from.matching;
  return copy;
}

// Nodes that hold one expression and at most one flag.
template <class T>
ExprPtr CopyWrapper(const T& from) {
  auto copy = std::make_unique<T>();
  copy->expr = CopyOf(from.expr);
  return copy;
}

ExprPtr CopyLiteral(const NumberLiteral& from) {
  auto copy = std::make_unique<NumberLiteral>();
  copy->value = from.value;
  copy->is_duration = from.is_duration;
  return copy;
}

ExprPtr CopyLiteral(const StringLiteral& from) {
  auto copy = std::make_unique<StringLiteral>();
  copy->value = from.value;
  return copy;
}

ExprPtr CopyOf(const Unary& from) {
  auto copy = std::make_unique<Unary>();
  copy->negate = from.negate;
  copy->expr = CopyOf(from.expr);
  return copy;
}

ExprPtr CopyOf(const Fetched& from) {
  auto copy = std::make_unique<Fetched>();
  copy->fetch_id = from.fetch_id;
  copy->original = CopyOf(from.original);
  return copy;
}

ExprPtr CopyWithoutPosition(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kNumber:
      return CopyLiteral(As<NumberLiteral>(expr));
    case ExprKind::kString:
      return CopyLiteral(As<StringLiteral>(expr));
    case ExprKind::kVectorSelector:
      return CopyOf(As<VectorSelector>(expr));
    case ExprKind::kMatrixSelector:
      return CopyOf(As<MatrixSelector>(expr));
    case ExprKind::kSubquery:
      return CopyOf(As<Subquery>(expr));
    case ExprKind::kCall:
      return CopyOf(As<Call>(expr));
    case ExprKind::kAggregate:
      return CopyOf(As<Aggregate>(expr));
    case ExprKind::kBinary:
      return CopyOf(As<Binary>(expr));
    case ExprKind::kUnary:
      return CopyOf(As<Unary>(expr));
    case ExprKind::kParen:
      return CopyWrapper(As<Paren>(expr));
    case ExprKind::kStepInvariant:
      return CopyWrapper(As<StepInvariant>(expr));
    case ExprKind::kFetched:
      return CopyOf(As<Fetched>(expr));
  }
  return nullptr;
}

// The child expressions' owners, for both forms of Children.
template <class E, class Visit>
void ForEachChild(E& expr, Visit visit) {
  switch (expr.kind) {
    case ExprKind::kNumber:
    case ExprKind::kString:
    case ExprKind::kVectorSelector:
      break;
    case ExprKind::kMatrixSelector:
      visit(*As<MatrixSelector>(expr).selector);
      break;
    case ExprKind::kSubquery:
      visit(*As<Subquery>(expr).expr);
      break;
    case ExprKind::kCall:
      for (auto& arg : As<Call>(expr).args) visit(*arg);
      break;
    case ExprKind::kAggregate:
      visit(*As<Aggregate>(expr).expr);
      if (As<Aggregate>(expr).param) visit(*As<Aggregate>(expr).param);
      break;
    case ExprKind::kBinary:
      visit(*As<Binary>(expr).lhs);
      visit(*As<Binary>(expr).rhs);
      break;
    case ExprKind::kUnary:
      visit(*As<Unary>(expr).expr);
      break;
    case ExprKind::kParen:
      visit(*As<Paren>(expr).expr);
      break;
    case ExprKind::kStepInvariant:
      visit(*As<StepInvariant>(expr).expr);
      break;
    case ExprKind::kFetched:
      visit(*As<Fetched>(expr).original);
      break;
  }
}

}  // namespace

ValueType TypeOf(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kNumber:
      return ValueType::kScalar;
    case ExprKind::kString:
      return ValueType::kString;
    case ExprKind::kVectorSelector:
    case ExprKind::kAggregate:
      return ValueType::kVector;
    case ExprKind::kMatrixSelector:
    case ExprKind::kSubquery:
      return ValueType::kMatrix;
    case ExprKind::kCall:
      return As<Call>(expr).function->returns;
    case ExprKind::kBinary:
      return As<Binary>(expr).type;
    case ExprKind::kUnary:
      return TypeOf(*As<Unary>(expr).expr);
    case ExprKind::kParen:
      return TypeOf(*As<Paren>(expr).expr);
    case ExprKind::kStepInvariant:
      return TypeOf(*As<StepInvariant>(expr).expr);
    case ExprKind::kFetched:
      return TypeOf(*As<Fetched>(expr).original);
  }
  return ValueType::kNone;
}

ExprPtr Clone(const Expr& expr) {
  ExprPtr copy = CopyWithoutPosition(expr);
  copy->pos = expr.pos;
  return copy;
}

std::unique_ptr<DurationExpr> Clone(const DurationExpr& expr) {
  auto copy = std::make_unique<DurationExpr>();
  copy->op = expr.op;
  copy->seconds = expr.seconds;
  copy->is_duration = expr.is_duration;
  copy->wrapped = expr.wrapped;
  copy->pos = expr.pos;
  copy->lhs = CopyOf(expr.lhs);
  copy->rhs = CopyOf(expr.rhs);
  return copy;
}

const Expr& Unwrap(const Expr& expr) {
  const Expr* inner = &expr;
  while (true) {
    if (inner->kind == ExprKind::kParen) {
      inner = As<Paren>(*inner).expr.get();
    } else if (inner->kind == ExprKind::kStepInvariant) {
      inner = As<StepInvariant>(*inner).expr.get();
    } else {
      return *inner;
    }
  }
}

absl::InlinedVector<Expr*, 4> Children(Expr& expr) {
  absl::InlinedVector<Expr*, 4> children;
  ForEachChild(expr, [&](Expr& child) { children.push_back(&child); });
  return children;
}

absl::InlinedVector<const Expr*, 4> Children(const Expr& expr) {
  absl::InlinedVector<const Expr*, 4> children;
  ForEachChild(expr, [&](const Expr& child) { children.push_back(&child); });
  return children;
}

bool IsComparison(BinaryOp op) { return op >= BinaryOp::kEqual && op <= BinaryOp::kLessEqual; }

bool IsSetOperator(BinaryOp op) { return op >= BinaryOp::kAnd; }

std::string_view OperatorText(BinaryOp op) {
  constexpr std::string_view kTexts[] = {"+", "-", "*",  "/",  "%",  "^",  "atan2", "==", "!=",
                                         ">", "<", ">=", "<=", "</", ">/", "and",   "or", "unless"};
  return kTexts[static_cast<size_t>(op)];
}

std::string_view OperatorText(AggregateOp op) {
  constexpr std::string_view kTexts[] = {
      "sum",    "avg",  "count",   "min",          "max",      "group",  "stddev",
      "stdvar", "topk", "bottomk", "count_values", "quantile", "limitk", "limit_ratio"};
  return kTexts[static_cast<size_t>(op)];
}

bool TakesParameter(AggregateOp op) { return op >= AggregateOp::kTopk; }

}  // namespace synoptic::promql
