// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/arrival_edge.h"

#include <gtest/gtest.h>

namespace synoptic::aggregator {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;
constexpr KnownDelays kDelays{10'000, 0};

TEST(ArrivalEdge, IsFixedWhileNothingIsKnown) {
  ArrivalEdge edge(120'000);
  EXPECT_EQ(edge.At(kNow), kNow - 120'000);
  edge.Learn(kNow, std::nullopt, kDelays);
  EXPECT_EQ(edge.At(kNow), kNow - 120'000);
}

TEST(ArrivalEdge, FollowsTheSlowestTarget) {
  ArrivalEdge edge(120'000);
  edge.Learn(kNow, kNow - 14'000, kDelays);
  EXPECT_EQ(edge.At(kNow), kNow - 24'000);
  EXPECT_EQ(edge.At(kNow + 5'000), kNow - 24'000) << "nothing newer is known to have arrived";
  edge.Learn(kNow + 5'000, kNow + 4'000, kDelays);
  EXPECT_EQ(edge.At(kNow + 5'000), kNow - 6'000);
  EXPECT_EQ(edge.At(kNow + 4'999), kNow - 24'000) << "asked before that was seen";
}

TEST(ArrivalEdge, IsOlderThanRulesAndSamplesOutOfOrderAreLate) {
  ArrivalEdge edge(120'000);
  edge.Learn(kNow, kNow - 1'000, KnownDelays{10'000, 1'800'000});
  EXPECT_EQ(edge.At(kNow), kNow - 1'800'000);
}

TEST(ArrivalEdge, StandsStillWithTheRegion) {
  ArrivalEdge edge(120'000);
  edge.Learn(kNow, kNow, kDelays);
  edge.Learn(kNow + 600'000, kNow, kDelays);
  EXPECT_EQ(edge.At(kNow + 600'000), kNow - 10'000);
  edge.Learn(kNow + 900'000, std::nullopt, kDelays);
  EXPECT_EQ(edge.At(kNow + 900'000), kNow - 10'000) << "the canaries went out of sight";
  edge.Learn(kNow + 4'000'000, std::nullopt, kDelays);
  EXPECT_EQ(edge.At(kNow + 4'000'000), kNow + 4'000'000 - 120'000) << "not for ever";
}

TEST(ArrivalEdge, AnOldReadingIsNotBelieved) {
  ArrivalEdge edge(120'000);
  edge.Learn(kNow, kNow - 1'000, kDelays);
  EXPECT_EQ(edge.At(kNow + 60'000), kNow - 11'000);
  EXPECT_EQ(edge.At(kNow + 60'001), kNow + 60'001 - 120'000);
  EXPECT_EQ(edge.At(kNow - 1), kNow - 1 - 120'000);
}

TEST(ArrivalEdge, WithoutItsDelaysAShardIsNeverTrustedMoreThanUsual) {
  ArrivalEdge edge(120'000);
  edge.Learn(kNow, kNow - 1'000, std::nullopt);
  EXPECT_EQ(edge.At(kNow), kNow - 120'000);
  edge.Learn(kNow + 5'000, kNow - 300'000, std::nullopt);
  EXPECT_EQ(edge.At(kNow + 5'000), kNow - 300'000);
}

TEST(ArrivalEdge, WhatWasKnownToBeLateStaysSoWhereNothingFreshIsKnown) {
  ArrivalEdge edge(120'000);
  edge.Learn(kNow, kNow - 1'000, KnownDelays{10'000, 200'000});
  EXPECT_EQ(edge.At(kNow), kNow - 200'000);
  EXPECT_EQ(edge.At(kNow + 500'000), kNow + 300'000) << "an old reading";
  EXPECT_EQ(edge.At(kNow - 500'000), kNow - 700'000) << "before the first";
  edge.Learn(kNow + 5'000, kNow + 4'000, std::nullopt);
  EXPECT_EQ(edge.At(kNow + 5'000), kNow - 195'000) << "it does not tell any more";
  edge.Learn(kNow + 10'000, kNow + 9'000, kDelays);
  EXPECT_EQ(edge.At(kNow + 10'000), kNow - 1'000);
  EXPECT_EQ(edge.At(kNow + 500'000), kNow + 380'000);
}

TEST(ArrivalEdge, TellsWhatWasTrustedTooEarly) {
  ArrivalEdge edge(120'000);
  // What came within the fixed time was not.
  EXPECT_EQ(edge.Learn(kNow, kNow - 1'000, KnownDelays{10'000, 60'000}), std::nullopt);
  EXPECT_EQ(edge.Learn(kNow + 5'000, kNow, KnownDelays{10'000, 60'000}), std::nullopt);
  EXPECT_EQ(edge.Learn(kNow + 10'000, kNow, KnownDelays{10'000, 90'000}),
            kNow + 10'000 - 90'000 - 300'000);
  EXPECT_EQ(edge.Learn(kNow + 15'000, kNow, kDelays), std::nullopt);
  EXPECT_EQ(edge.Learn(kNow + 20'000, std::nullopt, KnownDelays{10'000, 600'000}),
            kNow + 20'000 - 600'000 - 300'000)
      << "without canaries, too";
}

TEST(ArrivalEdge, IsReadEveryFewSeconds) {
  ArrivalEdge edge(120'000);
  EXPECT_TRUE(edge.Begin(kNow));
  EXPECT_FALSE(edge.Begin(kNow + 4'999));
  EXPECT_TRUE(edge.Begin(kNow + 5'000));
}

}  // namespace
}  // namespace synoptic::aggregator
