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
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "aggregator/cache/fragment.h"
#include "aggregator/cache/frequency_sketch.h"
#include "aggregator/cache/tier.h"

namespace synoptic::aggregator {

class MemoryTier final : public Tier {
 public:
  explicit MemoryTier(int64_t max_bytes) : max_bytes_(max_bytes) { stats_.max_bytes = max_bytes; }
  MemoryTier(const MemoryTier&) = delete;
  MemoryTier& operator=(const MemoryTier&) = delete;

  // The fragment of a block, or null. Counts as a use.
  FragmentPtr Get(std::string_view stream, int64_t block);
  // Replaces what was there, also when the fragment is refused; null forgets it.
  void Put(std::string_view stream, int64_t block, FragmentPtr fragment) override;
  // Puts `now` where `was` is; nothing if something else is there meanwhile.
  void Replace(std::string_view stream, int64_t block, const FragmentPtr& was, FragmentPtr now);
  // Drops the blocks that `which` says, given their stream and fragment. Returns how many.
  int64_t Drop(const std::function<bool(std::string_view stream, const Fragment&)>& which);
  // Sees every fragment, in no order.
  void Each(const std::function<void(std::string_view stream, const Fragment&)>& visit) const;
  // The fragments of this number, by their streams.
  std::vector<std::pair<std::string, FragmentPtr>> Numbered(int64_t block) const;
  TierStats stats() const override;
  int64_t max_bytes() const { return max_bytes_; }

  // The same as tasks; these do not wait for anything.
  std::string_view name() const override { return "memory"; }
  Task<std::vector<FoundBlock>> Fetch(std::string stream, std::vector<int64_t> blocks,
                                      Deadline deadline) override;
  Task<int64_t> Purge(BlockTest which, Deadline deadline) override;
  Task<> Flush(Deadline deadline) override;

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
