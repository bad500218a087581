// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the series store does now and then: ends are written, the log is cut, what is old goes.
#include <algorithm>

#include "aggregator/store/store_impl.h"
#include "base/status.h"
#include "rocksdb/convenience.h"

namespace synoptic::aggregator {
namespace {

constexpr int64_t kEndsEveryMs = 5 * 60'000;
constexpr int64_t kMostUnwritten = int64_t{16} << 20;  // of the log: what a restart reads again
constexpr int64_t kDropEveryMs = 60'000;
constexpr size_t kEndsAtOnce = 256;  // so that an append waits for no more than that

}  // namespace

SeriesEnd RocksSeriesStore::EndOf(const State& state) {
  return {state.first_t, state.last_t, state.last_value, state.open.Chunks()};
}

absl::Status RocksSeriesStore::WriteSomeEnds(std::span<const SeriesId> ids) {
  absl::MutexLock lock(&mutex_);
  rocksdb::WriteBatch batch;
  for (const SeriesId id : ids) {
    const auto state = states_.find(id);
    if (state == states_.end()) continue;
    PutSealed(id, state->second, batch);
    batch.Put(ends_, NumberKey(id), PackEnd(EndOf(state->second)));
  }
  RETURN_IF_ERROR(WriteChunks(batch));
  for (const SeriesId id : ids) {
    const auto state = states_.find(id);
    if (state == states_.end()) continue;
    state->second.sealed.clear();
    state->second.dirty = false;
  }
  return absl::OkStatus();
}

absl::Status RocksSeriesStore::WriteEnds() {
  std::vector<SeriesId> ids;
  uint64_t position = 0;
  {
    absl::MutexLock lock(&mutex_);
    ids = std::move(dirty_);
    dirty_.clear();
    position = log_end_;
    unwritten_bytes_ = 0;
  }
  for (size_t from = 0; from < ids.size(); from += kEndsAtOnce) {
    const std::span<const SeriesId> all(ids);
    const absl::Status status =
        WriteSomeEnds(all.subspan(from, std::min(kEndsAtOnce, ids.size() - from)));
    if (status.ok()) continue;
    absl::MutexLock lock(&mutex_);
    dirty_.insert(dirty_.end(), ids.begin() + static_cast<std::ptrdiff_t>(from), ids.end());
    return status;
  }
  absl::MutexLock lock(&mutex_);
  rocksdb::WriteBatch batch;
  batch.Put(notes_, "store/ends_at", NumberKey(position));
  RETURN_IF_ERROR(Write(batch));
  ends_at_ = position;
  return absl::OkStatus();
}

int64_t RocksSeriesStore::LogBytes() const {
  rocksdb::SizeApproximationOptions options;
  options.include_memtables = true;
  const std::string last(8, '\xff');
  const rocksdb::Range range("", last);
  uint64_t bytes = 0;
  db().GetApproximateSizes(options, log_, &range, 1, &bytes).PermitUncheckedError();
  return static_cast<int64_t>(bytes);
}

absl::Status RocksSeriesStore::TrimLog() {
  const int64_t bytes = LogBytes();
  absl::MutexLock lock(&mutex_);
  uint64_t keep = ends_at_;
  for (const auto& [reader, position] : readers_) keep = std::min(keep, position);
  if (bytes > options_.max_log_bytes && keep < ends_at_) {
    // A reader is too far behind: it loses the older half of what it is behind by.
    keep += (ends_at_ - keep + 1) / 2;
  }
  if (keep <= log_begin_) return absl::OkStatus();
  rocksdb::WriteBatch batch;
  batch.DeleteRange(log_, NumberKey(log_begin_), NumberKey(keep));
  RETURN_IF_ERROR(Write(batch));
  log_begin_ = keep;
  return absl::OkStatus();
}

absl::Status RocksSeriesStore::DropSeries(int64_t before) {
  absl::MutexLock lock(&mutex_);
  std::vector<SeriesId> gone;
  for (const auto& [id, state] : states_) {
    if (!state.has_samples || state.last_t < before) gone.push_back(id);
  }
  if (gone.empty()) return absl::OkStatus();
  rocksdb::WriteBatch batch;
  for (const SeriesId id : gone) {
    batch.Delete(series_, NumberKey(id));
    batch.Delete(ends_, NumberKey(id));
  }
  // Numbers are not used again: chunks of the gone may be there still.
  batch.Put(notes_, "store/next_id", NumberKey(next_id_));
  RETURN_IF_ERROR(Write(batch));
  for (const SeriesId id : gone) {
    index_.Remove(id);
    states_.erase(id);
  }
  return absl::OkStatus();
}

// Whole days go: all that lie before the retention, and the oldest while there is too much.
absl::Status RocksSeriesStore::DropOld(int64_t now_ms) {
  int64_t floor = 0;
  std::string until;
  {
    absl::MutexLock lock(&mutex_);
    // A clock that leaps ahead drops nothing: what is old is told from the newest sample, too.
    int64_t newest = INT64_MIN;
    for (const auto& [id, state] : states_) {
      if (state.has_samples) newest = std::max(newest, state.last_t);
    }
    if (newest == INT64_MIN) return absl::OkStatus();
    floor = std::max(std::min(now_ms, newest) - retention_ms_, floor_t_);
    int64_t bytes = day_bytes_.total();
    for (const auto& [day, of_day] : day_bytes_.days()) {
      if (day >= DayOf(newest)) break;
      if (day >= DayOf(floor)) {
        if (bytes <= max_bytes_) break;
        floor = (day + 1) * kDayMs;
      }
      bytes -= of_day;
    }
    floor_t_ = floor;
    // A range that is deleted costs every reader a little until it is compacted: once a day.
    if (DayOf(floor) == dropped_until_) return absl::OkStatus();
    until = DayKey(DayOf(floor));
    rocksdb::WriteBatch batch;
    batch.DeleteRange(chunks_, DayKey(INT64_MIN), until);
    day_bytes_.AddForget(DayOf(floor), batch);
    batch.Put(notes_, "store/floor", NumberKey(static_cast<uint64_t>(floor)));
    RETURN_IF_ERROR(Write(batch));
    day_bytes_.Forget(DayOf(floor));
    dropped_until_ = DayOf(floor);
  }
  // Their files go at once, not when some compaction comes by.
  const rocksdb::Slice end(until);
  RETURN_IF_ERROR(FromRocks(rocksdb::DeleteFilesInRange(&db(), chunks_, nullptr, &end),
                            "recorded series: drop old files"));
  return DropSeries(floor);
}

void RocksSeriesStore::SetRetention(int64_t retention_ms, int64_t max_bytes) {
  absl::MutexLock lock(&mutex_);
  retention_ms_ = retention_ms;
  max_bytes_ = max_bytes;
}

absl::Status RocksSeriesStore::Maintain(int64_t now_ms) {
  bool sync = false, full = false;
  {
    absl::MutexLock lock(&mutex_);
    sync = std::exchange(unsynced_, false);
    full = unwritten_bytes_ > kMostUnwritten;
  }
  if (sync) {
    const rocksdb::Status synced = rocks_->Sync();
    if (!synced.ok()) {
      absl::MutexLock lock(&mutex_);
      unsynced_ = true;
      totals_.writable = false;
      return FromRocks(synced, "recorded series: sync");
    }
  }
  if (full || now_ms - ends_written_ms_ >= kEndsEveryMs || now_ms < ends_written_ms_) {
    ends_written_ms_ = now_ms;
    RETURN_IF_ERROR(WriteEnds());
    RETURN_IF_ERROR(TrimLog());
  }
  if (now_ms - dropped_ms_ >= kDropEveryMs || now_ms < dropped_ms_) {
    dropped_ms_ = now_ms;
    RETURN_IF_ERROR(DropOld(now_ms));
  }
  return absl::OkStatus();
}

}  // namespace synoptic::aggregator
