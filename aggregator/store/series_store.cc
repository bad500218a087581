// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Appending. How a store is opened: store_load.cc; how old samples are filled in: store_insert.cc.
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

}  // namespace synoptic::aggregator
