// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What planners know of where series live: regions, shards, and the labels each puts on its series.
#pragma once

#include <string>
#include <vector>

#include "promql/model/labels.h"

namespace synoptic::promql {

struct TopologyShard {
  std::string region;  // region and shard names, for explain and routing
  std::string shard;
  Labels labels;  // set on every series of this shard: the region's labels and the shard's
};

struct Topology {
  std::vector<TopologyShard> shards;
  // Names of the labels that occur in any shard's labels, sorted and unique.
  std::vector<std::string> LabelNames() const;
};

}  // namespace synoptic::promql
