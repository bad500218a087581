// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/store/testing.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace synoptic::alerting {
namespace {

// One write that was not synced, and what was there before it.
struct Unsynced {
  std::string path;
  sqlite3_int64 offset;
  std::string before;
  sqlite3_int64 size_before;
};

struct Disk {
  std::mutex mutex;
  std::function<int(bool)> fault;
  std::vector<Unsynced> unsynced;
  int operations = 0;
};
Disk& TheDisk() {
  static Disk disk;
  return disk;
}

// SQLite gives us as much memory as we ask for: our part, then the real file's.
struct File {
  sqlite3_file base;
  const char* path;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
File* Of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }

int Ask(bool is_write) {
  Disk& disk = TheDisk();
  const std::lock_guard lock(disk.mutex);
  ++disk.operations;
  return disk.fault ? disk.fault(is_write) : SQLITE_OK;
}

int Close(sqlite3_file* f) { return Of(f)->real()->pMethods->xClose(Of(f)->real()); }
int Read(sqlite3_file* f, void* data, int size, sqlite3_int64 offset) {
  return Of(f)->real()->pMethods->xRead(Of(f)->real(), data, size, offset);
}
int FileSize(sqlite3_file* f, sqlite3_int64* size) {
  return Of(f)->real()->pMethods->xFileSize(Of(f)->real(), size);
}
void Remember(sqlite3_file* f, sqlite3_int64 offset, size_t size) {
  Unsynced entry{Of(f)->path, offset, std::string(size, '\0'), 0};
  FileSize(f, &entry.size_before);
  (void)Read(f, entry.before.data(), static_cast<int>(size), offset);
  const std::lock_guard lock(TheDisk().mutex);
  TheDisk().unsynced.push_back(std::move(entry));
}
int Write(sqlite3_file* f, const void* data, int size, sqlite3_int64 offset) {
  if (const int code = Ask(true); code != SQLITE_OK) return code;
  Remember(f, offset, static_cast<size_t>(size));
  return Of(f)->real()->pMethods->xWrite(Of(f)->real(), data, size, offset);
}
int Truncate(sqlite3_file* f, sqlite3_int64 size) {
  if (const int code = Ask(true); code != SQLITE_OK) return code;
  sqlite3_int64 old = 0;
  FileSize(f, &old);
  if (old > size) Remember(f, size, static_cast<size_t>(old - size));
  return Of(f)->real()->pMethods->xTruncate(Of(f)->real(), size);
}
int Sync(sqlite3_file* f, int) {
  if (const int code = Ask(false); code != SQLITE_OK) return code;
  const std::lock_guard lock(TheDisk().mutex);
  std::erase_if(TheDisk().unsynced, [f](const Unsynced& u) { return u.path == Of(f)->path; });
  return SQLITE_OK;
}
int Lock(sqlite3_file* f, int level) {
  return Of(f)->real()->pMethods->xLock(Of(f)->real(), level);
}
int Unlock(sqlite3_file* f, int level) {
  return Of(f)->real()->pMethods->xUnlock(Of(f)->real(), level);
}
int CheckReservedLock(sqlite3_file* f, int* out) {
  return Of(f)->real()->pMethods->xCheckReservedLock(Of(f)->real(), out);
}
int FileControl(sqlite3_file* f, int op, void* argument) {
  return Of(f)->real()->pMethods->xFileControl(Of(f)->real(), op, argument);
}
int SectorSize(sqlite3_file*) { return 512; }
int DeviceCharacteristics(sqlite3_file*) { return 0; }

const sqlite3_io_methods kMethods = {1,
                                     Close,
                                     Read,
                                     Write,
                                     Truncate,
                                     Sync,
                                     FileSize,
                                     Lock,
                                     Unlock,
                                     CheckReservedLock,
                                     FileControl,
                                     SectorSize,
                                     DeviceCharacteristics,
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     nullptr};

int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
  auto* real_vfs = static_cast<sqlite3_vfs*>(vfs->pAppData);
  std::memset(file, 0, sizeof(File));
  Of(file)->path = path;
  const int code = real_vfs->xOpen(real_vfs, path, Of(file)->real(), flags, out);
  if (Of(file)->real()->pMethods != nullptr) file->pMethods = &kMethods;
  return code;
}

sqlite3_vfs& TheVfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
    sqlite3_vfs ours = *real;
    ours.zName = FaultyDisk::kName;
    ours.szOsFile = static_cast<int>(sizeof(File)) + real->szOsFile;
    ours.pAppData = real;
    ours.pNext = nullptr;
    ours.xOpen = Open;
    return ours;
  }();
  return vfs;
}

}  // namespace

FaultyDisk::FaultyDisk() {
  TheDisk().fault = nullptr;
  TheDisk().unsynced.clear();
  TheDisk().operations = 0;
  sqlite3_initialize();
  sqlite3_vfs_register(&TheVfs(), 0);
}

FaultyDisk::~FaultyDisk() { sqlite3_vfs_unregister(&TheVfs()); }

void FaultyDisk::OnOperation(std::function<int(bool)> fault) {
  const std::lock_guard lock(TheDisk().mutex);
  TheDisk().fault = std::move(fault);
}

int FaultyDisk::operations() const { return TheDisk().operations; }

void FaultyDisk::PowerCut(const std::function<bool(int)>& keep) {
  const std::lock_guard lock(TheDisk().mutex);
  auto& unsynced = TheDisk().unsynced;
  for (int i = static_cast<int>(unsynced.size()) - 1; i >= 0; --i) {
    const Unsynced& entry = unsynced[static_cast<size_t>(i)];
    if (keep && keep(i)) continue;
    std::fstream file(entry.path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(entry.offset);
    file.write(entry.before.data(), static_cast<std::streamsize>(entry.before.size()));
  }
  unsynced.clear();
}

TestFolder::TestFolder() {
  std::random_device random;
  // Thousands of syncs: in memory where there is such a place.
  const std::string place = std::filesystem::exists("/dev/shm") ? "/dev/shm/" : testing::TempDir();
  path_ = place + "synoptic_store_" + std::to_string(random());
  std::filesystem::create_directories(path_);
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace synoptic::alerting
