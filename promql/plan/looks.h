// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which samples an expression looks at, step by step: what decides whether a replica with a hole
// can compute a step, and whether what is known of a dark shard is enough for it.
#pragma once

#include <vector>

#include "promql/parse/ast.h"
#include "promql/plan/plan.h"

namespace synoptic::promql {

// One entry a different window below `expr`, which is preprocessed.
std::vector<Look> LooksOf(const Expr& expr, int64_t lookback_ms);

// Whether a range selector or a subquery is at or below `expr`.
bool LooksAtWindows(const Expr& expr);

// What one step of a plan looks at of one of its fetches: of kRaw sample times, of kSteps points of
// the fetch's grid.
struct FetchLook {
  int fetch = -1;
  Look look;
};

// Of a whole plan. `root` is Plan::root.
std::vector<FetchLook> FetchLooksOf(const Expr& root, int64_t lookback_ms);

}  // namespace synoptic::promql
