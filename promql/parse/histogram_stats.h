// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which selectors need no more of native histograms than count and sum.
//
// Prometheus reads those without their buckets. That shows: hints about counter resets are then
// found while reading, and what depends on buckets further up finds none.
#pragma once

#include "promql/parse/ast.h"

namespace synoptic::promql {

// Sets VectorSelector::stats_only below `expr`.
void MarkStatsOnly(Expr& expr);

}  // namespace synoptic::promql
