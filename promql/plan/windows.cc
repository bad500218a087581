// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/plan/windows.h"

namespace synoptic::promql {
namespace {

Grid EmptyGrid(int64_t step) { return {0, -1, step}; }

}  // namespace

Scope RootScope(const PlanOptions& options) {
  Scope scope;
  scope.grid = options.grid;
  scope.hint_step_ms = options.range_query ? options.grid.step : 0;
  return scope;
}

Grid SubqueryGrid(const Subquery& subquery, const Grid& parent, int64_t default_step_ms) {
  const int64_t step = subquery.step_ms() > 0 ? subquery.step_ms() : default_step_ms;
  if (parent.size() == 0) return EmptyGrid(step);
  int64_t first = parent.start;
  int64_t last = parent.at(parent.size() - 1);
  if (subquery.time.at != TimeModifiers::AtKind::kNone) {
    last = subquery.time.at_ms + (subquery.time.moves ? last - first : 0);
    first = subquery.time.at_ms;
  }
  const int64_t open_start = first - subquery.time.offset_ms() - subquery.range_ms();
  int64_t start = step * (open_start / step);  // toward zero, as Prometheus divides
  if (start <= open_start) start += step;
  const int64_t end = last - subquery.time.offset_ms();
  return end < start ? EmptyGrid(step) : Grid{start, end, step};
}

Scope Below(const Scope& scope, const Expr& parent, const PlanOptions& options) {
  Scope below = scope;
  switch (parent.kind) {
    case ExprKind::kSubquery: {
      const Subquery& subquery = As<Subquery>(parent);
      below.grid = SubqueryGrid(subquery, scope.grid, options.default_subquery_step_ms);
      below.hint_step_ms = below.grid.step;
      if (subquery.time.at != TimeModifiers::AtKind::kNone) {
        below.subquery_at_ms = subquery.time.at_ms;
        below.subquery_offset_ms = 0;
        below.subquery_range_ms = 0;
      }
      below.subquery_offset_ms += subquery.time.offset_ms();
      below.subquery_range_ms += subquery.range_ms();
      break;
    }
    case ExprKind::kStepInvariant:
      if (scope.grid.size() > 0) below.grid = Grid::Instant(scope.grid.start);
      break;
    case ExprKind::kCall:
      below.hint_func = As<Call>(parent).function->name;
      break;
    case ExprKind::kAggregate:
      below.hint_func = OperatorText(As<Aggregate>(parent).op);
      break;
    case ExprKind::kBinary:
      below.hint_func = {};
      break;
    default:
      break;
  }
  return below;
}

SampleWindow WindowOf(const VectorSelector& selector, int64_t range_ms, const Scope& scope,
                      const PlanOptions& options) {
  SampleWindow window{options.grid.start, options.grid.end};
  if (scope.subquery_at_ms) window = {*scope.subquery_at_ms, *scope.subquery_at_ms};
  if (selector.time.at != TimeModifiers::AtKind::kNone) {
    window = {selector.time.at_ms, selector.time.at_ms};
  } else {
    window.min_t -= scope.subquery_offset_ms + scope.subquery_range_ms;
    window.max_t -= scope.subquery_offset_ms;
  }
  // Windows are open at their left end: hence one millisecond less.
  const bool looks_back = range_ms == 0 || selector.anchored || selector.smoothed;
  window.min_t -= range_ms + (looks_back ? options.lookback_ms : 0) - 1;
  if (selector.smoothed) window.max_t += options.lookback_ms;
  window.min_t -= selector.time.offset_ms();
  window.max_t -= selector.time.offset_ms();
  return window;
}

void ForEachSelector(Expr& expr, const Scope& scope, const PlanOptions& options,
                     const SelectorVisitor& visit) {
  if (expr.kind == ExprKind::kVectorSelector) {
    visit(As<VectorSelector>(expr), 0, scope);
    return;
  }
  if (expr.kind == ExprKind::kMatrixSelector) {
    MatrixSelector& matrix = As<MatrixSelector>(expr);
    visit(*matrix.selector, matrix.range_ms(), scope);
    return;
  }
  const Scope below = Below(scope, expr, options);
  for (Expr* child : Children(expr)) ForEachSelector(*child, below, options, visit);
}

}  // namespace synoptic::promql
