// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What waits to be written to a slow tier: the newest form of each block, and blocks that are to be
// forgotten. A panel's newest block grows with every refresh; it is written now and then, not each
// time.
//
// Holds at most a number of bytes: what comes when it is full is not written. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "aggregator/cache/tier.h"
#include "base/clock.h"

namespace synoptic::aggregator {

class PendingWrites {
 public:
  struct Write {
    std::string stream;
    int64_t block = 0;
    FragmentPtr fragment;  // null: forget the block
    MonoTime since;        // when the block first began to wait
  };

  explicit PendingWrites(int64_t max_bytes) : max_bytes_(max_bytes) {}

  void Put(std::string_view stream, int64_t block, FragmentPtr fragment, MonoTime now);
  // What waits for a block: nothing, or its fragment, null when it is to be forgotten.
  std::optional<FragmentPtr> Find(std::string_view stream, int64_t block) const;
  // Some that wait since `before` or longer, about `bytes` of them; they wait on until Done(). None
  // that was put after `newest` (of newest()).
  std::vector<Write> Due(MonoTime before, int64_t bytes = int64_t{1} << 20,
                         uint64_t newest = ~uint64_t{0}) const;
  // Written, but for those that were replaced meanwhile: these begin to wait anew.
  void Done(const std::vector<Write>& writes, MonoTime now);
  int64_t Purge(const BlockTest& which);

  bool empty() const;
  // Numbers what was put.
  uint64_t newest() const;
  int64_t bytes() const;
  int64_t refused() const;

 private:
  using Key = std::pair<std::string, int64_t>;
  struct Less {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      const int order = std::string_view(a.first).compare(b.first);
      return order != 0 ? order < 0 : a.second < b.second;
    }
  };
  struct Entry {
    FragmentPtr fragment;
    MonoTime since;
    uint64_t number;
  };
  using Entries = std::map<Key, Entry, Less>;

  static int64_t CostOf(const Key& key, const Entry& entry);
  Entries::iterator Erase(Entries::iterator entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int64_t max_bytes_;
  mutable absl::Mutex mutex_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);
  int64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t newest_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace synoptic::aggregator
