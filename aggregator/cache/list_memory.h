// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Lists that shards answered with lately, within a number of bytes that counts keys and index.
// Least recently used goes first. Thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "aggregator/upstream/shard_client.h"

namespace synoptic::aggregator {

using ListData =
    std::variant<std::shared_ptr<const SeriesList>, std::shared_ptr<const ListOf<std::string>>,
                 std::shared_ptr<const JsonAnswer>>;

struct KeptList {
  ListData data;
  int64_t asked_ms = 0;  // wall clock
  bool nothing = false;  // it is empty
};

struct ListStats {
  int64_t bytes = 0;
  int64_t max_bytes = 0;
  int64_t lists = 0;
  int64_t hits = 0;   // answered from here
  int64_t stale = 0;  // of them while they were asked for anew
  int64_t misses = 0;
  int64_t evictions = 0;
};

class ListMemory {
 public:
  explicit ListMemory(int64_t max_bytes) { stats_.max_bytes = max_bytes; }

  // Counts as a use, but not as a hit.
  std::optional<KeptList> Get(const std::string& key);
  // `bytes`: of the list alone. What takes a quarter of all there is, is not kept.
  void Put(const std::string& key, std::string_view region, std::string_view shard, KeptList list,
           int64_t bytes);
  // Of a region, and of a shard of it; empty: of all. Returns how many went.
  int64_t Drop(std::string_view region, std::string_view shard);
  // Drops because somebody said so; what is being asked for must not be kept either.
  int64_t Purge(std::string_view region);
  // Grows with each Purge.
  int64_t purges() const;
  void Erase(const std::string& key);

  void CountHit(bool stale);
  void CountMiss();
  ListStats stats() const;

 private:
  struct Entry {
    std::string key;
    std::string region;
    std::string shard;
    KeptList list;
    int64_t bytes;
  };
  using Order = std::list<Entry>;  // most recently used first

  void Erase(Order::iterator entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  Order order_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string_view, Order::iterator> by_key_ ABSL_GUARDED_BY(mutex_);
  ListStats stats_ ABSL_GUARDED_BY(mutex_);
  int64_t purges_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace synoptic::aggregator
