// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A key: the two hours its data begin in, a digest of the settings, the stream, the block's number;
// numbers of eight bytes, so that they sort.
#include "aggregator/cache/backends/disk_blocks.h"

#include <algorithm>
#include <filesystem>

#include "aggregator/cache/fragment_codec.h"
#include "aggregator/cache/stream_key.h"
#include "base/crc32c.h"
#include "base/log.h"
#include "base/status.h"
#include "rocksdb/convenience.h"

namespace synoptic::aggregator {
namespace {

constexpr int64_t kBucketMs = 2 * 3'600'000;
constexpr size_t kNumberBytes = 8;
constexpr size_t kSettingsBytes = 8;
const char* const kColumn = "blocks";
// Before every block, so that they are the first to go when the disk is full.
constexpr int64_t kTailBucket = std::numeric_limits<int64_t>::min();

int64_t BucketOf(std::string_view stream, int64_t block) {
  if (block == kTailBlock) return kTailBucket;
  const int64_t first = LayoutOf(stream).FirstOf(block);
  return first / kBucketMs - static_cast<int64_t>(first % kBucketMs < 0);
}

void PutNumber(std::string& out, int64_t value) {
  const uint64_t bits = static_cast<uint64_t>(value) ^ (uint64_t{1} << 63);
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(bits >> shift));
}
int64_t TakeNumber(std::string_view in) {
  uint64_t bits = 0;
  for (size_t i = 0; i < kNumberBytes; ++i) bits = (bits << 8) | static_cast<unsigned char>(in[i]);
  return static_cast<int64_t>(bits ^ (uint64_t{1} << 63));
}
std::string BucketKey(int64_t bucket) {
  std::string out;
  PutNumber(out, bucket);
  return out;
}

std::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// Eight bytes of two checksums over the text and its mirror: settings are few and not hostile.
std::string DigestOf(const std::string& settings) {
  std::string out;
  const std::string mirror(settings.rbegin(), settings.rend());
  PutNumber(out, static_cast<int64_t>((uint64_t{Crc32c(settings)} << 32) | Crc32c(mirror)));
  return out;
}

// Unflushed bytes: few for little budgets, enough for files of a good size with large ones.
int64_t WriteBufferOf(int64_t max_bytes) {
  return std::clamp<int64_t>(max_bytes / 20, 128 << 10, 16 << 20);
}

}  // namespace

DiskBlocks::DiskBlocks(std::string path, int64_t max_bytes, const std::string& settings)
    : path_(std::move(path)),
      max_bytes_(max_bytes),
      write_buffer_(WriteBufferOf(max_bytes)),
      settings_(DigestOf(settings)) {}

DiskBlocks::~DiskBlocks() = default;

absl::Status DiskBlocks::Open() {
  const absl::MutexLock lock(&mutex_);
  return Reopen();
}

absl::Status DiskBlocks::Reopen() {
  RocksOptions options;
  options.path = path_;
  options.block_cache_bytes = std::clamp<int64_t>(max_bytes_ / 64, 1 << 20, 32 << 20);
  options.write_buffer_bytes = write_buffer_;
  options.columns = {kColumn};
  options.tune = [](rocksdb::DBOptions& database) {
    database.max_log_file_size = 256 << 10;
    database.max_manifest_file_size = 1 << 20;
  };
  options.tune_column = [this](const std::string&, rocksdb::ColumnFamilyOptions& column) {
    // Files small enough that the oldest hours are files of their own.
    column.target_file_size_base =
        static_cast<uint64_t>(std::clamp<int64_t>(max_bytes_ / 64, 256 << 10, 32 << 20));
    column.max_bytes_for_level_base = 8 * column.target_file_size_base;
  };
  auto opened = Rocks::Open(options);
  const absl::Status status = opened.status();
  if (status.ok()) rocks_ = *std::move(opened);
  Measure();
  RETURN_IF_ERROR(status);
  if (rocks_->moved_aside().empty()) return absl::OkStatus();
  log::Error("the cache on disk was damaged: it is thrown away and begins anew",
             {{"path", path_}, {"why", rocks_->damage()}});
  // Nothing in it is worth the space.
  std::error_code error;
  std::filesystem::remove_all(rocks_->moved_aside(), error);
  return absl::OkStatus();
}

std::string DiskBlocks::KeyOf(std::string_view stream, int64_t block) const {
  std::string out;
  out.reserve(2 * kNumberBytes + kSettingsBytes + stream.size());
  PutNumber(out, BucketOf(stream, block));
  out += settings_;
  out += stream;
  PutNumber(out, block);
  return out;
}

std::vector<FragmentPtr> DiskBlocks::Read(const std::string& stream,
                                          const std::vector<int64_t>& blocks) {
  std::vector<FragmentPtr> out(blocks.size());
  const absl::ReaderMutexLock lock(&mutex_);
  if (rocks_ == nullptr) return out;
  std::vector<std::string> keys;
  for (const int64_t block : blocks) keys.push_back(KeyOf(stream, block));
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(blocks.size());
  std::vector<rocksdb::Status> statuses(blocks.size());
  rocks_->db().MultiGet({}, rocks_->column(kColumn), blocks.size(), slices.data(), values.data(),
                        statuses.data());
  FragmentPtr like;
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    if (!statuses[i].ok()) {
      ++(statuses[i].IsCorruption() ? damaged_ : failures_);
      continue;
    }
    auto fragment = DecodeFragment(View(values[i]), stream, blocks[i], like);
    if (!fragment.ok()) {
      ++damaged_;
      continue;
    }
    out[i] = like = *std::move(fragment);
  }
  return out;
}

void DiskBlocks::Write(const std::vector<PendingWrites::Write>& writes) {
  rocksdb::Status status;
  {
    const absl::ReaderMutexLock lock(&mutex_);
    if (rocks_ == nullptr) return;
    rocksdb::WriteBatch batch;
    rocksdb::ColumnFamilyHandle* const column = rocks_->column(kColumn);
    for (const PendingWrites::Write& write : writes) {
      const std::string key = KeyOf(write.stream, write.block);
      status =
          write.fragment == nullptr
              ? batch.Delete(column, key)
              : batch.Put(column, key, EncodeFragment(write.stream, write.block, *write.fragment));
      if (!status.ok()) break;
    }
    if (status.ok()) status = rocks_->db().Write({}, &batch);
    if (status.ok()) EvictIfFull();
    Measure();
  }
  if (!status.ok()) Repair(status);
}

void DiskBlocks::DropTails() {
  const absl::ReaderMutexLock lock(&mutex_);
  if (rocks_ == nullptr) return;
  rocks_->db()
      .DeleteRange({}, rocks_->column(kColumn), BucketKey(kTailBucket), BucketKey(kTailBucket + 1))
      .PermitUncheckedError();
}

void DiskBlocks::Repair(const rocksdb::Status& status) {
  ++failures_;
  const absl::MutexLock lock(&mutex_);
  if (rocks_ == nullptr) return;
  if (!status.IsCorruption()) {
    // A full disk that has room again, for one.
    rocks_->db().Resume().PermitUncheckedError();
    return;
  }
  log::Error("the cache on disk is damaged: it is thrown away and begins anew",
             {{"path", path_}, {"why", status.ToString()}});
  rocks_.reset();
  std::error_code error;
  std::filesystem::remove_all(path_, error);
  if (const absl::Status opened = Reopen(); !opened.ok()) {
    log::Error("the cache on disk cannot be begun anew", {{"why", MessageOf(opened)}});
  }
}

int64_t DiskBlocks::Clear() {
  const absl::MutexLock lock(&mutex_);
  if (rocks_ == nullptr) return 0;
  const auto dropped = static_cast<int64_t>(Property(rocksdb::DB::Properties::kEstimateNumKeys));
  if (const absl::Status cleared = rocks_->Clear(kColumn); !cleared.ok()) {
    log::Error("the cache on disk cannot be emptied: it is closed", {{"why", MessageOf(cleared)}});
    ++failures_;
    rocks_.reset();
  }
  Measure();
  return dropped;
}

absl::StatusOr<int64_t> DiskBlocks::Sift(const BlockTest& which) {
  const absl::ReaderMutexLock lock(&mutex_);
  if (rocks_ == nullptr) return 0;
  int64_t dropped = 0;
  rocksdb::WriteBatch batch;
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> at(
      rocks_->db().NewIterator(options, rocks_->column(kColumn)));
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    const auto header = ReadHeader(View(at->value()));
    // What cannot be read can hold anything.
    if (header.ok() && !which(header->stream, header->first, header->last)) continue;
    batch.Delete(rocks_->column(kColumn), at->key()).PermitUncheckedError();
    ++dropped;
  }
  RETURN_IF_ERROR(FromRocks(at->status(), "read"));
  RETURN_IF_ERROR(FromRocks(rocks_->db().Write({}, &batch), "write"));
  Measure();
  return dropped;
}

int64_t DiskBlocks::Purge(const BlockTest& which) {
  if (which == nullptr) return Clear();
  const absl::StatusOr<int64_t> dropped = Sift(which);
  if (dropped.ok()) return *dropped;
  // Rather nothing than something that was to go.
  log::Error("the cache on disk cannot be sifted: it is emptied",
             {{"why", MessageOf(dropped.status())}});
  ++failures_;
  return Clear();
}

uint64_t DiskBlocks::Property(const std::string& name) const {
  uint64_t value = 0;
  rocks_->db().GetIntProperty(rocks_->column(kColumn), name, &value);
  return value;
}

int64_t DiskBlocks::UsedBytes() const {
  return static_cast<int64_t>(Property(rocksdb::DB::Properties::kTotalSstFilesSize) +
                              Property(rocksdb::DB::Properties::kSizeAllMemTables));
}

void DiskBlocks::EvictIfFull() {
  // The log, what is being compacted, and files of RocksDB's own have their part of the budget.
  const int64_t limit = max_bytes_ - 6 * write_buffer_;
  const int64_t used = UsedBytes();
  if (used <= limit) return;
  rocksdb::DB& db = rocks_->db();
  rocksdb::ColumnFamilyHandle* const column = rocks_->column(kColumn);
  // From the oldest on, until a fifth of the room is free again.
  const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator(rocksdb::ReadOptions(), column));
  at->SeekToFirst();
  if (!at->Valid()) return;
  const std::string begin = BucketKey(TakeNumber(View(at->key())));
  std::string end = begin;
  int64_t blocks = 0;
  for (int64_t freed = 0; at->Valid() && used - freed > limit - limit / 5;) {
    const int64_t bucket = TakeNumber(View(at->key()));
    end = BucketKey(bucket + 1);
    for (; at->Valid() && at->key().compare(end) < 0; at->Next()) {
      freed += static_cast<int64_t>(at->key().size() + at->value().size());
      ++blocks;
    }
  }
  const rocksdb::Slice from(begin);
  const rocksdb::Slice to(end);
  rocksdb::DeleteFilesInRange(&db, column, &from, &to, /*include_end=*/false)
      .PermitUncheckedError();
  db.DeleteRange(rocksdb::WriteOptions(), column, from, to).PermitUncheckedError();
  evictions_ += blocks;
  if (UsedBytes() <= limit) return;
  // What lay in files together with what stays.
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  db.CompactRange(options, column, &from, &to).PermitUncheckedError();
}

void DiskBlocks::Close() {
  const absl::MutexLock lock(&mutex_);
  rocks_.reset();
  Measure();
}

void DiskBlocks::Measure() {
  open_ = rocks_ != nullptr;
  bytes_ = open_ ? UsedBytes() : 0;
  fragments_ =
      open_ ? static_cast<int64_t>(Property(rocksdb::DB::Properties::kEstimateNumKeys)) : 0;
}

}  // namespace synoptic::aggregator
