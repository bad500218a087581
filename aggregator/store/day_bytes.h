// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How many bytes of chunks (keys and values, before RocksDB compresses them) each day has in the
// series store's database. Counted from what is written: RocksDB's own estimates see neither what
// is still in its memory nor that a range was deleted, so a small store would never be too large.
//
// Kept among the notes, in the batch that changes the chunks, so that both are there or neither.
// For one thread at a time.
#pragma once

#include <cstdint>
#include <map>

#include "absl/status/statusor.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"

namespace synoptic::aggregator {

class DayBytes {
 public:
  using Days = std::map<int64_t, int64_t>;  // bytes by day

  DayBytes() = default;
  DayBytes(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* notes, rocksdb::ColumnFamilyHandle* chunks)
      : db_(db), notes_(notes), chunks_(chunks) {}

  absl::Status Load();

  // Adds to a batch the sums that its chunks make. Returns them, for Take once it is written.
  absl::StatusOr<Days> AddTo(rocksdb::WriteBatch& batch) const;
  void Take(const Days& sums);

  // Adds to a batch that nothing is kept of the days before `day`; and forgets them.
  void AddForget(int64_t day, rocksdb::WriteBatch& batch) const;
  void Forget(int64_t day);

  const Days& days() const { return days_; }
  int64_t total() const;

 private:
  rocksdb::DB* db_ = nullptr;
  rocksdb::ColumnFamilyHandle* notes_ = nullptr;
  rocksdb::ColumnFamilyHandle* chunks_ = nullptr;
  Days days_;
};

}  // namespace synoptic::aggregator
