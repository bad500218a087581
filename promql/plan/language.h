// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What may be written in a text for an upstream: the language of Prometheus 2.42 and later, without
// anything behind a feature flag.
#pragma once

#include <string>

#include "promql/parse/ast.h"
#include "promql/plan/locality.h"

namespace synoptic::promql {

// Empty when every upstream understands `expr` and means the same by it; otherwise what it does
// not.
std::string ForeignToUpstream(const Expr& expr, const LocalityAnalysis& locality);
// The same for the node alone, without what is below it.
std::string ForeignNode(const Expr& expr, const LocalityAnalysis& locality);

}  // namespace synoptic::promql
