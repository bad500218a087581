// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/store/day_bytes.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "aggregator/store/store_records.h"
#include "base/rocks.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

constexpr std::string_view kPrefix = "store/day/";

std::string NoteKey(int64_t day) { return std::string(kPrefix) + DayKey(day); }

int64_t DayIn(const rocksdb::Slice& key) { return DayOfKey({key.data(), key.size()}); }

// What the chunks in a batch change.
class Changes final : public rocksdb::WriteBatch::Handler {
 public:
  Changes(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* chunks) : db_(db), chunks_(chunks) {}

  rocksdb::Status PutCF(uint32_t column, const rocksdb::Slice& key,
                        const rocksdb::Slice& value) override {
    if (column != chunks_->GetID()) return rocksdb::Status::OK();
    changes[DayIn(key)] += static_cast<int64_t>(key.size() + value.size());
    return rocksdb::Status::OK();
  }
  // Of a chunk that is in the database: no batch deletes what it put itself.
  rocksdb::Status DeleteCF(uint32_t column, const rocksdb::Slice& key) override {
    if (column != chunks_->GetID()) return rocksdb::Status::OK();
    rocksdb::PinnableSlice old;
    const rocksdb::Status found = db_.Get({}, chunks_, key, &old);
    if (found.ok()) changes[DayIn(key)] -= static_cast<int64_t>(key.size() + old.size());
    return found.IsNotFound() ? rocksdb::Status::OK() : found;
  }

  DayBytes::Days changes;

 private:
  rocksdb::DB& db_;
  rocksdb::ColumnFamilyHandle* chunks_;
};

}  // namespace

absl::Status DayBytes::Load() {
  days_.clear();
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}, notes_));
  const rocksdb::Slice prefix(kPrefix.data(), kPrefix.size());
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    rocksdb::Slice day = it->key();
    day.remove_prefix(prefix.size());
    if (day.size() != 8 || it->value().size() != 8) continue;
    days_[DayIn(day)] = static_cast<int64_t>(NumberOf({it->value().data(), 8}));
  }
  return FromRocks(it->status(), "recorded series: sizes of days");
}

absl::StatusOr<DayBytes::Days> DayBytes::AddTo(rocksdb::WriteBatch& batch) const {
  Changes handler(*db_, chunks_);
  RETURN_IF_ERROR(FromRocks(batch.Iterate(&handler), "recorded series: size of a write"));
  Days& sums = handler.changes;
  for (auto& [day, bytes] : sums) {
    if (const auto before = days_.find(day); before != days_.end()) bytes += before->second;
    bytes = std::max<int64_t>(bytes, 0);
    batch.Put(notes_, NoteKey(day), NumberKey(static_cast<uint64_t>(bytes)));
  }
  return std::move(sums);
}

void DayBytes::Take(const Days& sums) {
  for (const auto& [day, bytes] : sums) days_[day] = bytes;
}

void DayBytes::AddForget(int64_t day, rocksdb::WriteBatch& batch) const {
  for (auto at = days_.begin(); at != days_.end() && at->first < day; ++at) {
    batch.Delete(notes_, NoteKey(at->first));
  }
}

void DayBytes::Forget(int64_t day) { days_.erase(days_.begin(), days_.lower_bound(day)); }

int64_t DayBytes::total() const {
  int64_t total = 0;
  for (const auto& [day, bytes] : days_) total += bytes;
  return total;
}

}  // namespace synoptic::aggregator
