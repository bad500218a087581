// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/rocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace synoptic {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class RocksTest : public ::testing::Test {
 protected:
  RocksTest() : directory_(fs::temp_directory_path() / ("rocks_test." + std::to_string(getpid()))) {
    fs::remove_all(directory_);
    options_.path = (directory_ / "data").string();
    options_.columns = {"blocks"};
  }
  ~RocksTest() override { fs::remove_all(directory_); }

  std::unique_ptr<Rocks> MustOpen() {
    auto rocks = Rocks::Open(options_);
    EXPECT_TRUE(rocks.ok()) << rocks.status();
    return rocks.ok() ? std::move(*rocks) : nullptr;
  }
  static void Put(Rocks& rocks, const std::string& key, const std::string& value) {
    EXPECT_TRUE(rocks.db().Put({}, rocks.column("blocks"), key, value).ok());
  }
  static std::string Get(Rocks& rocks, const std::string& key) {
    std::string value;
    const rocksdb::Status status = rocks.db().Get({}, rocks.column("blocks"), key, &value);
    return status.ok() ? value : status.ToString();
  }
  // Overwrites the middle of every file whose name begins so.
  void Spoil(const std::string& prefix) {
    for (const auto& entry : fs::directory_iterator(options_.path)) {
      if (!entry.path().filename().string().starts_with(prefix)) continue;
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(static_cast<std::streamoff>(entry.file_size() / 2));
      file << "spoilt!";
    }
  }

  const fs::path directory_;
  RocksOptions options_;
};

// A disk that is full while it is told so.
class FullDisk final : public rocksdb::FileSystemWrapper {
 public:
  FullDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FullDisk"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override {
    const auto status = FileSystemWrapper::NewWritableFile(name, options, result, debug);
    if (status.ok()) *result = std::make_unique<File>(std::move(*result), full);
    return status;
  }
  std::atomic<bool> full = false;

 private:
  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> file, const std::atomic<bool>& full)
        : FSWritableFileOwnerWrapper(std::move(file)), full_(full) {}
    using FSWritableFileOwnerWrapper::Append;
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      if (full_) return rocksdb::IOStatus::NoSpace("no room");
      return FSWritableFileOwnerWrapper::Append(data, options, debug);
    }

   private:
    const std::atomic<bool>& full_;
  };
};

TEST_F(RocksTest, ADiskThatWasFullIsWrittenToAgain) {
  const auto disk = std::make_shared<FullDisk>();
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(disk);
  options_.tune = [&env](rocksdb::DBOptions& out) { out.env = env.get(); };
  {
    const auto rocks = MustOpen();
    const auto write = [&rocks](const std::string& key, size_t bytes) {
      rocksdb::WriteBatch batch;
      EXPECT_TRUE(batch.Put(rocks->column("blocks"), key, std::string(bytes, 'x')).ok());
      return rocks->Write(batch);
    };
    EXPECT_TRUE(write("before", 10).ok());
    disk->full = true;
    EXPECT_FALSE(write("while", 10).ok());
    EXPECT_FALSE(rocks->Sync().ok());
    EXPECT_FALSE(write("while", 10).ok());
    EXPECT_FALSE(rocks->Sync().ok());
    disk->full = false;
    rocksdb::Status synced;
    for (int i = 0; i < 600 && !(synced = rocks->Sync()).ok(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    EXPECT_EQ(synced.ToString(), "OK");
    EXPECT_TRUE(write("after", 10).ok());
    EXPECT_EQ(rocks->Sync().ToString(), "OK");
  }
  const auto rocks = MustOpen();
  EXPECT_EQ(Get(*rocks, "before"), "xxxxxxxxxx");
  EXPECT_EQ(Get(*rocks, "after"), "xxxxxxxxxx");
  EXPECT_THAT(Get(*rocks, "while"), HasSubstr("NotFound"));
}

TEST_F(RocksTest, KeepsWhatWasWrittenOverAReopening) {
  {
    const auto rocks = MustOpen();
    Put(*rocks, "a", "1");
    EXPECT_EQ(rocks->moved_aside(), "");
  }
  const auto rocks = MustOpen();
  EXPECT_EQ(Get(*rocks, "a"), "1");
}

TEST_F(RocksTest, MovesADamagedDatabaseAsideAndSaysWhy) {
  for (const std::string want : {".damaged", ".damaged.2"}) {
    {
      Put(*MustOpen(), "a", "1");
    }
    Spoil("MANIFEST");
    const auto rocks = MustOpen();
    EXPECT_EQ(rocks->moved_aside(), options_.path + want);
    EXPECT_NE(rocks->damage(), "");
    EXPECT_THAT(Get(*rocks, "a"), HasSubstr("NotFound"));
    EXPECT_TRUE(fs::exists(fs::path(options_.path + want) / "CURRENT"));
  }
}

TEST_F(RocksTest, AMissingFileIsDamage) {
  {
    Put(*MustOpen(), "a", "1");
  }
  for (const auto& entry : fs::directory_iterator(options_.path)) {
    if (entry.path().extension() == ".sst") fs::remove(entry.path());
  }
  EXPECT_NE(MustOpen()->moved_aside(), "");
}

TEST_F(RocksTest, ADatabaseInUseIsNeitherOpenedNorMoved) {
  const auto rocks = MustOpen();
  const auto again = Rocks::Open(options_);
  EXPECT_EQ(again.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(again.status().ToString(), HasSubstr(options_.path + ": in use"));
  EXPECT_TRUE(fs::exists(options_.path));
}

TEST_F(RocksTest, APathThatCannotBeSaysSo) {
  fs::create_directories(directory_);
  std::ofstream(directory_ / "file") << "x";
  options_.path = (directory_ / "file" / "data").string();
  EXPECT_THAT(Rocks::Open(options_).status().ToString(), HasSubstr(options_.path));
}

TEST_F(RocksTest, AColumnOfAnotherVersionIsCarriedAlong) {
  options_.columns = {"blocks", "later"};
  {
    Put(*MustOpen(), "a", "1");
  }
  options_.columns = {"blocks"};
  const auto rocks = MustOpen();
  EXPECT_EQ(rocks->moved_aside(), "");
  EXPECT_EQ(Get(*rocks, "a"), "1");
}

TEST_F(RocksTest, AClearedColumnIsEmptyAndGoesOn) {
  const auto rocks = MustOpen();
  Put(*rocks, "a", "1");
  ASSERT_TRUE(rocks->Clear("blocks").ok());
  EXPECT_THAT(Get(*rocks, "a"), HasSubstr("NotFound"));
  Put(*rocks, "b", "2");
  EXPECT_EQ(Get(*rocks, "b"), "2");
}

TEST(FromRocks, DamageIsDataLossAndNamesThePlace) {
  const absl::Status status = FromRocks(rocksdb::Status::Corruption("bad block"), "cache: get");
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(status.ToString(), HasSubstr("cache: get: Corruption: bad block"));
  EXPECT_TRUE(FromRocks(rocksdb::Status::OK(), "x").ok());
}

}  // namespace
}  // namespace synoptic
