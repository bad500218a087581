// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The locality pass: for every node, whether its value over all series is the disjoint union of its
// values at each unit (a shard, or a region), and which topology labels its series then carry.
//
// The claim behind `exact`, for a unit level: evaluating the node over the series of all shards
// gives the same as evaluating it at each unit alone and setting the unit's labels `tags` on each
// result. It is proven bottom-up from the tree and the topology alone; nothing is guessed from text
// or data. The labels of the topology are ours at every shard, whether it sets them or not: an
// incoming label of such a name is renamed exported_<name>, so a shard without it has it empty.
#pragma once

#include <string>
#include <unordered_map>

#include "promql/model/topology.h"
#include "promql/parse/ast.h"
#include "promql/plan/name_set.h"
#include "promql/plan/plan.h"

namespace synoptic::promql {

struct Placement {
  bool exact = false;
  bool has_data = false;  // some selector below: a constant otherwise
  ShardSet shards;        // where the value can have series (for an unless: its left side's)
  ShardSet all_shards;    // where any selector below can have series
  NameSet tags;           // topology labels that the result's series carry
  bool relabels = false;  // some node below reads or writes a topology label as text
  std::string reason;     // why not exact: for explain
};

// Computes placements on demand and remembers them by node: ask only for nodes of one tree, before
// they change or die. Not thread-safe.
class LocalityAnalysis {
 public:
  // `level` is kShard or kRegion: what a unit is. `topology` outlives this.
  // So does `own`, which may be null.
  LocalityAnalysis(const Topology& topology, Locality level, const OwnSeries* own = nullptr);

  const Placement& Of(const Expr& expr);

  // Whether any two units of `shards` differ in the value of one of `names`.
  bool Distinguishes(const NameSet& names, const ShardSet& shards) const;
  bool SingleUnit(const ShardSet& shards) const;
  const NameSet& topology_labels() const { return names_; }
  // `name` is a topology label, or what an incoming label of that name is renamed to.
  bool Touches(std::string_view name) const;

 private:
  Placement Compute(const Expr& expr);
  Placement OfSelector(const VectorSelector& selector);
  Placement OfCall(const Call& call);
  Placement OfRelabelling(const Call& call, Placement placement);
  Placement OfAggregate(const Aggregate& aggregate);
  Placement OfBinary(const Binary& binary);
  Placement OfVectors(const Binary& binary, const Placement& lhs, const Placement& rhs);
  // The vector argument's placement, if the scalar ones leave it exact.
  Placement WithScalars(const Placement& vector, const Placement& scalar);

  const Topology& topology_;
  const OwnSeries* const own_;
  const NameSet names_;
  std::vector<int> unit_;  // per shard
  std::unordered_map<const Expr*, Placement> known_;
};

}  // namespace synoptic::promql
