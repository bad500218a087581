// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "promql/parse/ast.h"
#include "tests/federation/random_world.h"

namespace synoptic::federation {

// Puts parentheses around some of `expr` where they mean nothing.
promql::ExprPtr WithParentheses(promql::ExprPtr expr, Random& random);

}  // namespace synoptic::federation
