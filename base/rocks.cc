// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/rocks.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/status.h"
#include "rocksdb/cache.h"
#include "rocksdb/convenience.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/table.h"

namespace synoptic {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kLeastBuffer = 64 << 10;  // RocksDB's own lower bound

rocksdb::CompressionType Compression() {
  const auto known = rocksdb::GetSupportedCompressions();
  const bool zstd = std::find(known.begin(), known.end(), rocksdb::kZSTD) != known.end();
  return zstd ? rocksdb::kZSTD : rocksdb::kNoCompression;
}

class NoLog final : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

rocksdb::DBOptions DatabaseOptions(const RocksOptions& options) {
  const auto buffer = static_cast<uint64_t>(std::max(options.write_buffer_bytes, 2 * kLeastBuffer));
  rocksdb::DBOptions out;
  out.create_if_missing = true;
  out.create_missing_column_families = true;
  out.paranoid_checks = true;
  out.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  out.db_write_buffer_size = buffer;
  out.max_total_wal_size = 2 * buffer;
  out.max_background_jobs = 2;
  out.max_open_files = 256;
  // RocksDB ends the process when it cannot write to a log file of its own, on a full disk, and is
  // to write there again. What matters of it comes back as statuses.
  out.info_log = std::make_shared<NoLog>();
  out.max_manifest_file_size = 4 << 20;
  out.stats_dump_period_sec = 0;
  out.stats_persist_period_sec = 0;
  if (options.tune) options.tune(out);
  return out;
}

rocksdb::ColumnFamilyOptions ColumnOptions(const RocksOptions& options, const std::string& name,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.checksum = rocksdb::kXXH3;
  table.format_version = 5;
  table.block_size = 16 << 10;
  rocksdb::ColumnFamilyOptions out;
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  out.compression = Compression();
  out.write_buffer_size =
      static_cast<size_t>(std::max(options.write_buffer_bytes / 2, kLeastBuffer));
  out.max_write_buffer_number = 2;
  if (options.tune_column) options.tune_column(name, out);
  return out;
}

// Whether opening failed by what the files hold, and not by what we may do with them or ask of
// them.
bool IsDamage(const rocksdb::Status& status) {
  return status.IsCorruption() || status.IsNotFound() || status.IsNotSupported() ||
         (status.IsIOError() && status.IsPathNotFound());
}

}  // namespace

absl::Status FromRocks(const rocksdb::Status& status, std::string_view what) {
  if (status.ok()) return absl::OkStatus();
  absl::StatusCode code = absl::StatusCode::kUnknown;
  if (status.IsNotFound()) code = absl::StatusCode::kNotFound;
  if (status.IsCorruption()) code = absl::StatusCode::kDataLoss;
  if (status.IsInvalidArgument()) code = absl::StatusCode::kInvalidArgument;
  if (status.IsIOError()) code = absl::StatusCode::kUnavailable;
  if (status.IsNoSpace() || status.IsMemoryLimit()) code = absl::StatusCode::kResourceExhausted;
  if (status.IsBusy() || status.IsTryAgain() || status.IsTimedOut()) {
    code = absl::StatusCode::kUnavailable;
  }
  return MakeStatus(code, "{}: {}", what, status.ToString());
}

rocksdb::Status Rocks::OpenOnce(const RocksOptions& options) {
  const rocksdb::DBOptions database = DatabaseOptions(options);
  std::vector<std::string> names = options.columns;
  names.push_back(rocksdb::kDefaultColumnFamilyName);
  // RocksDB opens all columns or none: one of another version of ours comes along unused.
  std::vector<std::string> there;
  if (rocksdb::DB::ListColumnFamilies(database, options.path, &there).ok()) {
    for (const std::string& name : there) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  const std::shared_ptr<rocksdb::Cache> cache =
      rocksdb::NewLRUCache(static_cast<size_t>(options.block_cache_bytes));
  std::vector<rocksdb::ColumnFamilyDescriptor> columns;
  for (const std::string& name : names) {
    column_options_[name] = ColumnOptions(options, name, cache);
    columns.emplace_back(name, column_options_[name]);
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(database, options.path, columns, &handles, &db);
  if (!status.ok()) return status;
  db_.reset(db);
  for (size_t i = 0; i < names.size(); ++i) columns_[names[i]] = handles[i];
  return status;
}

absl::StatusOr<std::string> Rocks::SetAside(const std::string& path) {
  std::string target = path + ".damaged";
  std::error_code error;
  for (int i = 2; fs::exists(target, error); ++i) {
    target = fmt::format("{}.damaged.{}", path, i);
  }
  fs::rename(path, target, error);
  if (error) {
    return MakeStatus(absl::StatusCode::kPermissionDenied, "{}: move aside to {}: {}", path, target,
                      error.message());
  }
  return target;
}

absl::StatusOr<std::unique_ptr<Rocks>> Rocks::Open(const RocksOptions& options) {
  std::error_code error;
  fs::create_directories(options.path, error);
  if (error) {
    return MakeStatus(absl::StatusCode::kPermissionDenied, "{}: {}", options.path, error.message());
  }
  std::unique_ptr<Rocks> out(new Rocks());
  rocksdb::Status status = out->OpenOnce(options);
  if (IsDamage(status)) {
    out->damage_ = status.ToString();
    ASSIGN_OR_RETURN(out->moved_aside_, SetAside(options.path));
    status = out->OpenOnce(options);
  }
  if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition, "{}: in use by another process ({})",
                      options.path, status.ToString());
  }
  RETURN_IF_ERROR(FromRocks(status, options.path));
  return out;
}

rocksdb::Status Rocks::Write(rocksdb::WriteBatch& batch) {
  const rocksdb::Status status = db_->Write(rocksdb::WriteOptions(), &batch);
  if (!status.ok()) failed_ = true;
  return status;
}

rocksdb::Status Rocks::Sync() {
  if (!failed_) return db_->SyncWAL();
  // Writes what is in memory to a file of its own, and begins a new log. Busy while RocksDB, which
  // looks for room every five seconds, is at it by itself.
  const rocksdb::Status resumed = db_->Resume();
  if (resumed.ok()) failed_ = false;
  return resumed;
}

absl::Status Rocks::Clear(const std::string& name) {
  rocksdb::ColumnFamilyHandle*& handle = columns_.at(name);
  RETURN_IF_ERROR(FromRocks(db_->DropColumnFamily(handle), "drop column " + name));
  RETURN_IF_ERROR(FromRocks(db_->DestroyColumnFamilyHandle(handle), "close column " + name));
  handle = nullptr;
  return FromRocks(db_->CreateColumnFamily(column_options_.at(name), name, &handle),
                   "make column " + name);
}

Rocks::~Rocks() {
  if (db_ == nullptr) return;
  // What was not flushed is in the log, and read again when we open: a failure loses nothing.
  for (const auto& [name, handle] : columns_) {
    if (handle == nullptr) continue;
    db_->Flush(rocksdb::FlushOptions(), handle).PermitUncheckedError();
    db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  db_->Close().PermitUncheckedError();
}

}  // namespace synoptic
