// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Opening: what is on disk, and the log played over it.
#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>

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

std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

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
    absl::Status loaded = store->Load();
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
    store->NoteDamage(damage);
  }
  RETURN_IF_ERROR(store->DropOld(now_ms));
  return store;
}

RocksSeriesStore::~RocksSeriesStore() {
  if (rocks_ != nullptr && log_ != nullptr) WriteEnds().IgnoreError();
}

void RocksSeriesStore::NoteDamage(const std::string& what) {
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

}  // namespace synoptic::aggregator
