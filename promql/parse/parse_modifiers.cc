// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// offset, @, anchored and smoothed: they change the selector or subquery before them.

#include <cmath>

#include "base/go_format.h"
#include "base/status.h"
#include "promql/parse/literals.h"
#include "promql/parse/parser_impl.h"

namespace synoptic::promql::internal {
namespace {

using enum TokenKind;
using AtKind = TimeModifiers::AtKind;

// The selector that anchored and smoothed apply to.
VectorSelector* SelectorOf(Expr& expr) {
  if (expr.kind == ExprKind::kVectorSelector) return &As<VectorSelector>(expr);
  if (expr.kind == ExprKind::kMatrixSelector) return As<MatrixSelector>(expr).selector.get();
  return nullptr;
}

}  // namespace

// Where the modifier of `expr` is kept; fails when it takes none.
ParserImpl::Modified ParserImpl::FindModified(Expr& expr, std::string_view modifier) {
  switch (expr.kind) {
    case ExprKind::kVectorSelector:
      return {&As<VectorSelector>(expr).time, &expr.pos.end};
    case ExprKind::kMatrixSelector:
      return {&As<MatrixSelector>(expr).selector->time, &expr.pos.end};
    case ExprKind::kSubquery:
      return {&As<Subquery>(expr).time, &expr.pos.end};
    default:
      Fail(expr.pos, fmt::format("{} modifier must be preceded by an instant vector selector or "
                                 "range vector selector or a subquery",
                                 modifier));
      return {};
  }
}

void ParserImpl::ParseOffset(Expr& expr) {
  Take();
  DurationTree duration;
  {
    InContext context(*this, {"offset", "number, duration, step(), or range()"});
    duration = ParseOffsetDuration();
  }
  if (failed_) return;
  const Modified modified = FindModified(expr, "offset");
  if (failed_) return;
  TimeModifiers& time = *modified.time;
  // An offset of zero does not count as set.
  if (time.offset_ns != 0 || time.offset_expr) {
    Fail(expr.pos, "offset may not be set multiple times");
    return;
  }
  if (duration.expr->op == DurationExpr::Op::kLiteral) {
    time.offset_ns = Nanoseconds(duration.expr->seconds);
  } else {
    time.offset_expr = std::move(duration.expr);
  }
  *modified.end = last_closing_;
}

void ParserImpl::ParseAt(Expr& expr) {
  Take();
  InContext context(*this, {"@", "timestamp"});
  if (At(kStart) || At(kEnd)) {
    const AtKind kind = Take().kind == kStart ? AtKind::kStart : AtKind::kEnd;
    if (Expect(kLeftParen) && Expect(kRightParen)) SetAt(expr, kind, 0);
    return;
  }
  const double seconds = ParseSignedNumber();
  if (!failed_) SetAt(expr, AtKind::kTimestamp, seconds);
}

void ParserImpl::SetAt(Expr& expr, AtKind kind, double seconds) {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  if (!(std::fabs(seconds) < kLimit)) {
    Fail(expr.pos, fmt::format("timestamp out of bounds for @ modifier: {}", GoFixed(seconds, 6)));
    return;
  }
  const Modified modified = FindModified(expr, "@");
  if (failed_) return;
  if (modified.time->at != AtKind::kNone) {
    Fail(expr.pos, "@ <timestamp> may not be set multiple times");
    return;
  }
  modified.time->at = kind;
  modified.time->at_ms = TruncatedToInt64(std::round(seconds * 1000));
  *modified.end = last_closing_;
}

void ParserImpl::ParseExtended(Expr& expr) {
  const bool anchored = Take().kind == kAnchored;
  if (!options_.extended_range_selectors) {
    Fail(expr.pos, fmt::format("{} modifier is experimental and not enabled",
                               anchored ? "anchored" : "smoothed"));
    return;
  }
  VectorSelector* const selector = SelectorOf(expr);
  if (selector == nullptr) {
    Fail(expr.pos, fmt::format("{} modifier {}", anchored ? "anchored" : "smoothed",
                               expr.kind == ExprKind::kSubquery ? "is not supported for subqueries"
                                                                : "not implemented"));
    return;
  }
  (anchored ? selector->anchored : selector->smoothed) = true;
  if (selector->anchored && selector->smoothed) {
    Fail(expr.pos, "anchored and smoothed modifiers cannot be used together");
  }
}

}  // namespace synoptic::promql::internal
