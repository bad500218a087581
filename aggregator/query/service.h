// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Making a query service over shard clients.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "aggregator/availability/availability.h"
#include "aggregator/cache/shard_cache.h"
#include "aggregator/query/query_service.h"
#include "aggregator/upstream/inventory.h"
#include "aggregator/upstream/shard_client.h"
#include "base/clock.h"
#include "net/async/compute_pool.h"

namespace synoptic::aggregator {

class EdgeReader;

// What is asked: the regions and one client per shard of it, region by region.
// Clients are shared: a leg that outlives its query still holds the one it asks.
struct Upstreams {
  Inventory inventory;
  std::vector<std::shared_ptr<ShardClient>> clients;
  // Who of its replicas was whole when, by shard; made by the service.
  std::vector<std::shared_ptr<Availability>> availability = {};
  // What is remembered of each shard's answers, by shard; empty: nothing. Of shards that are stores
  // of one place (inventory.h), the first one's is used.
  std::vector<std::shared_ptr<ShardCache>> caches = {};
  // Made by the service, one a cache; null where nothing can be learned.
  std::vector<std::shared_ptr<EdgeReader>> edges = {};
  // Series that were recorded here, beside all regions: asked where one of them may match. Their
  // labels stay as they are, topology labels too; Steps is never called. Null: there are none.
  std::shared_ptr<ShardClient> own = nullptr;
  std::function<bool(const std::vector<promql::Matcher>&)> own_may_hold = nullptr;
};

// As what our own series are named in coverage, explain and `regions=`.
inline constexpr char kOwnRegion[] = "synoptic";
inline constexpr char kOwnShard[] = "store";

// A QueryService that can change what it asks.
class FederatedQueryService : public QueryService {
 public:
  // For queries that start from now on. REQUIRES: one client per shard.
  virtual void SetUpstreams(Upstreams upstreams) = 0;
  // Waits for legs that outlived their queries; call before the clients' dependencies go away.
  virtual Task<> Stop(Deadline deadline) = 0;
};

// All calls come in on the event loop's (serial) executor; evaluation runs on `pool`. `pool` and
// `clock` outlive the service.
std::unique_ptr<FederatedQueryService> NewQueryService(const QueryServiceOptions& options,
                                                       Upstreams upstreams, ComputePool& pool,
                                                       const Clock& clock);

}  // namespace synoptic::aggregator
