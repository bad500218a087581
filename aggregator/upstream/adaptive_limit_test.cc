// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/adaptive_limit.h"

#include <gtest/gtest.h>

#include "base/fake_clock.h"

namespace synoptic::aggregator {
namespace {

class AdaptiveLimitTest : public ::testing::Test {
 protected:
  MonoTime now() const { return clock_.Mono(); }
  // A second in which all places are always taken and each answer takes that long.
  void BusySecond(int64_t latency_ms) {
    for (int i = 0; i < 10; ++i) {
      clock_.AdvanceMillis(100);
      limit_.OnAnswer(now() - std::chrono::milliseconds(latency_ms), now(), limit_.places() - 1);
    }
  }
  FakeClock clock_;
  AdaptiveLimit limit_{{.least = 4, .start = 16, .most = 64}};
};

TEST_F(AdaptiveLimitTest, GrowsWhileUsedUpAndQuick) {
  EXPECT_EQ(limit_.places(), 16);
  for (int i = 0; i < 11; ++i) BusySecond(20);
  EXPECT_GE(limit_.places(), 24);
  for (int i = 0; i < 100; ++i) BusySecond(20);
  EXPECT_EQ(limit_.places(), 64);
}

TEST_F(AdaptiveLimitTest, StaysWhereItIsNotUsed) {
  for (int i = 0; i < 1000; ++i) {
    clock_.AdvanceMillis(100);
    limit_.OnAnswer(now() - std::chrono::milliseconds(i % 500), now(), 2);
  }
  EXPECT_EQ(limit_.places(), 16) << "latency without load is the question's, not the server's";
}

TEST_F(AdaptiveLimitTest, ShrinksWhenRequestsQueueAtTheServerAndFindsItsSizeAgain) {
  BusySecond(20);
  for (int i = 0; i < 5; ++i) BusySecond(400);
  EXPECT_LT(limit_.places(), 10);
  for (int i = 0; i < 5; ++i) BusySecond(400);
  EXPECT_EQ(limit_.places(), 4) << "but some always";
  // Heavier questions are the new normal once half a minute knows no other.
  for (int i = 0; i < 60; ++i) BusySecond(400);
  EXPECT_GT(limit_.places(), 20);
}

TEST_F(AdaptiveLimitTest, OneRoundOfRefusalsCountsOnce) {
  const MonoTime started = now();
  clock_.AdvanceMillis(100);
  for (int i = 0; i < 16; ++i) limit_.OnOverload(started, now());
  EXPECT_EQ(limit_.places(), 11);
  clock_.AdvanceMillis(1);
  limit_.OnOverload(now(), now());
  EXPECT_EQ(limit_.places(), 7);
}

TEST(AdaptiveLimit, NeverExceedsWhatIsConfigured) {
  FakeClock clock;
  AdaptiveLimit limit({.least = 4, .start = 16, .most = 1});
  EXPECT_EQ(limit.places(), 1);
  for (int i = 0; i < 100; ++i) {
    clock.AdvanceMillis(500);
    limit.OnAnswer(clock.Mono(), clock.Mono(), 0);
  }
  EXPECT_EQ(limit.places(), 1);
  limit.OnOverload(clock.Mono(), clock.Mono());
  EXPECT_EQ(limit.places(), 1);
}

}  // namespace
}  // namespace synoptic::aggregator
