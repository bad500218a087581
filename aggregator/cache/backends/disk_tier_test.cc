// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/backends/disk_tier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregator/cache/backends/tier_breaker.h"
#include "aggregator/cache/backends/tier_testing.h"
#include "aggregator/cache/fragment_codec.h"
#include "net/async/testing.h"

namespace synoptic::aggregator {
namespace {

using ::testing::HasSubstr;

class DiskTierTest : public ::testing::Test {
 protected:
  DiskTierTest() {
    options.path = (scratch.path() / "cache").string();
    options.max_bytes = 8 << 20;
  }
  std::shared_ptr<DiskTier> Open() {
    auto opened = DiskTier::Open(options, loop.clock);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }
  FragmentPtr Get(DiskTier& tier, int64_t block) {
    return loop.Run(tier.Fetch(stream, {block}, Deadline::Infinite())).value().at(0).fragment;
  }
  void Flush(DiskTier& tier) { EXPECT_TRUE(loop.Run(tier.Flush(Deadline::Infinite())).ok()); }

  const std::string stream = StreamOf("eu", "x");
  AsyncTest loop;
  ScratchDirectory scratch;
  DiskTierOptions options;
};

TEST_F(DiskTierTest, IsWarmAfterARestart) {
  Open()->Put(stream, 1, BlockFor(stream, 1));
  const auto tier = Open();
  EXPECT_TRUE(IsBlock(Get(*tier, 1), stream, 1));
  EXPECT_EQ(tier->stats().hits, 1);
}

TEST_F(DiskTierTest, ATailLastsUntilTheNextProcessEnds) {
  const FragmentPtr tail = BlockFor(stream, 1);
  const auto is_tail = [&](const FragmentPtr& found) {
    return found != nullptr &&
           EncodeFragment(stream, kTailBlock, *found) == EncodeFragment(stream, kTailBlock, *tail);
  };
  const std::string other = StreamOf("eu", "y");
  {
    const auto tier = Open();
    tier->Put(stream, kTailBlock, tail);
    tier->Put(stream, 1, tail);
  }
  {
    const auto tier = Open();
    EXPECT_TRUE(is_tail(Get(*tier, kTailBlock)));
    tier->Put(other, kTailBlock, tail);
  }
  const auto tier = Open();
  EXPECT_EQ(Get(*tier, kTailBlock), nullptr);
  EXPECT_TRUE(IsBlock(Get(*tier, 1), stream, 1));
  EXPECT_TRUE(is_tail(
      loop.Run(tier->Fetch(other, {kTailBlock}, Deadline::Infinite())).value().at(0).fragment));
}

TEST_F(DiskTierTest, WhatWasWrittenIsThereAfterAKill) {
  const auto tier = Open();
  tier->Put(stream, 1, BlockFor(stream, 1));
  Flush(*tier);
  // As the disk was when the process died.
  options.path = (scratch.path() / "copy").string();
  std::filesystem::copy(scratch.path() / "cache", options.path);
  EXPECT_TRUE(IsBlock(Get(*Open(), 1), stream, 1));
}

TEST_F(DiskTierTest, OtherSettingsFindNothing) {
  options.settings = "recent=120000";
  Open()->Put(stream, 1, BlockFor(stream, 1));
  options.settings = "recent=60000";
  EXPECT_EQ(Get(*Open(), 1), nullptr);
  options.settings = "recent=120000";
  EXPECT_TRUE(IsBlock(Get(*Open(), 1), stream, 1));
}

TEST_F(DiskTierTest, ADirectoryInUseIsSaid) {
  const auto tier = Open();
  EXPECT_THAT(DiskTier::Open(options, loop.clock).status().ToString(), HasSubstr("in use"));
}

TEST_F(DiskTierTest, BegunItIsWaitedForByWhoAsks) {
  Open()->Put(stream, 1, BlockFor(stream, 1));
  for (int i = 0; i < 5; ++i) {
    options.patience = std::chrono::hours(1);
    const auto tier = DiskTier::Begin(options, loop.clock);
    EXPECT_TRUE(IsBlock(Get(*tier, 1), stream, 1)) << i;
    tier->Put(stream, 2, BlockFor(stream, 2));
    tier->Close();
  }
  EXPECT_TRUE(IsBlock(Get(*Open(), 2), stream, 2));
}

TEST_F(DiskTierTest, BegunInADirectoryInUseItHasNothing) {
  const auto first = Open();
  first->Put(stream, 1, BlockFor(stream, 1));
  const auto tier = DiskTier::Begin(options, loop.clock);
  tier->Put(stream, 1, BlockFor(stream, 1));
  Flush(*tier);
  EXPECT_EQ(Get(*tier, 1), nullptr);
  EXPECT_FALSE(tier->stats().up);
  EXPECT_TRUE(IsBlock(Get(*first, 1), stream, 1));
}

TEST_F(DiskTierTest, ClosedItHasNothingAndTakesNothing) {
  const auto tier = Open();
  tier->Put(stream, 1, BlockFor(stream, 1));
  tier->Close();
  EXPECT_EQ(Get(*tier, 1), nullptr);
  tier->Put(stream, 2, BlockFor(stream, 2));
  EXPECT_EQ(Get(*tier, 2), nullptr);
  EXPECT_EQ(tier->stats().bytes, 0);
  EXPECT_TRUE(IsBlock(Get(*Open(), 1), stream, 1)) << "what waited was not written";
}

TEST_F(DiskTierTest, TheFilesKeepToTheBudget) {
  const auto tier = Open();
  for (int64_t block = 0; block < 600; ++block) {
    tier->Put(stream, block, BlockFor(stream, block, 0, 20));
    if (block % 100 == 99) {
      Flush(*tier);
      EXPECT_LE(scratch.Bytes(), options.max_bytes) << block;
    }
  }
  EXPECT_GT(tier->stats().evictions, 200);
  EXPECT_TRUE(IsBlock(Get(*tier, 599), stream, 599, 0, 20));
  EXPECT_GT(tier->stats().fragments, 50);
}

TEST_F(DiskTierTest, TheSameBlocksWrittenAgainDoNotMakeItGrow) {
  const auto tier = Open();
  const auto write = [&](uint64_t version) {
    for (int64_t block = 0; block < 20; ++block) {
      tier->Put(stream, block, BlockFor(stream, block, version, 20));
    }
    Flush(*tier);
  };
  for (uint64_t version = 0; version < 30; ++version) write(version);
  EXPECT_LE(scratch.Bytes(), options.max_bytes);
  for (int64_t block = 0; block < 20; ++block) {
    EXPECT_TRUE(IsBlock(Get(*tier, block), stream, block, 29, 20));
  }
}

TEST_F(DiskTierTest, EverythingPurgedGivesItsSpaceBack) {
  const auto tier = Open();
  for (int64_t block = 0; block < 200; ++block) {
    tier->Put(stream, block, BlockFor(stream, block, 0, 20));
  }
  Flush(*tier);
  const int64_t before = scratch.Bytes();
  EXPECT_GT(loop.Run(tier->Purge(nullptr, Deadline::Infinite())).value_or(0), 100);
  EXPECT_LT(tier->stats().bytes, 100'000);
  EXPECT_EQ(Get(*tier, 1), nullptr);
  tier->Close();
  Open()->Close();
  EXPECT_LT(scratch.Bytes(), before / 2);
}

TEST(TierBreaker, LeavesAloneWhatFailsForLongerAndLonger) {
  TierBreaker breaker;
  MonoTime now = MonoTime(std::chrono::hours(1));
  breaker.Failed(now);
  breaker.Failed(now);
  EXPECT_TRUE(breaker.Closed(now)) << "two failures can be chance";
  breaker.Failed(now);
  EXPECT_FALSE(breaker.Closed(now));
  now += std::chrono::seconds(1);
  EXPECT_TRUE(breaker.Closed(now));
  breaker.Failed(now);
  EXPECT_FALSE(breaker.Closed(now + std::chrono::seconds(1)));
  now += std::chrono::seconds(2);
  EXPECT_TRUE(breaker.Closed(now));
  breaker.Succeeded();
  breaker.Failed(now);
  EXPECT_TRUE(breaker.Closed(now));
}

}  // namespace
}  // namespace synoptic::aggregator
