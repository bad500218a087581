// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The series store over RocksDB: what is in memory, and the rules that keep it and the disk alike.
// Private to aggregator/store.
//
//   * What Append took is in the log, and in memory; ends on disk lag behind by at most the log.
//   * Chunks on disk end before those in memory begin: a series' full chunks wait in `sealed` until
//     its end is written, both in one batch.
//   * After a restart ends are read and the log is played over them; a sample that an end has
//     already is told by its time. So ends may be written at any time, a few series at once.
//   * Insert writes chunks at once, and ends of the series it touches with them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "aggregator/store/day_bytes.h"
#include "aggregator/store/open_chunk.h"
#include "aggregator/store/series_index.h"
#include "aggregator/store/series_store.h"
#include "aggregator/store/store_records.h"
#include "base/rocks.h"
#include "rocksdb/write_batch.h"

namespace synoptic::aggregator {

class RocksSeriesStore final : public SeriesStore {
 public:
  static absl::StatusOr<std::unique_ptr<RocksSeriesStore>> Open(const SeriesStoreOptions& options,
                                                                int64_t now_ms);
  ~RocksSeriesStore() override;

  absl::Status Append(int64_t time_ms, std::span<const NewSample> samples,
                      std::vector<Refused>* refused) override;
  absl::StatusOr<int64_t> Insert(std::span<const LoggedSample> samples) override;
  absl::StatusOr<std::vector<promql::RawSeries>> Read(const std::vector<promql::Matcher>& matchers,
                                                      int64_t min_t, int64_t max_t,
                                                      MemoryBudget* budget) const override;
  bool MayHold(const std::vector<promql::Matcher>& matchers) const override;
  std::vector<promql::Labels> Series(const std::vector<std::vector<promql::Matcher>>& selectors,
                                     int64_t min_t, int64_t max_t) const override;
  absl::StatusOr<LogPart> ReadLog(uint64_t position, size_t most_samples) const override;
  uint64_t log_end() const override;
  void HoldLog(const std::string& reader, uint64_t position) override;
  absl::Status PutNote(const std::string& key, const std::string& value) override;
  absl::Status EraseNote(const std::string& key) override;
  std::vector<std::pair<std::string, std::string>> Notes(const std::string& prefix) const override;
  void SetRetention(int64_t retention_ms, int64_t max_bytes) override;
  absl::Status Maintain(int64_t now_ms) override;
  SeriesStoreStats stats() const override;
  std::string damage() const override;

 private:
  struct State {
    bool has_samples = false;
    bool dirty = false;
    int64_t first_t = 0;
    int64_t last_t = 0;
    double last_value = 0;
    promql::HistogramPtr last_histogram;
    std::vector<promql::Chunk> sealed;
    OpenChunk open;
  };
  enum class Fate { kTaken, kSame, kOutOfOrder, kDuplicate };

  explicit RocksSeriesStore(const SeriesStoreOptions& options) : options_(options) {}

  // ---- opening ----
  absl::Status Load() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status LoadSeries() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status LoadEnds() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Replay() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteDamage(const std::string& what) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // ---- writing ----
  static Fate FateOf(const State& state, const promql::MixedSample& sample);
  void Take(SeriesId id, State& state, const promql::MixedSample& sample)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static SeriesEnd EndOf(const State& state);
  void PutSealed(SeriesId id, const State& state, rocksdb::WriteBatch& batch) const;
  absl::Status Write(rocksdb::WriteBatch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // A batch with chunks in it.
  absl::Status WriteChunks(rocksdb::WriteBatch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<int64_t> InsertInto(SeriesId id, State& state,
                                     const std::vector<promql::MixedSample>& samples,
                                     rocksdb::WriteBatch& batch, LogEntry& entry)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::vector<promql::Chunk>> ChunksOfDay(int64_t day, SeriesId id) const;

  // ---- upkeep ----
  absl::Status WriteEnds() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status WriteSomeEnds(std::span<const SeriesId> ids) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status TrimLog() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status DropOld(int64_t now_ms) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status DropSeries(int64_t before) ABSL_LOCKS_EXCLUDED(mutex_);
  int64_t LogBytes() const;  // about

  rocksdb::DB& db() const { return rocks_->db(); }

  const SeriesStoreOptions options_;
  std::unique_ptr<Rocks> rocks_;
  rocksdb::ColumnFamilyHandle* notes_ = nullptr;
  rocksdb::ColumnFamilyHandle* series_ = nullptr;
  rocksdb::ColumnFamilyHandle* ends_ = nullptr;
  rocksdb::ColumnFamilyHandle* chunks_ = nullptr;
  rocksdb::ColumnFamilyHandle* log_ = nullptr;

  mutable absl::Mutex mutex_;
  SeriesIndex index_ ABSL_GUARDED_BY(mutex_);
  std::unordered_map<SeriesId, State> states_ ABSL_GUARDED_BY(mutex_);
  std::vector<SeriesId> dirty_ ABSL_GUARDED_BY(mutex_);
  SeriesId next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  uint64_t log_begin_ ABSL_GUARDED_BY(mutex_) = 1;
  uint64_t log_end_ ABSL_GUARDED_BY(mutex_) = 1;
  uint64_t ends_at_ ABSL_GUARDED_BY(mutex_) = 1;         // ends hold everything before it
  int64_t unwritten_bytes_ ABSL_GUARDED_BY(mutex_) = 0;  // of the log since then
  DayBytes day_bytes_ ABSL_GUARDED_BY(mutex_);
  int64_t floor_t_ ABSL_GUARDED_BY(mutex_) = INT64_MIN;
  int64_t dropped_until_ ABSL_GUARDED_BY(mutex_) = INT64_MIN;  // the day
  int64_t retention_ms_ ABSL_GUARDED_BY(mutex_) = options_.retention_ms;
  int64_t max_bytes_ ABSL_GUARDED_BY(mutex_) = options_.max_bytes;
  bool unsynced_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, uint64_t> readers_ ABSL_GUARDED_BY(mutex_);
  SeriesStoreStats totals_ ABSL_GUARDED_BY(mutex_);
  std::string damage_ ABSL_GUARDED_BY(mutex_);
  // Maintain alone:
  int64_t ends_written_ms_ = 0;
  int64_t dropped_ms_ = 0;
};

}  // namespace synoptic::aggregator
