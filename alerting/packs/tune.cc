// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Other numbers and texts into an expression: by its tree, so that 60 is found in `> 60` and not
// in `[60s]` or in a name.
#include <functional>

#include "alerting/packs/pack.h"
#include "base/status.h"
#include "promql/parse/parser.h"
#include "promql/parse/printer.h"

namespace synoptic::alerting {
namespace {

using promql::As;
using promql::Expr;
using promql::ExprKind;

// Calls `visit` for each number and each selector below `expr`.
void Visit(Expr& expr, const std::function<void(Expr&)>& visit) {
  switch (expr.kind) {
    case ExprKind::kNumber:
    case ExprKind::kVectorSelector:
      return visit(expr);
    case ExprKind::kMatrixSelector:
      return visit(*As<promql::MatrixSelector>(expr).selector);
    case ExprKind::kSubquery:
      return Visit(*As<promql::Subquery>(expr).expr, visit);
    case ExprKind::kCall:
      for (auto& argument : As<promql::Call>(expr).args) Visit(*argument, visit);
      return;
    case ExprKind::kAggregate: {
      auto& aggregate = As<promql::Aggregate>(expr);
      if (aggregate.param != nullptr) Visit(*aggregate.param, visit);
      return Visit(*aggregate.expr, visit);
    }
    case ExprKind::kBinary:
      Visit(*As<promql::Binary>(expr).lhs, visit);
      return Visit(*As<promql::Binary>(expr).rhs, visit);
    case ExprKind::kUnary:
      return Visit(*As<promql::Unary>(expr).expr, visit);
    case ExprKind::kParen:
      return Visit(*As<promql::Paren>(expr).expr, visit);
    case ExprKind::kString:
    case ExprKind::kStepInvariant:
    case ExprKind::kFetched:
      return;
  }
}

}  // namespace

absl::StatusOr<std::string> WithNumber(std::string_view expr, double from, double to, int* count) {
  ASSIGN_OR_RETURN(const promql::ExprPtr tree, promql::ParseExpr(expr));
  *count = 0;
  Visit(*tree, [&](Expr& node) {
    if (node.kind != ExprKind::kNumber) return;
    auto& number = As<promql::NumberLiteral>(node);
    if (number.value != from) return;
    number.value = to;
    ++*count;
  });
  return promql::Print(*tree);
}

absl::StatusOr<std::string> WithText(std::string_view expr, std::string_view from,
                                     std::string_view to, int* count) {
  ASSIGN_OR_RETURN(const promql::ExprPtr tree, promql::ParseExpr(expr));
  *count = 0;
  absl::Status failed;
  Visit(*tree, [&](Expr& node) {
    if (node.kind != ExprKind::kVectorSelector) return;
    for (promql::Matcher& matcher : As<promql::VectorSelector>(node).matchers) {
      if (matcher.value() != from || matcher.name() == promql::kMetricName) continue;
      auto other = promql::Matcher::Create(matcher.op(), matcher.name(), std::string(to));
      if (!other.ok()) {
        failed = other.status();
        continue;
      }
      matcher = *std::move(other);
      ++*count;
    }
  });
  RETURN_IF_ERROR(failed);
  return promql::Print(*tree);
}

}  // namespace synoptic::alerting
