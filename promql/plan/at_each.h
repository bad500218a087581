// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// An expression as each place computes it by itself: what it groups and matches by keeps the labels
// that tell places apart. Beside one server `max by (queue) (x)` is about that server; over all of
// them the same is `max by (queue, region) (x)`.
#pragma once

#include "promql/model/topology.h"
#include "promql/parse/ast.h"
#include "promql/plan/name_set.h"
#include "promql/plan/plan.h"

namespace synoptic::promql {

// The labels that every shard of a unit has in common: of a region those that its shards share, of
// a shard all.
NameSet UnitLabels(const Topology& topology, Locality level);

// `expr` with `labels` kept everywhere. It need not be exact at each place all the same (absent()
// and scalar() have no labels): LocalityOf tells.
ExprPtr AtEach(const Expr& expr, const NameSet& labels);

}  // namespace synoptic::promql
