// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The cache of a process: its tiers, and a door for every shard. Outlives reloads: a shard that did
// not change finds its fragments again.
//
// Lives on one serial executor; its stats are thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aggregator/cache/fragment_filter.h"
#include "aggregator/cache/list_memory.h"
#include "aggregator/cache/memory_tier.h"
#include "aggregator/cache/shard_cache.h"
#include "aggregator/cache/stream_key.h"
#include "aggregator/cache/tier_stack.h"

namespace synoptic::aggregator {

struct FragmentCacheOptions {
  int64_t memory_bytes = int64_t{512} << 20;
  int64_t list_bytes = int64_t{32} << 20;  // beside it; 0: no lists are kept
  ShardCacheOptions shard;
};

// What a region has in the cache.
struct RegionCacheStats {
  std::string region;
  std::string shard;
  int64_t fragments = 0;
  int64_t samples = 0;
  int64_t bytes = 0;
  int64_t oldest_ms = 0;
  int64_t newest_ms = 0;
};

class FragmentCache {
 public:
  // References outlive the cache and the tasks of its doors. `lower`: the tiers below memory, from
  // fast to slow.
  FragmentCache(const FragmentCacheOptions& options, const Clock& clock, ComputePool& pool,
                boost::asio::any_io_executor executor,
                std::vector<std::shared_ptr<Tier>> lower = {});

  // The same shard gets the same door.
  std::shared_ptr<ShardCache> Of(const ShardIdentity& shard);

  TierStats memory() const { return memory_->stats(); }
  int64_t max_bytes() const { return memory_->max_bytes(); }
  ListStats lists() const { return lists_ == nullptr ? ListStats() : lists_->stats(); }
  int64_t divergences() const { return tiers_->divergences(); }
  int64_t audits() const { return tiers_->audits(); }
  std::vector<RegionCacheStats> regions() const;
  const std::vector<std::shared_ptr<Tier>>& lower() const { return tiers_->lower(); }
  // Before the process ends: what is not settled goes to the tiers below too, as long as it is
  // fresh enough to serve. After a short restart the first dashboard finds it.
  void KeepTails() const;
  // Drops what fits from every tier, and all lists of the region: what they are of is not looked
  // at. How many fragments and lists went.
  Task<int64_t> Purge(FragmentFilter filter, Deadline deadline);

 private:
  const FragmentCacheOptions options_;
  const Clock& clock_;
  ComputePool& pool_;
  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<MemoryTier> memory_;
  const std::shared_ptr<ListMemory> lists_;  // null: none are kept
  const std::shared_ptr<TierStack> tiers_;
  std::map<std::string, std::weak_ptr<ShardCache>> doors_;
};

}  // namespace synoptic::aggregator
