// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Opening, appending and filling in.
#include "aggregator/store/series_store.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "absl/container/flat_hash_map.h"
#include "aggregator/store/store_impl.h"
#include "base/status.h"

namespace synoptic::aggregator {

using promql::Chunk;
using promql::MixedSample;
using promql::MixedSamples;

namespace {

constexpr char kEndsAt[] = "ends_at";
constexpr char kNextId[] = "next_id";
constexpr char kFloor[] = "floor";
constexpr char kSelf[] = "store/";  // before the names of our own notes

rocksdb::Slice SliceOf(std::string_view text) { return {text.data(), text.size()}; }
std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

bool SameHistogram(const promql::FloatHistogram& a, const promql::FloatHistogram& b) {
  const MixedSample x{0, 0, std::make_shared<promql::FloatHistogram>(a)};
  const MixedSample y{0, 0, std::make_shared<promql::FloatHistogram>(b)};
  return !promql::BitsLess(x, y) && !promql::BitsLess(y, x);
}

absl::Status DuplicateOf(const promql::Labels& labels) {
  return InvalidArgument("{}: duplicate sample for timestamp with another value",
                         labels.ToString());
}

}  // namespace

absl::StatusOr<std::unique_ptr<SeriesStore>> SeriesStore::Open(const SeriesStoreOptions& options,
                                                               int64_t now_ms) {
  return RocksSeriesStore::Open(options, now_ms);
}

absl::StatusOr<std::unique_ptr<RocksSeriesStore>> RocksSeriesStore::Open(
    const SeriesStoreOptions& options, int64_t now_ms) {
  RocksOptions rocks;
  rocks.path = options.path;
  rocks.block_cache_bytes = options.block_cache_bytes;
  rocks.write_buffer_bytes = options.write_buffer_bytes;
  rocks.columns = {"series", "ends", "chunks", "log"};
  std::unique_ptr<RocksSeriesStore> store;
  std::string damage;
  for (int attempt = 0; attempt < 2; ++attempt) {
    store.reset(new RocksSeriesStore(options));
    ASSIGN_OR_RETURN(store->rocks_, Rocks::Open(rocks));
    const absl::Status loaded = store->Load();
    if (loaded.ok()) break;
    // Which series there are is not known: what is left cannot be told apart.
    if (attempt > 0 || !absl::IsDataLoss(loaded)) return loaded;
    damage = MessageOf(loaded);
    store.reset();
    ASSIGN_OR_RETURN(const std::string aside, Rocks::SetAside(options.path));
    damage += "; moved to " + aside;
  }
  if (!damage.empty()) {
    absl::MutexLock lock(&store->mutex_);
    store->NoteDamage(std::move(damage));
  }
  RETURN_IF_ERROR(store->DropOld(now_ms));
  return store;
}

RocksSeriesStore::~RocksSeriesStore() {
  if (rocks_ != nullptr && log_ != nullptr) WriteEnds().IgnoreError();
}

void RocksSeriesStore::NoteDamage(std::string what) {
  constexpr size_t kMostText = 2000;
  if (damage_.size() > kMostText) return;
  damage_ += (damage_.empty() ? "" : "; ") + what;
}

absl::Status RocksSeriesStore::Load() {
  notes_ = rocks_->column("default");
  series_ = rocks_->column("series");
  ends_ = rocks_->column("ends");
  chunks_ = rocks_->column("chunks");
  absl::MutexLock lock(&mutex_);
  if (!rocks_->damage().empty()) {
    NoteDamage(
        fmt::format("{}: {}; moved to {}", options_.path, rocks_->damage(), rocks_->moved_aside()));
  }
  const auto number = [this](const char* name, uint64_t otherwise) {
    std::string value;
    const rocksdb::Status status = db().Get({}, notes_, std::string(kSelf) + name, &value);
    return status.ok() && value.size() == 8 ? NumberOf(value) : otherwise;
  };
  next_id_ = number(kNextId, 1);
  ends_at_ = number(kEndsAt, 1);
  floor_t_ = static_cast<int64_t>(number(kFloor, static_cast<uint64_t>(INT64_MIN)));
  day_bytes_ = DayBytes(&db(), notes_, chunks_);
  RETURN_IF_ERROR(day_bytes_.Load());
  RETURN_IF_ERROR(LoadSeries());
  RETURN_IF_ERROR(LoadEnds());
  log_ = rocks_->column("log");
  return Replay();
}

absl::Status RocksSeriesStore::LoadSeries() {
  const std::unique_ptr<rocksdb::Iterator> it(db().NewIterator({}, series_));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const SeriesId id = NumberOf(ViewOf(it->key()));
    const auto labels = UnpackLabels(ViewOf(it->value()));
    if (id == 0 || !labels || index_.Find(*labels) != 0) {
      NoteDamage("a series without readable labels was left out");
      continue;
    }
    index_.Add(id, *labels);
    states_[id];
    next_id_ = std::max(next_id_, id + 1);
  }
  return FromRocks(it->status(), options_.path + ": labels of series");
}

absl::Status RocksSeriesStore::LoadEnds() {
  const std::unique_ptr<rocksdb::Iterator> it(db().NewIterator({}, ends_));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const auto state = states_.find(NumberOf(ViewOf(it->key())));
    if (state == states_.end()) continue;
    State& into = state->second;
    auto end = UnpackEnd(ViewOf(it->value()));
    promql::RawSeries open;
    absl::StatusOr<MixedSamples> samples = MixedSamples();
    if (end.ok()) {
      open.data = std::move(end->open);
      samples = promql::ReadMixed(open);
    }
    if (!end.ok() || !samples.ok()) {
      NoteDamage("the newest samples of " + index_.LabelsOf(state->first).ToString() +
                 " cannot be read");
      if (!end.ok()) continue;
      samples = MixedSamples();
    }
    into.has_samples = true;
    into.first_t = end->first_t;
    into.last_t = end->last_t;
    into.last_value = end->last_value;
    for (const MixedSample& sample : *samples) {
      if (into.open.MustCutBefore(sample)) {
        for (Chunk& chunk : into.open.Take()) into.sealed.push_back(std::move(chunk));
      }
      into.open.Append(sample);
    }
  }
  return FromRocks(it->status(), options_.path + ": ends of series");
}

absl::Status RocksSeriesStore::Replay() {
  const std::unique_ptr<rocksdb::Iterator> it(db().NewIterator({}, log_));
  log_begin_ = log_end_ = ends_at_;
  bool first = true;
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const uint64_t position = NumberOf(ViewOf(it->key()));
    if (std::exchange(first, false)) log_begin_ = position;
    log_end_ = std::max(log_end_, position + 1);
    if (position < ends_at_) continue;
    unwritten_bytes_ += static_cast<int64_t>(it->value().size());
    const auto entry = UnpackEntry(ViewOf(it->value()));
    if (!entry) {
      NoteDamage("an entry of the log cannot be read");
      continue;
    }
    if (entry->inserted) continue;
    for (const LogEntry::One& one : entry->samples) {
      const auto state = states_.find(one.id);
      if (state == states_.end()) continue;
      if (FateOf(state->second, one.sample) == Fate::kTaken) {
        Take(one.id, state->second, one.sample);
      }
    }
  }
  totals_ = {};
  return FromRocks(it->status(), options_.path + ": log");
}

RocksSeriesStore::Fate RocksSeriesStore::FateOf(const State& state, const MixedSample& sample) {
  if (!state.has_samples || sample.t > state.last_t) return Fate::kTaken;
  if (sample.t < state.last_t) return Fate::kOutOfOrder;
  if (sample.h != nullptr) {
    const bool same =
        state.last_histogram != nullptr && SameHistogram(*sample.h, *state.last_histogram);
    return same ? Fate::kSame : Fate::kDuplicate;
  }
  const bool same = state.last_histogram == nullptr &&
                    std::bit_cast<uint64_t>(sample.v) == std::bit_cast<uint64_t>(state.last_value);
  return same ? Fate::kSame : Fate::kDuplicate;
}

void RocksSeriesStore::Take(SeriesId id, State& state, const MixedSample& sample) {
  if (state.open.MustCutBefore(sample)) {
    for (Chunk& chunk : state.open.Take()) state.sealed.push_back(std::move(chunk));
  }
  state.open.Append(sample);
  if (!state.has_samples) state.first_t = sample.t;
  state.has_samples = true;
  state.last_t = sample.t;
  state.last_value = sample.v;
  state.last_histogram = sample.h;
  if (!std::exchange(state.dirty, true)) dirty_.push_back(id);
  ++totals_.samples_total;
}

absl::Status RocksSeriesStore::Write(rocksdb::WriteBatch& batch) {
  const rocksdb::Status status = rocks_->Write(batch);
  totals_.writable = status.ok();
  unsynced_ = true;
  return FromRocks(status, "recorded series: write");
}

absl::Status RocksSeriesStore::WriteChunks(rocksdb::WriteBatch& batch) {
  ASSIGN_OR_RETURN(const DayBytes::Days sums, day_bytes_.AddTo(batch));
  RETURN_IF_ERROR(Write(batch));
  day_bytes_.Take(sums);
  return absl::OkStatus();
}

absl::Status RocksSeriesStore::Append(int64_t time_ms, std::span<const NewSample> samples,
                                      std::vector<Refused>* refused) {
  absl::MutexLock lock(&mutex_);
  absl::Status first;
  LogEntry entry;
  entry.samples.reserve(samples.size());
  rocksdb::WriteBatch batch;
  std::vector<std::pair<SeriesId, promql::Labels>> fresh;
  std::unordered_map<promql::Labels, SeriesId, promql::LabelsHash> fresh_ids;
  absl::flat_hash_map<SeriesId, size_t> taken;  // where in the entry
  taken.reserve(samples.size());
  int64_t out_of_order = 0, duplicates = 0, refusals = 0;
  const auto refuse = [&](size_t i, absl::Status why) {
    if (refused != nullptr) refused->emplace_back(i, why);
    if (first.ok()) first = std::move(why);
  };
  for (size_t i = 0; i < samples.size(); ++i) {
    const NewSample& sample = samples[i];
    const MixedSample mixed{time_ms, sample.histogram == nullptr ? sample.value : 0,
                            sample.histogram};
    SeriesId id = index_.Find(sample.labels);
    if (id != 0) {
      const Fate fate = FateOf(states_[id], mixed);
      if (fate == Fate::kSame) continue;
      if (fate != Fate::kTaken) {
        (fate == Fate::kOutOfOrder ? out_of_order : duplicates) += 1;
        refuse(i, fate == Fate::kOutOfOrder
                      ? InvalidArgument("{}: out of order sample", sample.labels.ToString())
                      : DuplicateOf(sample.labels));
        continue;
      }
    } else if (time_ms < floor_t_ || sample.labels.empty()) {
      ++refusals;
      refuse(i, InvalidArgument("{}: out of bounds", sample.labels.ToString()));
      continue;
    } else if (const auto known = fresh_ids.find(sample.labels); known != fresh_ids.end()) {
      id = known->second;
    } else if (index_.size() + fresh.size() >= options_.max_series) {
      ++refusals;
      refuse(i, MakeStatus(absl::StatusCode::kResourceExhausted,
                           "recorded series: more than {} series", options_.max_series));
      continue;
    } else {
      id = next_id_ + fresh.size();
      fresh.emplace_back(id, sample.labels);
      fresh_ids.emplace(sample.labels, id);
      batch.Put(series_, NumberKey(id), PackLabels(sample.labels));
    }
    const auto [first_of_it, fresh_here] = taken.try_emplace(id, entry.samples.size());
    if (!fresh_here) {
      // A series that came twice in one call: the first stays.
      const MixedSample& kept = entry.samples[first_of_it->second].sample;
      if (!promql::BitsLess(kept, mixed) && !promql::BitsLess(mixed, kept)) continue;
      ++duplicates;
      refuse(i, DuplicateOf(sample.labels));
      continue;
    }
    entry.samples.push_back({id, mixed});
  }
  totals_.out_of_order_total += out_of_order;
  totals_.duplicates_total += duplicates;
  totals_.refused_total += refusals;
  if (entry.samples.empty()) return first;
  const std::string packed = PackEntry(entry);
  batch.Put(log_, NumberKey(log_end_), packed);
  if (const absl::Status written = Write(batch); !written.ok()) {
    totals_.refused_total += static_cast<int64_t>(entry.samples.size());
    if (refused != nullptr) refused->clear();
    return written;
  }
  ++log_end_;
  unwritten_bytes_ += static_cast<int64_t>(packed.size());
  for (const auto& [id, labels] : fresh) index_.Add(id, labels);
  next_id_ += fresh.size();
  for (const LogEntry::One& one : entry.samples) Take(one.id, states_[one.id], one.sample);
  return first;
}

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
