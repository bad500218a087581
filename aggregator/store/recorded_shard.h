// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The series store as one more upstream of queries.
#pragma once

#include <functional>
#include <memory>

#include "aggregator/store/series_store.h"
#include "aggregator/upstream/shard_client.h"
#include "base/clock.h"
#include "net/async/compute_pool.h"

namespace synoptic::aggregator {

// Whether series that all matchers match may lack samples from min_t to max_t: what should have
// been recorded and was not, for now. `lane`: of who asks.
using MayLack = std::function<bool(const std::vector<promql::Matcher>&, int64_t min_t,
                                   int64_t max_t, Lane lane)>;

// Labels come as they were recorded. An answer that may lack something says so in its coverage.
// Steps and Json are not asked of it: Unimplemented. `region` and `shard` are its names. The store
// is kept alive by the client; `pool` and `clock` outlive it.
std::shared_ptr<ShardClient> NewRecordedShard(std::shared_ptr<SeriesStore> store,
                                              std::string region, std::string shard,
                                              ComputePool& pool, const Clock& clock,
                                              MayLack may_lack = nullptr);

}  // namespace synoptic::aggregator
