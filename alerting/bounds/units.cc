// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/bounds/units.h"

#include <algorithm>

namespace synoptic::alerting {
namespace {

LeafUnit UnitOf(const Leaf& leaf, const promql::Topology& topology, promql::ShardSet shards) {
  LeafUnit unit;
  unit.shards = std::move(shards);
  for (const std::string& name : leaf.tags) {
    const auto label = [&](int shard) {
      return std::string(topology.shards[static_cast<size_t>(shard)].labels.Get(name));
    };
    const std::string first = label(unit.shards.front());
    const bool same = std::all_of(unit.shards.begin(), unit.shards.end(),
                                  [&](int shard) { return label(shard) == first; });
    if (same) unit.kind.fixed[name] = first;
  }
  if (leaf.only_known) unit.kind.only = leaf.only;
  unit.kind.value = leaf.nonnegative ? BoundedValue::NonNegative() : BoundedValue::Anything();
  unit.kind.value.nan = !leaf.finite;
  return unit;
}

bool Differ(const OpenKind& a, const OpenKind& b) {
  return std::any_of(a.fixed.begin(), a.fixed.end(), [&b](const auto& entry) {
    const auto it = b.fixed.find(entry.first);
    return it != b.fixed.end() && it->second != entry.second;
  });
}

}  // namespace

bool LeafUnit::Unseen(const promql::ShardSet& missing) const {
  return !promql::Intersection(shards, missing).empty();
}

std::vector<LeafUnit> UnitsOf(const Leaf& leaf, const promql::Topology& topology) {
  std::vector<LeafUnit> units;
  if (leaf.unaffected || leaf.presence) return units;
  if (leaf.by_region) {
    std::map<std::string, promql::ShardSet> regions;
    for (size_t i = 0; i < topology.shards.size(); ++i) {
      regions[topology.shards[i].region].push_back(static_cast<int>(i));
    }
    for (auto& [region, shards] : regions) {
      if (promql::Intersection(shards, leaf.shards).empty()) continue;
      units.push_back(UnitOf(leaf, topology, std::move(shards)));
    }
  } else {
    for (const int shard : leaf.shards) units.push_back(UnitOf(leaf, topology, {shard}));
  }
  for (LeafUnit& unit : units) {
    unit.told_apart = std::all_of(units.begin(), units.end(), [&unit](const LeafUnit& other) {
      return &other == &unit || Differ(unit.kind, other.kind);
    });
  }
  return units;
}

}  // namespace synoptic::alerting
