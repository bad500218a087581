// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A RocksDB database opened the way Synoptic uses one: bounded memory, compressed, every block with
// a checksum that is looked at, and a damaged database moved aside instead of keeping us from
// starting.
//
// What is unsynced when the power fails may be lost, from its end; what is lost when the process is
// killed is nothing that was written. Thread-safe, as RocksDB is; its calls block on the disk.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/db.h"

namespace synoptic {

struct RocksOptions {
  std::string path;                                // a directory of its own; made when missing
  int64_t block_cache_bytes = int64_t{16} << 20;   // blocks read, indexes and filters
  int64_t write_buffer_bytes = int64_t{16} << 20;  // not yet in files, all columns together
  // Column families beside "default"; made when missing.
  std::vector<std::string> columns = {};
  // The last word on settings; may be null.
  std::function<void(rocksdb::DBOptions&)> tune = nullptr;
  std::function<void(const std::string& column, rocksdb::ColumnFamilyOptions&)> tune_column =
      nullptr;
};

class Rocks {
 public:
  // A database that is damaged beyond opening is renamed to `<path>.damaged[.N]`, and an empty one
  // begun. Not touched but refused: one that another process has open (FailedPrecondition), and
  // what the machine does not let us do (PermissionDenied, ResourceExhausted, ...).
  static absl::StatusOr<std::unique_ptr<Rocks>> Open(const RocksOptions& options);
  // Renames a closed database's directory as Open does with a damaged one; returns the new name.
  static absl::StatusOr<std::string> SetAside(const std::string& path);
  Rocks(const Rocks&) = delete;
  Rocks& operator=(const Rocks&) = delete;
  // Flushes and closes.
  ~Rocks();

  rocksdb::DB& db() { return *db_; }
  // Into the log, which Sync() brings to the disk. After one that failed (a full disk, say) all
  // fail until Sync() has found the disk well again.
  rocksdb::Status Write(rocksdb::WriteBatch& batch);
  // Makes durable what was written. After a write that failed it tries to begin anew, in fresh
  // files, instead: RocksDB ends the process when it is asked to sync a log that it could not write
  // to.
  rocksdb::Status Sync();
  // REQUIRES: "default" or one of the options' columns.
  rocksdb::ColumnFamilyHandle* column(const std::string& name) const { return columns_.at(name); }
  // Forgets everything in a column and gives its space back at once. Nobody else may use the column
  // meanwhile.
  absl::Status Clear(const std::string& name);

  // Where a damaged database went, and what was wrong with it; empty when nothing was.
  const std::string& moved_aside() const { return moved_aside_; }
  const std::string& damage() const { return damage_; }

 private:
  Rocks() = default;
  rocksdb::Status OpenOnce(const RocksOptions& options);

  std::unique_ptr<rocksdb::DB> db_;
  std::map<std::string, rocksdb::ColumnFamilyHandle*> columns_;
  std::map<std::string, rocksdb::ColumnFamilyOptions> column_options_;
  std::string moved_aside_;
  std::string damage_;
  std::atomic<bool> failed_ = false;  // a write did, and nothing was mended since
};

// RocksDB's status as ours: damage is DataLoss. `what` says what was done to what.
absl::Status FromRocks(const rocksdb::Status& status, std::string_view what);

}  // namespace synoptic
