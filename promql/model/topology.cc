// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/topology.h"

#include <set>

namespace synoptic::promql {

std::vector<std::string> Topology::LabelNames() const {
  std::set<std::string> names;
  for (const TopologyShard& shard : shards) {
    for (const Label label : shard.labels) names.emplace(label.name);
  }
  return {names.begin(), names.end()};
}

}  // namespace synoptic::promql
