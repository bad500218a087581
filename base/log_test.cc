// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace synoptic::log {
namespace {

class LogTest : public testing::Test {
 protected:
  LogTest() {
    SetSink([this](std::string_view line) { lines_.emplace_back(line); });
  }
  ~LogTest() override {
    SetSink(nullptr);
    Configure(Level::kInfo, Format::kText);
  }
  std::vector<std::string> lines_;
};

TEST_F(LogTest, TextQuotesWhatNeedsIt) {
  Configure(Level::kInfo, Format::kText);
  Warn("region is dark", {{"region", "eu-1"},
                          {"why", "no \"route\"\n"},
                          {"after", 2.5},
                          {"n", 3},
                          {"ok", false},
                          {"none", ""}});
  EXPECT_THAT(lines_,
              testing::ElementsAre("level=WARN msg=\"region is dark\" region=eu-1 "
                                   "why=\"no \\\"route\\\"\\n\" after=2.5 n=3 ok=false none=\"\""));
}

TEST_F(LogTest, JsonLeavesNumbersBareAndEscapesText) {
  Configure(Level::kInfo, Format::kJson);
  Error("x\ny", {{"region", "eu\"1"}, {"n", 3}, {"ok", true}});
  EXPECT_THAT(lines_, testing::ElementsAre(
                          R"("level":"ERROR","msg":"x\ny","region":"eu\"1","n":3,"ok":true)"));
}

TEST_F(LogTest, LowerLevelsAreDropped) {
  Configure(Level::kWarn, Format::kText);
  Debug("no");
  Info("no");
  Warn("yes");
  EXPECT_THAT(lines_, testing::ElementsAre("level=WARN msg=yes"));
}

}  // namespace
}  // namespace synoptic::log
