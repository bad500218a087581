// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/config_files.h"

#include <gtest/gtest.h>

namespace synoptic::app {
namespace {

class ConfigFilesTest : public testing::Test {
 protected:
  ConfigFilesTest() : fs_(NewMemoryFs()) {
    Write("main", "m");
    Write("cert", "1");
  }
  void Write(const std::string& path, const std::string& text) {
    ASSERT_TRUE(fs_->WriteFileAtomically(path, text).ok());
  }
  std::unique_ptr<Fs> fs_;
};

TEST_F(ConfigFilesTest, AChangeOfWhatIsNamedIsSeenAndOneOfWhatIsEditedIsNot) {
  auto loaded = std::make_shared<ConfigFiles>(*fs_);
  EXPECT_EQ(*loaded->edited().ReadFile("main", 100), "m");
  EXPECT_EQ(*loaded->named().ReadFile("cert", 100), "1");
  EXPECT_FALSE(loaded->named().ReadFile("later", 100).ok());
  Write("main", "half");
  EXPECT_FALSE(loaded->Changed());
  Write("cert", "2");
  EXPECT_TRUE(loaded->Changed());
  // Made anew from what was loaded.
  const ConfigFiles again(*fs_, loaded);
  EXPECT_EQ(*again.edited().ReadFile("main", 100), "m");
  EXPECT_EQ(*again.named().ReadFile("cert", 100), "2");
  EXPECT_FALSE(again.Changed());
  EXPECT_EQ(*ConfigFiles(*fs_).edited().ReadFile("main", 100), "half");
  Write("later", "x");
  EXPECT_TRUE(loaded->Changed()) << "what could not be read can be now";
}

TEST_F(ConfigFilesTest, NewFilesOfAPatternAreAChange) {
  const ConfigFiles files(*fs_);
  EXPECT_TRUE(files.named().Glob("t*.json")->empty());
  EXPECT_FALSE(files.Changed());
  Write("t1.json", "[]");
  EXPECT_TRUE(files.Changed());
}

}  // namespace
}  // namespace synoptic::app
