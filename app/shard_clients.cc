// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/shard_clients.h"

#include <xxhash.h>

#include <algorithm>

#include "app/wiring.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::app {

void ShardClients::SetReplicas(const aggregator::Shard& shard, Entry& entry) {
  std::set<std::string> replicas;
  for (const aggregator::Replica& replica : shard.replicas) replicas.insert(replica.url);
  const bool some_stay = std::any_of(replicas.begin(), replicas.end(), [&](const std::string& url) {
    return entry.replicas.contains(url);
  });
  if (!some_stay && !replicas.empty()) {
    entry.known_as.clear();
    for (const std::string& url : replicas) entry.known_as += url + " ";
  }
  if (replicas == entry.replicas) return;
  entry.client->SetReplicas(shard.replicas);
  entry.replicas = std::move(replicas);
}

aggregator::Upstreams ShardClients::Make(const Config& config, aggregator::Inventory inventory,
                                         aggregator::FragmentCache* cache) {
  deps_.topology_labels = inventory.MakeTopology().LabelNames();
  deps_.breaker = BreakerOf(config);
  deps_.ask = config.resilience.ask;
  const std::string common = fmt::format(
      "{} {} {} {} {} {} {}|", deps_.breaker.consecutive_failures, deps_.breaker.open_max.count(),
      deps_.ask.hedge_percentile, deps_.ask.hedge_budget, deps_.ask.retries_max,
      deps_.ask.retries_budget, Join(deps_.topology_labels, ","));
  aggregator::Upstreams upstreams;
  upstreams.inventory = std::move(inventory);
  std::map<std::string, Entry> entries;
  for (const aggregator::Region& region : upstreams.inventory.regions) {
    for (const aggregator::Shard& shard : region.shards) {
      const std::string key = common + FingerprintOf(region, shard);
      // A shard that did not change keeps its client: connections, breaker and all; one whose
      // replicas changed, what is known of those that stay.
      Entry entry = entries_[key];
      if (entry.client == nullptr) {
        deps_.http = *http_.Get(shard.tls, shard.auth);
        entry.client = aggregator::NewShardClient(region, shard, deps_);
      }
      SetReplicas(shard, entry);
      upstreams.clients.push_back(entry.client);
      entries.emplace(key, std::move(entry));
    }
  }
  entries_ = std::move(entries);
  if (cache != nullptr) AddCaches(common, *cache, upstreams);
  return upstreams;
}

// One for each shard; stores of one place are told apart from others together.
void ShardClients::AddCaches(const std::string& common, aggregator::FragmentCache& cache,
                             aggregator::Upstreams& upstreams) const {
  for (const aggregator::Region& region : upstreams.inventory.regions) {
    for (const aggregator::Shard& shard : region.shards) {
      std::string place = Join(deps_.topology_labels, ",") + '|';
      for (const aggregator::Shard& store : region.shards) {
        if (LabelsOf(region, store) != LabelsOf(region, shard)) continue;
        // How patiently a shard is asked does not decide what it answers.
        const std::string own = FingerprintOf(region, store);
        place += own;
        place += entries_.at(common + own).known_as;
      }
      // A digest: what is cached names no secret.
      const XXH128_hash_t digest = XXH3_128bits(place.data(), place.size());
      upstreams.caches.push_back(cache.Of(
          {region.name, shard.name, fmt::format("{:016x}{:016x}", digest.high64, digest.low64)}));
    }
  }
}

}  // namespace synoptic::app
