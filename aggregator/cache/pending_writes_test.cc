// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/pending_writes.h"

#include <gtest/gtest.h>

namespace synoptic::aggregator {
namespace {

FragmentPtr AnyFragment() {
  const promql::StepSeries series{promql::Labels::From({{"a", "b"}}), {1, 2}, {}};
  return PackSteps(std::span(&series, 1), {0, 1'000, 1'000}, 0, 1'000, {}, nullptr);
}

MonoTime At(int seconds) { return MonoTime(std::chrono::seconds(seconds)); }

TEST(PendingWrites, TheNewestFormWaitsAsLongAsTheFirst) {
  PendingWrites pending(1 << 20);
  const FragmentPtr newest = AnyFragment();
  pending.Put("s", 1, AnyFragment(), At(10));
  pending.Put("s", 1, newest, At(20));
  EXPECT_TRUE(pending.Due(At(9)).empty());
  const auto due = pending.Due(At(10));
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].fragment, newest);
  pending.Done(due, At(30));
  EXPECT_TRUE(pending.empty());
  EXPECT_EQ(pending.bytes(), 0);
}

TEST(PendingWrites, WhatWasReplacedWhileItWasWrittenWaitsAnew) {
  PendingWrites pending(1 << 20);
  pending.Put("s", 1, AnyFragment(), At(10));
  const auto due = pending.Due(At(10));
  pending.Put("s", 1, AnyFragment(), At(11));
  pending.Done(due, At(12));
  EXPECT_TRUE(pending.Due(At(11)).empty());
  EXPECT_EQ(pending.Due(At(12)).size(), 1u);
}

TEST(PendingWrites, TellsNothingFromForgotten) {
  PendingWrites pending(1 << 20);
  EXPECT_FALSE(pending.Find("s", 1).has_value());
  pending.Put("s", 1, nullptr, At(1));
  ASSERT_TRUE(pending.Find("s", 1).has_value());
  EXPECT_EQ(*pending.Find("s", 1), nullptr);
}

TEST(PendingWrites, WhenFullItRefusesButNeverToForget) {
  PendingWrites pending(1'000);
  for (int i = 0; i < 20; ++i) pending.Put("s", i, AnyFragment(), At(1));
  EXPECT_LE(pending.bytes(), 1'000);
  EXPECT_GT(pending.refused(), 0);
  pending.Put("s", 100, nullptr, At(1));
  EXPECT_TRUE(pending.Find("s", 100).has_value());
  // An old form that could not be replaced is not written in its stead.
  pending.Put("s", 0, nullptr, At(1));
  EXPECT_EQ(*pending.Find("s", 0), nullptr);
}

TEST(PendingWrites, PurgingDropsWhatFitsAndKeepsWhatIsToBeForgotten) {
  PendingWrites pending(1 << 20);
  pending.Put("s", 1, AnyFragment(), At(1));
  pending.Put("t", 1, AnyFragment(), At(1));
  pending.Put("s", 2, nullptr, At(1));
  EXPECT_EQ(pending.Purge([](std::string_view stream, int64_t, int64_t) { return stream == "s"; }),
            1);
  EXPECT_FALSE(pending.Find("s", 1).has_value());
  EXPECT_TRUE(pending.Find("t", 1).has_value());
  EXPECT_EQ(pending.Purge(nullptr), 1);
  EXPECT_TRUE(pending.Find("s", 2).has_value());
}

}  // namespace
}  // namespace synoptic::aggregator
