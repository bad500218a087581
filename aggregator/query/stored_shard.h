// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Asking a shard whose history may lie in several stores (stores.h), as if it were one.
//
// Samples are cut where the fresher store ends. A pushed part is computed by a store that holds all
// that a step looks at, so that lookback and windows never end at a border; the grid is cut where
// that changes. Steps that look across a border are computed here, from the samples of both.
#pragma once

#include "aggregator/query/shard_raw.h"
#include "aggregator/query/stores.h"

namespace synoptic::aggregator {

// The coroutines below own a copy.
struct StoredShard {
  std::vector<Store> stores;  // the freshest first
  promql::TopologyShard place;
  std::shared_ptr<LegMemory> memory;
};

Task<RawAnswer> AskRawOf(StoredShard shard, RawRequest request, Deadline deadline,
                         FetchEnvironment environment);
// `looks`: what each step of the text looks at (promql::Fetch).
Task<StepAnswer> AskStepsOf(StoredShard shard, std::vector<promql::Look> looks, StepRequest request,
                            Deadline deadline, FetchEnvironment environment);

}  // namespace synoptic::aggregator
