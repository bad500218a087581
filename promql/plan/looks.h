// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which samples an expression looks at, step by step: what decides whether a replica with a hole
// can compute a step.
#pragma once

#include <vector>

#include "promql/parse/ast.h"
#include "promql/plan/plan.h"

namespace synoptic::promql {

// One entry a different window below `expr`, which is preprocessed.
std::vector<Look> LooksOf(const Expr& expr, int64_t lookback_ms);

}  // namespace synoptic::promql
