// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Fragments in Redis or Valkey, for several Synoptics with the same configuration of a shard.
//
// Nobody waits for a server that is not there: a task of its own connects, asks whether the server
// answers, and writes what waits; until it says so, everything is a miss at once. One late answer
// drops the connections, so that a server that hangs costs a few askers `patience`, once. Values
// carry the whole key and a checksum, and are looked at wholly before they are believed. How much
// is kept is the server's affair (maxmemory), and for how long ours.
//
// Lives on one serial executor; Put and stats() are thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregator/cache/backends/redis_client.h"
#include "aggregator/cache/pending_writes.h"
#include "aggregator/cache/tier.h"
#include "base/clock.h"
#include "net/async/compute_pool.h"
#include "net/async/event.h"
#include "net/async/task_group.h"

namespace synoptic::aggregator {

struct SharedTierOptions {
  RedisOptions redis;
  // Everything beside the stream that must be the same for what others kept to serve.
  std::string settings = {};
  int64_t keep_seconds = 24 * 3600;
  MonoDuration patience = std::chrono::milliseconds(100);
  // How long a block that is not full yet waits for its next form before it is written.
  MonoDuration write_after = std::chrono::seconds(30);
  MonoDuration look_every = std::chrono::seconds(1);
};

class SharedTier final : public Tier, public std::enable_shared_from_this<SharedTier> {
 public:
  // References outlive the tier and its tasks. Call Start, and Stop before the last reference goes.
  // InvalidArgument says which PEM of the TLS options is unusable.
  static absl::StatusOr<std::shared_ptr<SharedTier>> New(SharedTierOptions options,
                                                         const Clock& clock, ComputePool& pool,
                                                         boost::asio::any_io_executor executor);
  void Start();
  // Writes what waits if the server is there, and lets go of it.
  Task<> Stop(Deadline deadline);

  std::string_view name() const override { return "shared"; }
  Task<std::vector<FoundBlock>> Fetch(std::string stream, std::vector<int64_t> blocks,
                                      Deadline deadline) override;
  void Put(std::string_view stream, int64_t block, FragmentPtr fragment) override;
  // A scan over all of our keys: takes as long as the server has keys.
  Task<int64_t> Purge(BlockTest which, Deadline deadline) override;
  Task<> Flush(Deadline deadline) override;
  TierStats stats() const override;

 private:
  SharedTier(SharedTierOptions options, std::unique_ptr<Transport> transport, const Clock& clock,
             ComputePool& pool, boost::asio::any_io_executor executor);
  std::string KeyOf(std::string_view stream, int64_t block) const;
  Deadline Patience(Deadline deadline) const;
  // A command that was not answered: drops the connections, and the server rests for a while.
  void Failed(const absl::Status& status);
  void Rest(const absl::Status& status);

  Task<> Keep();  // for ever: connects, looks, writes
  Task<> TryConnect();
  Task<> WriteDue(MonoTime before, Deadline deadline);
  Task<int64_t> PurgeNodes(BlockTest which, Deadline deadline);
  Task<int64_t> PurgeNode(std::string node, BlockTest which, Deadline deadline);
  Task<bool> FitsValue(std::string node, std::string key, BlockTest which, Deadline deadline);

  const SharedTierOptions options_;
  const Clock& clock_;
  ComputePool& pool_;
  const boost::asio::any_io_executor executor_;
  const std::unique_ptr<Transport> transport_;
  RedisClient client_;
  PendingWrites pending_;
  TaskGroup tasks_;
  int64_t purges_ = 0;           // what was being written meanwhile is forgotten again
  std::vector<BlockTest> owed_;  // purges that could not be done yet
  int rests_ = 0;                // in a row
  MonoTime rest_until_{};
  MonoTime connected_since_{};
  bool said_ = false;  // in the log, that it is away
  std::atomic<bool> up_{false};
  std::atomic<int64_t> hits_{0};
  std::atomic<int64_t> misses_{0};
  std::atomic<int64_t> damaged_{0};
  std::atomic<int64_t> failures_{0};
};

}  // namespace synoptic::aggregator
