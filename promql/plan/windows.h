// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// When things are looked at: the sample times a selector can reach, and the evaluation times below
// a subquery. The formulas are Prometheus'.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "promql/model/grid.h"
#include "promql/parse/ast.h"
#include "promql/plan/plan.h"

namespace synoptic::promql {

// Where a node stands in the tree, as far as times and hints go. Passed down by value.
struct Scope {
  Grid grid;  // the node is evaluated at these times; empty below an empty subquery
  // What enclosing subqueries add up to; an `@` starts the sum anew.
  int64_t subquery_offset_ms = 0;
  int64_t subquery_range_ms = 0;
  std::optional<int64_t> subquery_at_ms;
  int64_t hint_step_ms = 0;    // of the innermost subquery, or the query's
  std::string_view hint_func;  // nearest enclosing function or aggregation, up to a binary operator
};

Scope RootScope(const PlanOptions& options);
// The scope of `parent`'s children.
Scope Below(const Scope& scope, const Expr& parent, const PlanOptions& options);

// Evaluation times below a subquery whose parent is evaluated at `parent`.
Grid SubqueryGrid(const Subquery& subquery, const Grid& parent, int64_t default_step_ms);

struct SampleWindow {
  int64_t min_t = 0;  // both inclusive
  int64_t max_t = 0;
};
// `range_ms` is the matrix selector's, 0 for an instant vector.
SampleWindow WindowOf(const VectorSelector& selector, int64_t range_ms, const Scope& scope,
                      const PlanOptions& options);

// Calls `visit` for every selector at or below `expr` with its matrix range (or 0) and scope.
using SelectorVisitor = std::function<void(VectorSelector&, int64_t range_ms, const Scope&)>;
void ForEachSelector(Expr& expr, const Scope& scope, const PlanOptions& options,
                     const SelectorVisitor& visit);

}  // namespace synoptic::promql
