// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/store/sqlite_file.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <utility>

#include "base/crash_point.h"
#include "base/crc32c.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

constexpr int kVersion = 1;
constexpr int64_t kApplicationId = 0x53594e41;  // "SYNA": `file` and we know it again
constexpr int kMeta = 0;                        // kind of the record that holds the version
constexpr int kMaxKeptAside = 10;
constexpr char kMended[] = ".mended";  // behind the path, until it takes its place

// Of all that a record says, so that no mixture of two records passes for one.
int64_t ChecksumOf(int kind, std::string_view key, std::string_view body) {
  const uint32_t head = Crc32c(fmt::format("{} {} {} ", kind, key.size(), body.size()));
  return Crc32c(body, Crc32c(key, head));
}

class Statement {
 public:
  Statement(sqlite3* db, const char* sql) {
    code_ = sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr);
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }
  // SQLITE_ROW, SQLITE_DONE or an error.
  int Step() { return code_ == SQLITE_OK ? sqlite3_step(statement_) : code_; }
  int64_t Int(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string_view Text(int column) const {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return data == nullptr
               ? std::string_view()
               : std::string_view(data,
                                  static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int code_;
};

int64_t Pragma(sqlite3* db, const char* sql) {
  Statement statement(db, sql);
  return statement.Step() == SQLITE_ROW ? statement.Int(0) : -1;
}

// Everything that can be read, whatever else is broken.
class Salvage {
 public:
  explicit Salvage(sqlite3* db) : db_(db) {}

  // A whole file is read in one go.
  void Read() {
    if (Pass("ORDER BY rowid")) return;
    // One broken page ends a pass: come from the other end, and into what lies between.
    const int64_t low = last_row_;
    (void)Pass("ORDER BY rowid DESC");
    const int64_t high = std::min(last_row_, low + kMaxRanges * kRange);
    for (int64_t row = low + 1; row < high; row += kRange) {
      (void)Pass(fmt::format("WHERE rowid BETWEEN {} AND {}", row, row + kRange - 1));
    }
  }

  Records TakeRecords() {
    Records records;
    for (auto& [id, found] : found_) {
      records.push_back({static_cast<RecordKind>(id.first), id.second, std::move(found.body)});
    }
    return records;
  }
  std::string problem;
  int64_t version = 0;  // of the record that says so; 0: not found

 private:
  static constexpr int64_t kRange = 8;
  static constexpr int64_t kMaxRanges = 20'000;
  struct Found {
    int64_t row;
    std::string body;
  };

  bool Pass(const std::string& which) {
    const std::string sql = "SELECT rowid, kind, key, body, crc FROM state NOT INDEXED " + which;
    Statement statement(db_, sql.c_str());
    int step = statement.Step();
    for (; step == SQLITE_ROW; step = statement.Step()) {
      last_row_ = statement.Int(0);
      const auto kind = static_cast<int>(statement.Int(1));
      const std::string_view key = statement.Text(2);
      const std::string_view body = statement.Text(3);
      if (ChecksumOf(kind, key, body) != statement.Int(4)) {
        Note("a record's checksum is wrong");
        continue;
      }
      if (kind == kMeta) {
        version = std::atoi(std::string(body).c_str());
        continue;
      }
      if (kind < 1 || kind > kLastRecordKind)
        continue;  // a checksum that holds: from a version to come
      Keep(kind, std::string(key), body);
    }
    if (step == SQLITE_DONE) return true;
    Note(sqlite3_errmsg(db_));
    return false;
  }
  void Keep(int kind, std::string key, std::string_view body) {
    const auto [it, is_new] =
        found_.try_emplace({kind, std::move(key)}, Found{last_row_, std::string(body)});
    if (is_new || it->second.row == last_row_) return;
    // The index has lost one of the two: the newer counts.
    Note("a record is there twice");
    if (it->second.row < last_row_) it->second = {last_row_, std::string(body)};
  }
  void Note(std::string_view what) {
    if (problem.empty()) problem = what;
  }

  sqlite3* db_;
  int64_t last_row_ = 0;
  std::map<std::pair<int, std::string>, Found> found_;
};

std::string CheckStructure(sqlite3* db) {
  Statement statement(db, "PRAGMA quick_check(1)");
  if (statement.Step() != SQLITE_ROW) return sqlite3_errmsg(db);
  const std::string_view verdict = statement.Text(0);
  return verdict == "ok" ? "" : std::string(verdict);
}

// Moves the file and its journal out of the way; gives the new name.
std::string PutAside(const std::string& path, const char* suffix) {
  std::error_code ignored;
  std::string target;
  for (int i = 0; i < kMaxKeptAside; ++i) {
    target = i == 0 ? path + suffix : fmt::format("{}{}.{}", path, suffix, i);
    if (!std::filesystem::exists(target, ignored)) break;
  }
  std::filesystem::rename(path, target, ignored);
  // A journal that stayed would be played into the new file.
  std::filesystem::rename(path + "-journal", target + "-journal", ignored);
  return target;
}

}  // namespace

SqliteFile::~SqliteFile() {
  sqlite3_finalize(put_);
  sqlite3_finalize(erase_);
  sqlite3_close(db_);
}

absl::Status SqliteFile::ErrorOf(int code, const char* doing) const {
  const int primary = code & 0xff;
  const absl::StatusCode kind =
      primary == SQLITE_FULL ? absl::StatusCode::kResourceExhausted
      : primary == SQLITE_IOERR || primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB
          ? absl::StatusCode::kDataLoss
          : absl::StatusCode::kUnavailable;
  return MakeStatus(kind, "{}: {} (SQLite {})", doing, sqlite3_errstr(code), code);
}

absl::StatusOr<std::unique_ptr<SqliteFile>> SqliteFile::Connect(const std::string& path,
                                                                const char* vfs) {
  sqlite3* db = nullptr;
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &db, kFlags, vfs);
  std::unique_ptr<SqliteFile> file(new SqliteFile(db));
  if (code != SQLITE_OK) return file->ErrorOf(code, "open");
  sqlite3_extended_result_codes(db, 1);
  for (const char* pragma : {
           "PRAGMA locking_mode = EXCLUSIVE",  // nobody else's file, and no lock to take each time
           "PRAGMA synchronous = FULL", "PRAGMA cell_size_check = ON",
           "PRAGMA trusted_schema = OFF",
           "PRAGMA cache_size = -4096",  // KiB: the file is read once and written since
       }) {
    Statement(db, pragma).Step();
  }
  // Locked from here on. Whatever else is wrong with the file comes to light when it is read.
  if ((sqlite3_exec(db, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr) & 0xff) == SQLITE_BUSY) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "{}: in use by another process: give each Synoptic a data directory of its "
                      "own",
                      path);
  }
  sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
  return file;
}

absl::Status SqliteFile::MakeTable() {
  const std::string version = std::to_string(kVersion);
  const std::string script = fmt::format(
      "PRAGMA application_id = {}; PRAGMA user_version = {};"
      "CREATE TABLE IF NOT EXISTS state(kind INTEGER NOT NULL, key BLOB NOT NULL,"
      " body BLOB NOT NULL, crc INTEGER NOT NULL, UNIQUE(kind, key));"
      "INSERT OR REPLACE INTO state VALUES({}, CAST('version' AS BLOB), CAST('{}' AS BLOB), {})",
      kApplicationId, kVersion, kMeta, version, ChecksumOf(kMeta, "version", version));
  for (const std::string& sql : {std::string("BEGIN IMMEDIATE"), script, std::string("COMMIT")}) {
    const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return ErrorOf(code, "make the file");
  }
  return absl::OkStatus();
}

absl::Status SqliteFile::Prepare() {
  // After each transaction the journal's head is wiped and synced; the file itself stays, which
  // saves two operations on the folder.
  Statement(db_, "PRAGMA journal_mode = PERSIST").Step();
  Statement(db_, "PRAGMA journal_size_limit = 1048576").Step();
  int code = sqlite3_prepare_v3(
      db_, "INSERT OR REPLACE INTO state(kind, key, body, crc) VALUES(?1, ?2, ?3, ?4)", -1,
      SQLITE_PREPARE_PERSISTENT, &put_, nullptr);
  if (code == SQLITE_OK) {
    code = sqlite3_prepare_v3(db_, "DELETE FROM state WHERE kind = ?1 AND key = ?2", -1,
                              SQLITE_PREPARE_PERSISTENT, &erase_, nullptr);
  }
  return code == SQLITE_OK ? absl::OkStatus() : ErrorOf(code, "prepare");
}

absl::StatusOr<std::unique_ptr<SqliteFile>> SqliteFile::Anew(const std::string& path,
                                                             const char* vfs) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) PutAside(path, ".failed");
  ASSIGN_OR_RETURN(auto file, Connect(path, vfs));
  RETURN_IF_ERROR(file->MakeTable());
  RETURN_IF_ERROR(file->Prepare());
  return file;
}

bool SqliteFile::Mend(const std::string& path, const char* vfs, const Records& records) {
  std::error_code ignored;
  std::filesystem::remove(path + kMended, ignored);
  std::filesystem::remove(path + kMended + "-journal", ignored);
  auto file = Connect(path + kMended, vfs);
  const bool made = file.ok() && (*file)->MakeTable().ok() && (*file)->Prepare().ok() &&
                    (*file)->Apply(records).ok();
  file = absl::UnknownError("closed");
  std::filesystem::remove(path + kMended + "-journal", ignored);  // empty, and named after it
  return made;
}

absl::StatusOr<SqliteFile::Opened> SqliteFile::Open(const std::string& path, const char* vfs) {
  Opened opened;
  std::error_code ignored;
  // Whoever mended the file last died between taking the old one away and putting this one there.
  if (!std::filesystem::exists(path, ignored)) {
    std::filesystem::rename(path + kMended, path, ignored);
  }
  const bool existed = std::filesystem::exists(path, ignored);
  const bool was_empty = existed && std::filesystem::file_size(path, ignored) == 0;
  {
    ASSIGN_OR_RETURN(auto file, Connect(path, vfs));
    if (!existed) {
      RETURN_IF_ERROR(file->MakeTable());
      RETURN_IF_ERROR(file->Prepare());
      opened.file = std::move(file);
      return opened;
    }
    std::string problem = was_empty ? "the file is empty" : CheckStructure(file->db_);
    // An error of the disk says nothing about the file.
    if (const int code = sqlite3_extended_errcode(file->db_);
        !problem.empty() && ((code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN)) {
      return file->ErrorOf(code, "read");
    }
    Salvage salvage(file->db_);
    if (!was_empty) salvage.Read();
    if (problem.empty()) problem = salvage.problem;
    if (problem.empty() && salvage.version == 0) problem = "it does not say its version";
    if (salvage.version > kVersion) {
      return MakeStatus(absl::StatusCode::kFailedPrecondition,
                        "{}: alert state of format {}, this version of Synoptic reads up to {}: "
                        "run the newer one again, or move the file away to begin without it",
                        path, salvage.version, kVersion);
    }
    if (problem.empty() && (Pragma(file->db_, "PRAGMA application_id") != kApplicationId ||
                            Pragma(file->db_, "PRAGMA user_version") != kVersion)) {
      problem = "its header is damaged";
    }
    opened.records = salvage.TakeRecords();
    if (problem.empty()) {
      RETURN_IF_ERROR(file->Prepare());
      opened.file = std::move(file);
      return opened;
    }
    opened.damage = problem;
  }
  // What was read is safe in a file of its own before the damaged one goes.
  const bool mended = Mend(path, vfs, opened.records);
  const std::string aside = PutAside(path, ".corrupt");
  CrashPoint("state-anew");
  opened.damage = fmt::format("{}: {}; {} records could be read, the file is kept as {}", path,
                              opened.damage, opened.records.size(), aside);
  // When no new file can be made, what was read is worth having all the same.
  if (mended) std::filesystem::rename(path + kMended, path, ignored);
  auto fresh = mended ? Connect(path, vfs) : Anew(path, vfs);
  if (!fresh.ok()) return opened;
  const absl::Status ready = mended ? (*fresh)->Prepare() : (*fresh)->Apply(opened.records);
  if (ready.ok()) opened.file = *std::move(fresh);
  return opened;
}

absl::Status SqliteFile::Put(const Record& record) {
  const auto kind = static_cast<int>(record.kind);
  sqlite3_stmt* statement = record.body.empty() ? erase_ : put_;
  sqlite3_bind_int(statement, 1, kind);
  sqlite3_bind_blob(statement, 2, record.key.data(), static_cast<int>(record.key.size()),
                    SQLITE_STATIC);
  if (!record.body.empty()) {
    sqlite3_bind_blob(statement, 3, record.body.data(), static_cast<int>(record.body.size()),
                      SQLITE_STATIC);
    sqlite3_bind_int64(statement, 4, ChecksumOf(kind, record.key, record.body));
  }
  const int code = sqlite3_step(statement);
  sqlite3_reset(statement);
  return code == SQLITE_DONE ? absl::OkStatus() : ErrorOf(code, "write");
}

absl::Status SqliteFile::Apply(const Records& records) {
  CrashPoint("state-before-write");
  int code = sqlite3_exec(db_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return ErrorOf(code, "begin");
  absl::Status status;
  for (const Record& record : records) {
    CrashPoint("state-amid-write");
    status = Put(record);
    if (!status.ok()) break;
  }
  CrashPoint("state-before-commit");
  if (status.ok()) {
    code = sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) status = ErrorOf(code, "commit");
  }
  if (!status.ok()) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
  CrashPoint("state-after-commit");
  return status;
}

}  // namespace synoptic::alerting
