// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The SQLite file behind the state store: one table of records, each with a checksum of its own.
//
// A rollback journal and not a write-ahead log: a torn log is cut off in silence, with transitions
// in it, while here every damage shows in the file's structure or in a checksum. Damage costs the
// damaged records alone: what can be read is carried over into a fresh file, and the old one is
// kept aside as `<path>.corrupt`.
//
// Rows lie in the order in which they were written, with a small index of their keys beside them: a
// storm of alerts is appended, not scattered over the whole file.
//
// All calls block. Not thread-safe.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "alerting/store/record.h"

struct sqlite3;
struct sqlite3_stmt;

namespace synoptic::alerting {

class SqliteFile {
 public:
  struct Opened;

  // Makes the file when there is none. FailedPrecondition: another process works with it, or
  // it is whole and of a version newer than this program (an upgrade was undone); nothing was
  // touched. Any other error: the disk
  // does not let us read or write. `vfs`: SQLite's name of a file system; tests bring their own.
  static absl::StatusOr<Opened> Open(const std::string& path, const char* vfs = nullptr);
  // Puts a file that failed under our hands aside as `<path>.failed` and begins a new one.
  static absl::StatusOr<std::unique_ptr<SqliteFile>> Anew(const std::string& path,
                                                          const char* vfs = nullptr);

  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;
  ~SqliteFile();

  // One transaction, on disk when this returns OK. ResourceExhausted: the disk is full, and nothing
  // changed; DataLoss: what is on disk cannot be trusted any more, begin anew.
  absl::Status Apply(const Records& records);

 private:
  explicit SqliteFile(sqlite3* db) : db_(db) {}
  static absl::StatusOr<std::unique_ptr<SqliteFile>> Connect(const std::string& path,
                                                             const char* vfs);
  // A new file with `records` beside `path`, on disk. False: the disk does not let us.
  static bool Mend(const std::string& path, const char* vfs, const Records& records);
  absl::Status MakeTable();
  absl::Status Prepare();
  absl::Status Put(const Record& record);
  absl::Status ErrorOf(int code, const char* doing) const;

  sqlite3* db_;
  sqlite3_stmt* put_ = nullptr;
  sqlite3_stmt* erase_ = nullptr;
};

struct SqliteFile::Opened {
  std::unique_ptr<SqliteFile> file;
  Records records;
  std::string damage;  // what was wrong with the file that was there, and where it is now
};

}  // namespace synoptic::alerting
