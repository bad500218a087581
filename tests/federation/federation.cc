// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/federation/federation.h"

#include "aggregator/upstream/upstream.h"
#include "base/rng.h"
#include "fmt/format.h"

namespace synoptic::federation {

using aggregator::Region;
using aggregator::Shard;

Federation::Federation(std::vector<ShardData> shards, const FederationOptions& options) {
  loop_.clock.AdvanceMillis(options.wall_ms - loop_.clock.WallMillis());
  UpstreamOptions upstream_options;
  upstream_options.language = options.service.language;
  upstream_options.delayed_name_removal = options.service.delayed_name_removal;
  upstream_options.use_start_timestamps = options.service.use_start_timestamps;
  aggregator::Upstreams upstreams;
  promql::Topology topology;
  for (const ShardData& data : shards) {
    topology.shards.push_back({data.region, data.shard, data.labels});
  }
  SeededRng rng(1);
  if (options.cache) {
    cache_ = std::make_unique<aggregator::FragmentCache>(aggregator::FragmentCacheOptions(),
                                                         loop_.clock, pool_, loop_.executor());
  }
  for (size_t i = 0; i < shards.size(); ++i) {
    // A region a shard: the planner sees shards only.
    Region region;
    region.name = fmt::format("{}-{}", shards[i].region, shards[i].shard);
    region.labels = shards[i].labels;
    region.policy = aggregator::RegionPolicy::kRequire;
    region.replica_labels.clear();
    region.canary = options.canary;
    Shard& shard = region.shards.emplace_back();
    shard.read = options.read;
    for (size_t r = 0; r < shards[i].replicas.size(); ++r) {
      const std::string host = fmt::format("u{}-{}", i, r);
      http_.Add(host, std::make_unique<MemoryUpstream>(std::move(shards[i].replicas[r]),
                                                       upstream_options));
      const std::string url = "http://" + host + ":9090";
      shard.replicas.push_back({url, net::Origin::Parse(url).value()});
    }
    aggregator::UpstreamDeps deps;
    deps.http = &http_;
    deps.clock = &loop_.clock;
    deps.executor = loop_.executor();
    deps.rng = &rng;
    deps.topology_labels = topology.LabelNames();
    deps.probe_interval = {};
    upstreams.inventory.regions.push_back(region);
    upstreams.clients.push_back(aggregator::NewShardClient(region, shard, deps));
    if (cache_ != nullptr) upstreams.caches.push_back(cache_->Of({region.name, "main", ""}));
  }
  aggregator::QueryServiceOptions service = options.service;
  service.pushdown = options.pushdown;
  service_ = NewQueryService(service, std::move(upstreams), pool_, loop_.clock);
}

Federation::~Federation() {
  (void)loop_.Run(service_->Stop(Deadline::After(loop_.clock, std::chrono::seconds(1))));
  service_.reset();
}

int64_t Federation::fragments() const {
  int64_t count = 0;
  if (cache_ == nullptr) return count;
  for (const aggregator::RegionCacheStats& region : cache_->regions()) count += region.fragments;
  return count;
}

absl::StatusOr<aggregator::QueryAnswer> Federation::Ask(aggregator::QueryRequest request) {
  return loop_.Run(service_->Query(std::move(request)));
}

}  // namespace synoptic::federation
