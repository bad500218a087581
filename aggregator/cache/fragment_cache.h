// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The cache of a process: its tiers, and a door for every shard. Outlives reloads: a shard that did
// not change finds its fragments again.
//
// Lives on one serial executor; stats() and Drop() are thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aggregator/cache/memory_tier.h"
#include "aggregator/cache/shard_cache.h"
#include "aggregator/cache/stream_key.h"
#include "promql/model/matcher.h"

namespace synoptic::aggregator {

struct FragmentCacheOptions {
  int64_t memory_bytes = int64_t{512} << 20;
  ShardCacheOptions shard;
};

// Which fragments: those that fit all that is set.
struct FragmentFilter {
  std::string region;  // empty: any
  // Fragments that can hold a series which all of these match. Nothing is left out by mistake: of
  // an expression whose selectors do not contradict them, all goes.
  std::vector<promql::Matcher> matchers;
  std::optional<int64_t> min_t;  // ms; fragments that reach into [min_t, max_t]
  std::optional<int64_t> max_t;
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
  // References outlive the cache and the tasks of its doors.
  FragmentCache(const FragmentCacheOptions& options, const Clock& clock, ComputePool& pool,
                boost::asio::any_io_executor executor);

  // The same shard gets the same door.
  std::shared_ptr<ShardCache> Of(const ShardIdentity& shard);

  TierStats memory() const { return memory_->stats(); }
  int64_t max_bytes() const { return memory_->max_bytes(); }
  std::vector<RegionCacheStats> regions() const;
  // How many fragments went.
  int64_t Drop(const FragmentFilter& filter);

 private:
  const FragmentCacheOptions options_;
  const Clock& clock_;
  ComputePool& pool_;
  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<MemoryTier> memory_;
  std::map<std::string, std::weak_ptr<ShardCache>> doors_;
};

}  // namespace synoptic::aggregator
