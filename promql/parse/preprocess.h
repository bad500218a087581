// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// From tree to evaluable tree, once the query's time range is known: folds
// start(), end(), range() and step(), evaluates duration expressions, resolves `@ start()/end()`,
// wraps step-invariant subtrees, strips parentheses around arguments, completes the second argument
// of info(), and marks selectors whose histograms need no buckets.
#pragma once

#include "absl/status/statusor.h"
#include "promql/model/grid.h"
#include "promql/parse/ast.h"

namespace synoptic::promql {

// `grid.start == grid.end` means an instant query. InvalidArgument for a duration expression
// without a usable value.
absl::StatusOr<ExprPtr> Preprocess(ExprPtr expr, const Grid& grid);

}  // namespace synoptic::promql
