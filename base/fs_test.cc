// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/fs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

namespace synoptic {
namespace {

// Both implementations keep the same promises.
class FsTest : public testing::TestWithParam<bool> {
 protected:
  FsTest() : fs_(GetParam() ? NewRealFs() : NewMemoryFs()) {
    char pattern[] = "/tmp/synoptic_fs_test.XXXXXX";
    root_ = GetParam() ? ::mkdtemp(pattern) : "/mem";
  }
  ~FsTest() override {
    if (GetParam()) std::filesystem::remove_all(root_);
  }
  std::unique_ptr<Fs> fs_;
  std::string root_;
};

TEST_P(FsTest, WritesWholeFilesAndReadsThemWithinALimit) {
  ASSERT_TRUE(fs_->CreateDirectories(root_ + "/a/b").ok());
  ASSERT_TRUE(fs_->WriteFileAtomically(root_ + "/a/b/x", "first, longer").ok());
  ASSERT_TRUE(fs_->WriteFileAtomically(root_ + "/a/b/x", "second").ok());
  EXPECT_EQ(*fs_->ReadFile(root_ + "/a/b/x", 6), "second");
  EXPECT_EQ(fs_->ReadFile(root_ + "/a/b/x", 5).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(fs_->ReadFile(root_ + "/a/b/y", 5).status().code(), absl::StatusCode::kNotFound);
}

TEST_P(FsTest, GlobIsSortedAndLeavesNoTemporaryFiles) {
  for (const char* name : {"b.yaml", "a.yaml", "c.txt"}) {
    ASSERT_TRUE(fs_->WriteFileAtomically(root_ + "/" + name, "").ok());
  }
  EXPECT_THAT(*fs_->Glob(root_ + "/*.yaml"),
              testing::ElementsAre(root_ + "/a.yaml", root_ + "/b.yaml"));
  EXPECT_THAT(*fs_->Glob(root_ + "/*"), testing::SizeIs(3));
  EXPECT_THAT(*fs_->Glob(root_ + "/none*"), testing::IsEmpty());
  const auto nowhere = fs_->Glob(root_ + "/no-such-folder/*.yaml");
  ASSERT_TRUE(nowhere.ok()) << nowhere.status();
  EXPECT_THAT(*nowhere, testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Real, FsTest, testing::Values(true));
INSTANTIATE_TEST_SUITE_P(Memory, FsTest, testing::Values(false));

TEST(RealFs, RefusesAFifoWithoutWaitingForAWriter) {
  char pattern[] = "/tmp/synoptic_fs_test.XXXXXX";
  const std::string root = ::mkdtemp(pattern);
  ASSERT_EQ(::mkfifo((root + "/pipe").c_str(), 0600), 0);
  const auto fs = NewRealFs();
  EXPECT_EQ(fs->ReadFile(root + "/pipe", 10).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(fs->ReadFile(root, 10).status().code(), absl::StatusCode::kInvalidArgument);
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace synoptic
