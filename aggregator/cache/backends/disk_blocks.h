// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The database of the disk tier: blocks by their keys, a bound in bytes, repair. All of it blocks
// on the disk; thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "aggregator/cache/pending_writes.h"
#include "aggregator/cache/tier.h"
#include "base/rocks.h"

namespace synoptic::aggregator {

class DiskBlocks {
 public:
  DiskBlocks(std::string path, int64_t max_bytes, const std::string& settings);
  ~DiskBlocks();

  // Until then there is nothing, and nothing is written. Once.
  absl::Status Open();

  // The fragments of these blocks, null where there is none. One read for all.
  std::vector<FragmentPtr> Read(const std::string& stream, const std::vector<int64_t>& blocks);
  // Writes, then drops the oldest data if there is too much. What cannot be written is lost.
  void Write(const std::vector<PendingWrites::Write>& writes);
  int64_t Purge(const BlockTest& which);
  // Those that an earlier process kept: nobody wants them any more.
  void DropTails();
  // Lets go of the directory; there is nothing from then on.
  void Close();

  // As after the last write: these never wait.
  bool open() const { return open_; }
  int64_t bytes() const { return bytes_; }
  int64_t fragments() const { return fragments_; }  // an estimate
  int64_t evictions() const { return evictions_; }
  int64_t damaged() const { return damaged_; }
  int64_t failures() const { return failures_; }

 private:
  absl::Status Reopen() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int64_t Clear() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<int64_t> Sift(const BlockTest& which) ABSL_LOCKS_EXCLUDED(mutex_);
  // After a failure to write: tries to go on, and begins anew when the database is damaged.
  void Repair(const rocksdb::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);
  std::string KeyOf(std::string_view stream, int64_t block) const;
  int64_t UsedBytes() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  uint64_t Property(const std::string& name) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void Measure() ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void EvictIfFull() ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  const int64_t max_bytes_;
  const int64_t write_buffer_;
  const std::string settings_;  // a digest
  std::atomic<bool> open_{false};
  std::atomic<int64_t> bytes_{0};
  std::atomic<int64_t> fragments_{0};
  std::atomic<int64_t> evictions_{0};
  std::atomic<int64_t> damaged_{0};
  std::atomic<int64_t> failures_{0};
  // Held shared by all that use the database, alone by those who replace it.
  mutable absl::Mutex mutex_;
  std::unique_ptr<Rocks> rocks_ ABSL_GUARDED_BY(mutex_);  // null: not open, or cannot be
};

}  // namespace synoptic::aggregator
