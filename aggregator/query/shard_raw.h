// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The samples of a shard with several replicas, as if it were one that never missed a scrape.
#pragma once

#include <memory>
#include <string>

#include "aggregator/availability/availability.h"
#include "aggregator/query/fetch_stage.h"

namespace synoptic::aggregator {

// A shard and what is known of its replicas. The coroutines below own a copy.
struct WholeShard {
  std::shared_ptr<ShardClient> client;
  std::shared_ptr<Availability> availability;  // null: nothing to choose between
  promql::TopologyShard place;
  std::shared_ptr<LegMemory> memory;
};

// An error that another replica would give as well.
bool FinalError(const absl::Status& status);

// One replica answers; what it may have missed (Availability) is asked of its siblings, read
// kNearMs further at both ends, and filled in. The siblings only add: when one fails or is slow the
// answer stays, with a warning that says what may be missing.
Task<RawAnswer> AskRawWhole(WholeShard shard, RawRequest request, Deadline deadline,
                            FetchEnvironment environment);

}  // namespace synoptic::aggregator
