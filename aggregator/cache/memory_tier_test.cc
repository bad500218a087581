// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/memory_tier.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace synoptic::aggregator {
namespace {

FragmentPtr OfSize(size_t samples) {
  promql::StepSeries series{promql::Labels::From({{"a", "b"}}), {}, {}};
  for (size_t i = 0; i < samples; ++i) {
    series.values.push_back(static_cast<double>(i * i) * 1.00001);
  }
  const promql::Grid grid{0, static_cast<int64_t>(samples - 1) * 1000, 1000};
  return PackSteps(std::span(&series, 1), grid, grid.start, grid.end, {}, nullptr);
}

TEST(MemoryTier, GivesBackWhatWasPut) {
  MemoryTier tier(1 << 20);
  const FragmentPtr fragment = OfSize(10);
  EXPECT_EQ(tier.Get("s", 1), nullptr);
  tier.Put("s", 1, fragment);
  EXPECT_EQ(tier.Get("s", 1), fragment);
  EXPECT_EQ(tier.Get("s", 2), nullptr);
  EXPECT_EQ(tier.Get("t", 1), nullptr);
  EXPECT_EQ(tier.stats().hits, 1);
  EXPECT_EQ(tier.stats().misses, 3);
  EXPECT_EQ(tier.stats().samples, 10);
}

TEST(MemoryTier, ReplacesOnlyWhatItWasToldOf) {
  MemoryTier tier(1 << 20);
  const FragmentPtr first = OfSize(10);
  const FragmentPtr second = OfSize(20);
  tier.Put("s", 1, first);
  tier.Replace("s", 1, first, second);
  EXPECT_EQ(tier.Get("s", 1), second);
  EXPECT_EQ(tier.stats().samples, 20);
  tier.Replace("s", 1, first, first);
  EXPECT_EQ(tier.Get("s", 1), second);
  tier.Replace("s", 2, first, first);
  EXPECT_EQ(tier.Get("s", 2), nullptr);
  tier.Put("s", 1, nullptr);
  EXPECT_EQ(tier.stats().bytes, 0);
}

TEST(MemoryTier, ReplacingABlockCountsItOnce) {
  MemoryTier tier(1 << 20);
  tier.Put("s", 1, OfSize(10));
  const TierStats before = tier.stats();
  tier.Put("s", 1, OfSize(10));
  EXPECT_EQ(tier.stats().bytes, before.bytes);
  EXPECT_EQ(tier.stats().fragments, 1);
  EXPECT_EQ(tier.stats().streams, 1);
}

TEST(MemoryTier, NeverHoldsMoreThanItsBytes) {
  MemoryTier tier(20'000);
  SeededRng rng(7);
  for (int i = 0; i < 2'000; ++i) {
    const std::string stream = "stream " + std::to_string(rng.Next() % 20);
    const auto block = static_cast<int64_t>(rng.Next() % 10);
    if (tier.Get(stream, block) == nullptr) tier.Put(stream, block, OfSize(1 + rng.Next() % 300));
    ASSERT_LE(tier.stats().bytes, 20'000);
  }
  EXPECT_GT(tier.stats().fragments, 3);
  EXPECT_GT(tier.stats().evictions, 0);
}

TEST(MemoryTier, EverythingDroppedLeavesNoBytes) {
  MemoryTier tier(1 << 20);
  for (int i = 0; i < 50; ++i) tier.Put("s" + std::to_string(i % 5), i, OfSize(20));
  EXPECT_EQ(tier.Drop([](std::string_view stream, const Fragment&) { return stream == "s1"; }), 10);
  EXPECT_EQ(tier.stats().streams, 4);
  EXPECT_EQ(tier.Drop([](std::string_view, const Fragment&) { return true; }), 40);
  EXPECT_EQ(tier.stats().bytes, 0);
  EXPECT_EQ(tier.stats().samples, 0);
}

TEST(MemoryTier, AScanDoesNotPushOutWhatIsUsed) {
  MemoryTier tier(20'000);
  const auto ask = [&](const std::string& stream) {
    if (tier.Get(stream, 0) == nullptr) tier.Put(stream, 0, OfSize(200));
  };
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 5; ++i) ask("panel " + std::to_string(i));
  }
  const int64_t before = tier.stats().misses;
  for (int i = 0; i < 1'000; ++i) ask("scan " + std::to_string(i));
  for (int i = 0; i < 5; ++i) ask("panel " + std::to_string(i));
  EXPECT_EQ(tier.stats().misses - before, 1'000) << "a panel was pushed out";
  EXPECT_GT(tier.stats().refused, 900);
}

TEST(MemoryTier, OldFameFades) {
  MemoryTier tier(20'000);
  const auto ask = [&](const std::string& stream) {
    if (tier.Get(stream, 0) == nullptr) tier.Put(stream, 0, OfSize(200));
    return tier.Get(stream, 0) != nullptr;
  };
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 30; ++i) ask("old " + std::to_string(i));
  }
  bool in = false;
  for (int round = 0; round < 20 && !in; ++round) in = ask("new");
  EXPECT_TRUE(in);
}

TEST(MemoryTier, ATierWithoutRoomKeepsNothing) {
  MemoryTier tier(0);
  tier.Put("s", 1, OfSize(1));
  EXPECT_EQ(tier.Get("s", 1), nullptr);
  EXPECT_EQ(tier.stats().bytes, 0);
}

}  // namespace
}  // namespace synoptic::aggregator
