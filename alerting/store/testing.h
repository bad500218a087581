// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A disk for SQLite that fails as told: full, with errors, or without power at a chosen moment.
// It passes everything on to the machine's files and keeps, for every byte written and not yet
// synced, what was there before; PowerCut() puts that back. Process-wide: one test at a time.
#pragma once

#include <sqlite3.h>

#include <functional>

namespace synoptic::alerting {

class FaultyDisk {
 public:
  static constexpr const char* kName = "faulty";

  FaultyDisk();   // registers the file system kName
  ~FaultyDisk();  // forgets it and all faults

  // Asked before each write (true) or sync (false); the code is returned instead of doing it.
  void OnOperation(std::function<int(bool is_write)> fault);
  // Undoes every write that no sync followed, newest first; `keep(i)` spares the i-th, as a drive
  // may have written any of them.
  void PowerCut(const std::function<bool(int)>& keep = nullptr);
  int operations() const;
};

// A folder of its own under the test's temporary folder, gone at the end.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  std::string Path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace synoptic::alerting
