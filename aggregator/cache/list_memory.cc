// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/list_memory.h"

#include <iterator>
#include <utility>

namespace synoptic::aggregator {

std::optional<KeptList> ListMemory::Get(const std::string& key) {
  absl::MutexLock lock(&mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return std::nullopt;
  order_.splice(order_.begin(), order_, found->second);
  return found->second->list;
}

void ListMemory::Erase(Order::iterator entry) {
  by_key_.erase(entry->key);
  stats_.bytes -= entry->bytes;
  --stats_.lists;
  order_.erase(entry);
}

void ListMemory::Put(const std::string& key, std::string_view region, std::string_view shard,
                     KeptList list, int64_t bytes) {
  // A node of the list, and a place in the index that is half empty at worst.
  constexpr auto kOverhead = static_cast<int64_t>(sizeof(Entry) + 2 * sizeof(void*) + 2 * 32);
  Entry entry{key, std::string(region), std::string(shard), std::move(list), 0};
  entry.bytes = bytes + kOverhead + static_cast<int64_t>(key.size() + region.size() + shard.size());
  absl::MutexLock lock(&mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) Erase(found->second);
  if (entry.bytes > stats_.max_bytes / 4) return;
  while (stats_.bytes + entry.bytes > stats_.max_bytes) {
    Erase(std::prev(order_.end()));
    ++stats_.evictions;
  }
  stats_.bytes += entry.bytes;
  ++stats_.lists;
  order_.push_front(std::move(entry));
  by_key_[order_.front().key] = order_.begin();
}

int64_t ListMemory::Drop(std::string_view region, std::string_view shard) {
  absl::MutexLock lock(&mutex_);
  int64_t dropped = 0;
  for (auto entry = order_.begin(); entry != order_.end();) {
    const auto next = std::next(entry);
    if ((region.empty() || entry->region == region) && (shard.empty() || entry->shard == shard)) {
      Erase(entry);
      ++dropped;
    }
    entry = next;
  }
  return dropped;
}

int64_t ListMemory::Purge(std::string_view region) {
  {
    absl::MutexLock lock(&mutex_);
    ++purges_;
  }
  return Drop(region, "");
}

int64_t ListMemory::purges() const {
  absl::MutexLock lock(&mutex_);
  return purges_;
}

void ListMemory::Erase(const std::string& key) {
  absl::MutexLock lock(&mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) Erase(found->second);
}

void ListMemory::CountHit(bool stale) {
  absl::MutexLock lock(&mutex_);
  ++stats_.hits;
  if (stale) ++stats_.stale;
}

void ListMemory::CountMiss() {
  absl::MutexLock lock(&mutex_);
  ++stats_.misses;
}

ListStats ListMemory::stats() const {
  absl::MutexLock lock(&mutex_);
  return stats_;
}

}  // namespace synoptic::aggregator
