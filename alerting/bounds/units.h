// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The parts of the world by which a leaf is seen or not: its shards, or its regions where only a
// whole region says something.
#pragma once

#include <vector>

#include "alerting/bounds/leaves.h"
#include "alerting/bounds/partial_vector.h"
#include "promql/model/topology.h"

namespace synoptic::alerting {

struct LeafUnit {
  promql::ShardSet shards;  // never empty; unseen as soon as one of them is
  OpenKind kind;            // what elements of it can be
  bool told_apart = false;  // by its labels, no element of it can be one of another unit

  bool Unseen(const promql::ShardSet& missing) const;
};

// None for a leaf that needs nothing that is unseen.
std::vector<LeafUnit> UnitsOf(const Leaf& leaf, const promql::Topology& topology);

}  // namespace synoptic::alerting
