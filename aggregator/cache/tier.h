// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A place where fragments are kept: memory, disk, or a server that several processes share. A block
// is known by its stream (one question to one shard: its full text, compared byte for byte) and its
// number in it.
//
// A tier has an answer or none, and never an error: what is damaged, foreign, late or gone is a
// miss. One conformance suite (tier_conformance_test.cc) holds for all of them.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "aggregator/cache/fragment.h"
#include "net/async/deadline.h"
#include "net/async/task.h"

namespace synoptic::aggregator {

// Where a stream's unsettled end is kept, beside its blocks: in memory, and on disk from one
// process to the next (FragmentCache::KeepTails). Never shared.
inline constexpr int64_t kTailBlock = std::numeric_limits<int64_t>::max();

struct TierStats {
  int64_t bytes = 0;
  int64_t max_bytes = 0;  // 0: not ours to bound
  int64_t fragments = 0;  // on disk an estimate
  int64_t streams = 0;    // memory only, as the samples
  int64_t samples = 0;
  int64_t hits = 0;
  int64_t misses = 0;
  int64_t evictions = 0;
  int64_t refused = 0;       // by admission, or because too much waits to be written
  int64_t damaged = 0;       // blocks that were there and were not what they should be
  int64_t failures = 0;      // the place did not answer in time, or with an error
  int64_t queued_bytes = 0;  // waiting to be written
  bool up = true;            // false: not asked at the moment
};

// A block that was found, and the name of the tier that had it; a null fragment: none had.
struct FoundBlock {
  FragmentPtr fragment;
  std::string_view tier;
};

// Which blocks: their stream and the times they cover. Null: all.
using BlockTest = std::function<bool(std::string_view stream, int64_t first, int64_t last)>;

// Put and stats() are thread-safe; tasks run on the caller's (serial) executor.
class Tier {
 public:
  virtual ~Tier() = default;

  virtual std::string_view name() const = 0;
  // The blocks, in the order asked for. Does not take longer than is worth waiting for, whatever
  // happens to the place. Fails only when cancelled.
  virtual Task<std::vector<FoundBlock>> Fetch(std::string stream, std::vector<int64_t> blocks,
                                              Deadline deadline) = 0;
  // Takes what may be written later, if at all; what was put before is replaced and not seen again.
  // Null forgets the block. Never blocks on a disk or a socket.
  virtual void Put(std::string_view stream, int64_t block, FragmentPtr fragment) = 0;
  // Drops what fits, here and in what waits to be written. Returns how many blocks went, as far as
  // that is known.
  virtual Task<int64_t> Purge(BlockTest which, Deadline deadline) = 0;
  // Ends when all that was put is written, or cannot be.
  virtual Task<> Flush(Deadline deadline) = 0;
  virtual TierStats stats() const = 0;
};

}  // namespace synoptic::aggregator
