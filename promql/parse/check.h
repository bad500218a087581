// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The rules that grammar alone does not hold: types of operands and arguments, matching clauses,
// selectors that would match everything.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "promql/parse/ast.h"

namespace synoptic::promql::internal {

// The first mistake in Prometheus' order of visit. Also completes the tree: drops matching where
// a side is scalar, makes set operators many-to-many.
absl::Status CheckTypes(Expr& expr, std::string_view text);

}  // namespace synoptic::promql::internal
