// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Fragments in memory, within a number of bytes that counts everything: the fragments, the keys and
// the index.
//
// A fragment belongs to a stream (one question to one shard: its full text is the key, compared
// byte for byte) and has a block's number in it. Least recently used goes first; when the tier is
// full, a new block comes in only if it was asked for at least as often lately as the one that
// would have to go.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "aggregator/cache/fragment.h"
#include "aggregator/cache/frequency_sketch.h"

namespace synoptic::aggregator {

struct TierStats {
  int64_t bytes = 0;
  int64_t fragments = 0;
  int64_t streams = 0;
  int64_t samples = 0;
  int64_t hits = 0;
  int64_t misses = 0;
  int64_t evictions = 0;
  int64_t refused = 0;  // by admission
};

class MemoryTier {
 public:
  explicit MemoryTier(int64_t max_bytes) : max_bytes_(max_bytes) {}
  MemoryTier(const MemoryTier&) = delete;
  MemoryTier& operator=(const MemoryTier&) = delete;

  // The fragment of a block, or null. Counts as a use.
  FragmentPtr Get(std::string_view stream, int64_t block);
  // Replaces what was there. Does nothing when the fragment is refused.
  void Put(std::string_view stream, int64_t block, FragmentPtr fragment);
  // Drops the blocks that `which` says, given their stream and fragment. Returns how many.
  int64_t Drop(const std::function<bool(std::string_view stream, const Fragment&)>& which);
  // Sees every fragment, in no order.
  void Each(const std::function<void(std::string_view stream, const Fragment&)>& visit) const;
  TierStats stats() const;
  int64_t max_bytes() const { return max_bytes_; }

 private:
  struct Stream;
  struct Entry {
    Stream* stream;
    int64_t block;
    FragmentPtr fragment;
  };
  using Order = std::list<Entry>;  // most recently used first
  struct Stream {
    std::string key;
    uint64_t hash = 0;
    std::map<int64_t, Order::iterator> blocks;
  };

  static int64_t CostOf(const Fragment& fragment);
  static int64_t CostOf(const Stream& stream);
  Stream& StreamOf(std::string_view key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Erase(Order::iterator entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool MakeRoom(uint64_t newcomer, int64_t bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int64_t max_bytes_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string_view, std::unique_ptr<Stream>> streams_ ABSL_GUARDED_BY(mutex_);
  Order order_ ABSL_GUARDED_BY(mutex_);
  FrequencySketch asked_ ABSL_GUARDED_BY(mutex_);
  TierStats stats_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace synoptic::aggregator
