// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What of an expression is a number once the query's range is known: start(), end(), range() and
// step(), and durations that are computed. Private to promql/parse.
#pragma once

#include "absl/status/status.h"
#include "promql/model/grid.h"
#include "promql/parse/ast.h"

namespace synoptic::promql {

// Replaces start(), end(), range() and step() by their values.
void FoldQueryTimes(const Grid& grid, ExprPtr& expr);

// Gives every duration expression its value. InvalidArgument with byte offsets, as Prometheus has
// it: one that is not finite, out of range, or not above 0 where it has to be.
absl::Status ResolveDurations(const Grid& grid, Expr& expr);

}  // namespace synoptic::promql
