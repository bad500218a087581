// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/fragment_cache.h"

#include <algorithm>
#include <tuple>

#include "base/status.h"

namespace synoptic::aggregator {
FragmentCache::FragmentCache(const FragmentCacheOptions& options, const Clock& clock,
                             ComputePool& pool, boost::asio::any_io_executor executor,
                             std::vector<std::shared_ptr<Tier>> lower)
    : options_(options),
      clock_(clock),
      pool_(pool),
      executor_(std::move(executor)),
      memory_(std::make_shared<MemoryTier>(options.memory_bytes)),
      lists_(options.list_bytes > 0 && options.shard.lists.fresh_ms > 0
                 ? std::make_shared<ListMemory>(options.list_bytes)
                 : nullptr),
      tiers_(std::make_shared<TierStack>(memory_, std::move(lower))) {}

std::shared_ptr<ShardCache> FragmentCache::Of(const ShardIdentity& shard) {
  std::weak_ptr<ShardCache>& known =
      doors_[SamplesKey(shard, RawRequest())];  // a key is what tells shards apart
  std::shared_ptr<ShardCache> door = known.lock();
  if (door == nullptr) {
    door = std::make_shared<ShardCache>(shard, tiers_, options_.shard, clock_, pool_, executor_,
                                        lists_);
    known = door;
  }
  std::erase_if(doors_, [](const auto& entry) { return entry.second.expired(); });
  return door;
}

std::vector<RegionCacheStats> FragmentCache::regions() const {
  std::map<std::pair<std::string, std::string>, RegionCacheStats> found;
  memory_->Each([&](std::string_view stream, const Fragment& fragment) {
    const StreamDescription what = DescribeStream(stream);
    RegionCacheStats& stats = found[{std::string(what.region), std::string(what.shard)}];
    if (stats.fragments == 0) stats.oldest_ms = fragment.first();
    ++stats.fragments;
    stats.samples += fragment.samples();
    stats.bytes += fragment.bytes();
    stats.oldest_ms = std::min(stats.oldest_ms, fragment.first());
    stats.newest_ms = std::max(stats.newest_ms, fragment.last());
  });
  std::vector<RegionCacheStats> out;
  for (auto& [place, stats] : found) {
    std::tie(stats.region, stats.shard) = place;
    out.push_back(std::move(stats));
  }
  return out;
}

void FragmentCache::KeepTails() const {
  const int64_t oldest = clock_.WallMillis() - options_.shard.most_shared_ms;
  for (const auto& [stream, tail] : memory_->Numbered(kTailBlock)) {
    if (tail->origin().fetched_ms < oldest) continue;
    for (const auto& tier : tiers_->lower()) tier->Put(stream, kTailBlock, tail);
  }
}

Task<int64_t> FragmentCache::Purge(FragmentFilter filter, Deadline deadline) {
  const std::shared_ptr<TierStack> tiers = tiers_;
  const int64_t lists = lists_ == nullptr ? 0 : lists_->Purge(filter.region);
  CO_ASSIGN_OR_RETURN(const int64_t fragments,
                      co_await tiers->Purge(TestOf(filter, options_.shard.language), deadline));
  co_return lists + fragments;
}

}  // namespace synoptic::aggregator
