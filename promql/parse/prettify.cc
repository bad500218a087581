// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A node that fits on a line is printed on one; otherwise it opens, its children come one level
// deeper, and it closes. Selectors and literals never split.

#include <cstdint>

#include "base/strings.h"
#include "promql/parse/print_parts.h"
#include "promql/parse/printer.h"

namespace synoptic::promql {
namespace {

constexpr size_t kMaxLine = 100;

std::string Pretty(const Expr& expr, size_t level);

std::string Indent(size_t level) { return std::string(2 * level, ' '); }

std::string PrettyAggregate(const Aggregate& expr, size_t level) {
  std::string out = Indent(level) + internal::AggregateHead(expr) + "(\n";
  if (expr.param) out += Pretty(*expr.param, level + 1) + ",\n";
  return out + Pretty(*expr.expr, level + 1) + "\n" + Indent(level) + ")";
}

std::string PrettyBinary(const Binary& expr, size_t level) {
  return Pretty(*expr.lhs, level + 1) + "\n" + Indent(level) + internal::BinaryHead(expr) + "\n" +
         Pretty(*expr.rhs, level + 1);
}

std::string PrettyCall(const Call& call, size_t level) {
  std::string out = Indent(level) + std::string(call.function->name) + "(\n";
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (i > 0) out += ",\n";
    out += Pretty(*call.args[i], level + 1);
  }
  return out + "\n" + Indent(level) + ")";
}

std::string PrettyParen(const Paren& expr, size_t level) {
  return Indent(level) + "(\n" + Pretty(*expr.expr, level + 1) + "\n" + Indent(level) + ")";
}

// The sign goes before the operand's first line.
std::string PrettyUnary(const Unary& expr, size_t level) {
  const std::string operand = Pretty(*expr.expr, level);
  return Indent(level) + (expr.negate ? "-" : "+") + std::string(Trim(operand));
}

std::string PrettySubquery(const Subquery& expr, size_t level) {
  std::string line = Print(expr);
  if (line.size() <= kMaxLine) return line;  // Prometheus does not indent it either
  return Pretty(*expr.expr, level) + internal::SubquerySuffix(expr);
}

std::string Pretty(const Expr& expr, size_t level) {
  switch (expr.kind) {
    case ExprKind::kUnary:
      return PrettyUnary(As<Unary>(expr), level);
    case ExprKind::kSubquery:
      return PrettySubquery(As<Subquery>(expr), level);
    case ExprKind::kStepInvariant:
      return Pretty(*As<StepInvariant>(expr).expr, level);
    case ExprKind::kFetched:
      return Pretty(*As<Fetched>(expr).original, level);
    default:
      break;
  }
  std::string line = Print(expr);
  if (line.size() <= kMaxLine) return Indent(level) + line;
  switch (expr.kind) {
    case ExprKind::kAggregate:
      return PrettyAggregate(As<Aggregate>(expr), level);
    case ExprKind::kBinary:
      return PrettyBinary(As<Binary>(expr), level);
    case ExprKind::kCall:
      return PrettyCall(As<Call>(expr), level);
    case ExprKind::kParen:
      return PrettyParen(As<Paren>(expr), level);
    default:
      return Indent(level) + line;
  }
}

}  // namespace

std::string Prettify(const Expr& expr) { return Pretty(expr, 0); }

}  // namespace synoptic::promql
