// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Filling in samples older than the newest.
#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "aggregator/store/store_impl.h"
#include "base/status.h"

namespace synoptic::aggregator {

using promql::Chunk;
using promql::MixedSample;
using promql::MixedSamples;

namespace {

rocksdb::Slice SliceOf(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

absl::StatusOr<std::vector<Chunk>> RocksSeriesStore::ChunksOfDay(int64_t day, SeriesId id) const {
  const std::string prefix = ChunkPrefix(day, id);
  const std::unique_ptr<rocksdb::Iterator> it(db().NewIterator({}, chunks_));
  std::vector<Chunk> chunks;
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    const auto owner = std::make_shared<const std::string>(it->value().ToString());
    ASSIGN_OR_RETURN(Chunk chunk, UnpackChunk(*owner, owner));
    chunks.push_back(std::move(chunk));
  }
  RETURN_IF_ERROR(FromRocks(it->status(), "recorded series: read"));
  return chunks;
}

void RocksSeriesStore::PutSealed(SeriesId id, const State& state,
                                 rocksdb::WriteBatch& batch) const {
  for (const Chunk& chunk : state.sealed) {
    batch.Put(chunks_, ChunkKey(DayOf(chunk.min_t), id, chunk.min_t), SliceOf(PackChunk(chunk)));
  }
}

// The days that samples fall on are written anew, what waits in memory included.
absl::StatusOr<int64_t> RocksSeriesStore::InsertInto(SeriesId id, State& state,
                                                     const std::vector<MixedSample>& samples,
                                                     rocksdb::WriteBatch& batch, LogEntry& entry) {
  std::map<int64_t, MixedSamples> wanted;  // by day
  for (const MixedSample& sample : samples) wanted[DayOf(sample.t)].push_back(sample);
  std::vector<Chunk> waiting = state.sealed;
  for (Chunk& chunk : state.open.Chunks()) waiting.push_back(std::move(chunk));
  const bool touches_waiting = !waiting.empty() && samples.back().t >= waiting.front().min_t;
  if (touches_waiting) {
    for (const Chunk& chunk : waiting) wanted[DayOf(chunk.min_t)];
  }
  int64_t fresh = 0;
  for (auto& [day, news] : wanted) {
    ASSIGN_OR_RETURN(std::vector<Chunk> old, ChunksOfDay(day, id));
    for (const Chunk& chunk : old) batch.Delete(chunks_, ChunkKey(day, id, chunk.min_t));
    if (touches_waiting) {
      for (const Chunk& chunk : waiting) {
        if (DayOf(chunk.min_t) == day) old.push_back(chunk);
      }
    }
    promql::RawSeries there;
    there.data = std::move(old);
    ASSIGN_OR_RETURN(MixedSamples merged, promql::ReadMixed(there));
    std::set<int64_t> taken;
    for (const MixedSample& sample : merged) taken.insert(sample.t);
    for (const MixedSample& sample : news) {
      if (!taken.insert(sample.t).second) continue;
      merged.push_back(sample);
      entry.samples.push_back({id, sample});
      ++fresh;
    }
    std::sort(merged.begin(), merged.end(),
              [](const MixedSample& a, const MixedSample& b) { return a.t < b.t; });
    for (MixedSample& sample : merged) promql::ForgetResetHint(sample);
    for (const Chunk& chunk : EncodeChunks(merged)) {
      batch.Put(chunks_, ChunkKey(day, id, chunk.min_t), SliceOf(PackChunk(chunk)));
    }
  }
  const MixedSample& newest = samples.back();
  State next = state;
  if (touches_waiting) {
    next.open = OpenChunk();
  } else {
    // Chunks come to disk with the end that they are before.
    PutSealed(id, state, batch);
  }
  next.sealed.clear();
  if (!next.has_samples || newest.t > next.last_t) {
    next.last_t = newest.t;
    next.last_value = newest.v;
    next.last_histogram = newest.h;
  }
  next.first_t = next.has_samples ? std::min(next.first_t, samples.front().t) : samples.front().t;
  next.has_samples = true;
  batch.Put(ends_, NumberKey(id), PackEnd(EndOf(next)));
  state = std::move(next);
  return fresh;
}

absl::StatusOr<int64_t> RocksSeriesStore::Insert(std::span<const LoggedSample> samples) {
  std::map<promql::Labels, std::map<int64_t, MixedSample>> by_series;
  absl::MutexLock lock(&mutex_);
  for (const LoggedSample& sample : samples) {
    if (sample.t < floor_t_ || sample.labels.empty()) continue;
    by_series[sample.labels].try_emplace(
        sample.t,
        MixedSample{sample.t, sample.histogram == nullptr ? sample.value : 0, sample.histogram});
  }
  int64_t total = 0;
  for (auto& [labels, by_time] : by_series) {
    MixedSamples news;
    for (auto& [t, sample] : by_time) news.push_back(std::move(sample));
    rocksdb::WriteBatch batch;
    LogEntry entry;
    entry.inserted = true;
    SeriesId id = index_.Find(labels);
    const bool fresh = id == 0;
    if (fresh) {
      if (index_.size() >= options_.max_series) {
        return MakeStatus(absl::StatusCode::kResourceExhausted,
                          "recorded series: more than {} series", options_.max_series);
      }
      id = next_id_;
      batch.Put(series_, NumberKey(id), PackLabels(labels));
    }
    State state = fresh ? State() : states_[id];
    ASSIGN_OR_RETURN(const int64_t taken, InsertInto(id, state, news, batch, entry));
    if (taken == 0) continue;
    batch.Put(log_, NumberKey(log_end_), PackEntry(entry));
    RETURN_IF_ERROR(WriteChunks(batch));
    ++log_end_;
    if (fresh) {
      index_.Add(id, labels);
      next_id_ = id + 1;
    }
    states_[id] = std::move(state);
    total += taken;
    totals_.samples_total += taken;
  }
  return total;
}

}  // namespace synoptic::aggregator
