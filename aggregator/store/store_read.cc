// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the series store answers.
#include <algorithm>
#include <utility>

#include "aggregator/store/store_impl.h"
#include "aggregator/upstream/series_set.h"
#include "base/status.h"

namespace synoptic::aggregator {

using promql::Chunk;
using promql::Labels;
using promql::Matcher;

namespace {

std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// A series to read, as it was when the database was looked at.
struct Wanted {
  SeriesId id;
  Labels labels;
  int64_t first_t;
  int64_t last_t;
  std::vector<Chunk> waiting;
};

// Chunks of one series on disk from min_t to max_t.
absl::Status ReadChunks(rocksdb::Iterator& it, SeriesId id, int64_t min_t, int64_t max_t,
                        std::vector<Chunk>& out) {
  for (int64_t day = DayOf(min_t); day <= DayOf(max_t); ++day) {
    const std::string prefix = ChunkPrefix(day, id);
    for (it.Seek(prefix); it.Valid() && it.key().starts_with(prefix); it.Next()) {
      const auto owner = std::make_shared<const std::string>(it.value().ToString());
      ASSIGN_OR_RETURN(Chunk chunk, UnpackChunk(*owner, owner));
      if (chunk.min_t > max_t) break;
      if (chunk.max_t >= min_t) out.push_back(std::move(chunk));
    }
    RETURN_IF_ERROR(FromRocks(it.status(), "recorded series: read"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<promql::RawSeries>> RocksSeriesStore::Read(
    const std::vector<Matcher>& matchers, int64_t min_t, int64_t max_t,
    MemoryBudget* budget) const {
  std::vector<Wanted> wanted;
  std::unique_ptr<rocksdb::Iterator> it;
  {
    absl::MutexLock lock(&mutex_);
    min_t = std::max(min_t, floor_t_);
    for (const SeriesId id : index_.Match(matchers)) {
      const State& state = states_.at(id);
      if (!state.has_samples || state.last_t < min_t || state.first_t > max_t) continue;
      Wanted& one =
          wanted.emplace_back(Wanted{id, index_.LabelsOf(id), state.first_t, state.last_t, {}});
      for (const Chunk& chunk : state.sealed) {
        if (chunk.max_t >= min_t && chunk.min_t <= max_t) one.waiting.push_back(chunk);
      }
      if (!state.open.empty() && state.open.max_t() >= min_t && state.open.min_t() <= max_t) {
        for (Chunk& chunk : state.open.Chunks()) one.waiting.push_back(std::move(chunk));
      }
    }
    if (wanted.empty()) return std::vector<promql::RawSeries>();
    // Sees what is on disk now, whatever is written or dropped while it is read.
    it.reset(db().NewIterator({}, chunks_));
  }
  Reservation held(budget);
  std::vector<promql::RawSeries> out;
  for (Wanted& one : wanted) {
    std::vector<Chunk> chunks;
    RETURN_IF_ERROR(
        ReadChunks(*it, one.id, std::max(min_t, one.first_t), std::min(max_t, one.last_t), chunks));
    std::move(one.waiting.begin(), one.waiting.end(), std::back_inserter(chunks));
    if (chunks.empty()) continue;
    promql::RawSeries series{std::move(one.labels), std::move(chunks)};
    RETURN_IF_ERROR(held.Grow(HeldBytes(series)));
    out.push_back(std::move(series));
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.labels < b.labels; });
  held.Detach();
  return out;
}

bool RocksSeriesStore::MayHold(const std::vector<Matcher>& matchers) const {
  absl::MutexLock lock(&mutex_);
  return index_.MatchesAny(matchers);
}

std::vector<Labels> RocksSeriesStore::Series(const std::vector<std::vector<Matcher>>& selectors,
                                             int64_t min_t, int64_t max_t) const {
  absl::MutexLock lock(&mutex_);
  min_t = std::max(min_t, floor_t_);
  std::vector<Labels> out;
  const std::vector<std::vector<Matcher>> all(1);
  for (const std::vector<Matcher>& matchers : selectors.empty() ? all : selectors) {
    for (const SeriesId id : index_.Match(matchers)) {
      const State& state = states_.at(id);
      if (!state.has_samples || state.last_t < min_t || state.first_t > max_t) continue;
      out.push_back(index_.LabelsOf(id));
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

absl::StatusOr<LogPart> RocksSeriesStore::ReadLog(uint64_t position, size_t most_samples) const {
  std::unique_ptr<rocksdb::Iterator> it;
  uint64_t end = 0;
  {
    absl::MutexLock lock(&mutex_);
    it.reset(db().NewIterator({}, log_));
    end = log_end_;
  }
  LogPart part;
  part.next = position;
  for (it->Seek(NumberKey(position)); it->Valid() && part.samples.size() < most_samples;
       it->Next()) {
    const uint64_t at = NumberOf(ViewOf(it->key()));
    part.skipped += at - part.next;
    part.next = at + 1;
    auto entry = UnpackEntry(ViewOf(it->value()));
    if (!entry) continue;  // told when the store was opened
    absl::MutexLock lock(&mutex_);
    for (LogEntry::One& one : entry->samples) {
      if (!index_.Contains(one.id)) continue;
      part.samples.push_back({index_.LabelsOf(one.id), one.sample.t, one.sample.v,
                              std::move(one.sample.h), entry->inserted});
    }
  }
  RETURN_IF_ERROR(FromRocks(it->status(), "recorded series: log"));
  if (!it->Valid() && part.next < end) part.skipped += end - std::exchange(part.next, end);
  return part;
}

uint64_t RocksSeriesStore::log_end() const {
  absl::MutexLock lock(&mutex_);
  return log_end_;
}

void RocksSeriesStore::HoldLog(const std::string& reader, uint64_t position) {
  absl::MutexLock lock(&mutex_);
  if (position == 0) {
    readers_.erase(reader);
  } else {
    readers_[reader] = position;
  }
}

absl::Status RocksSeriesStore::PutNote(const std::string& key, const std::string& value) {
  absl::MutexLock lock(&mutex_);
  unsynced_ = true;
  return FromRocks(db().Put(rocksdb::WriteOptions(), notes_, key, value), "note " + key);
}

absl::Status RocksSeriesStore::EraseNote(const std::string& key) {
  absl::MutexLock lock(&mutex_);
  unsynced_ = true;
  return FromRocks(db().Delete(rocksdb::WriteOptions(), notes_, key), "note " + key);
}

std::vector<std::pair<std::string, std::string>> RocksSeriesStore::Notes(
    const std::string& prefix) const {
  std::vector<std::pair<std::string, std::string>> out;
  const std::unique_ptr<rocksdb::Iterator> it(db().NewIterator({}, notes_));
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    out.emplace_back(it->key().ToString(), it->value().ToString());
  }
  return out;
}

SeriesStoreStats RocksSeriesStore::stats() const {
  SeriesStoreStats out;
  {
    absl::MutexLock lock(&mutex_);
    out = totals_;
    out.series = static_cast<int64_t>(index_.size());
    out.min_t = floor_t_;
    out.memory_bytes =
        index_.memory_bytes() + static_cast<int64_t>(states_.size() * (sizeof(State) + 64));
    out.chunk_bytes = day_bytes_.total();
  }
  out.log_bytes = LogBytes();
  return out;
}

std::string RocksSeriesStore::damage() const {
  absl::MutexLock lock(&mutex_);
  return damage_;
}

}  // namespace synoptic::aggregator
