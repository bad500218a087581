// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/verdict/clock_skew.h"

#include <gtest/gtest.h>

#include <cmath>

namespace synoptic::domain {
namespace {

// Answers of a clock that is `skew_s` ahead; each takes `way_ms` there and as long back.
void Answers(ClockSkew& clock, double skew_s, int64_t& now_ms, int count, int64_t way_ms = 20) {
  for (int i = 0; i < count; ++i, now_ms += 1370) {
    const double theirs = static_cast<double>(now_ms + way_ms) / 1000 + skew_s;
    clock.Observe(now_ms, now_ms + 2 * way_ms, static_cast<int64_t>(std::floor(theirs)));
  }
}

TEST(ClockSkew, IsKnownToFarLessThanTheSecondThatAnAnswerTells) {
  for (const double skew : {0.0, 0.4, 30.0, -30.0, -600.0, 86'400.0, -86'400.25}) {
    ClockSkew clock;
    EXPECT_FALSE(clock.seconds().has_value());
    int64_t now_ms = 1'700'000'000'123;
    Answers(clock, skew, now_ms, 1);
    EXPECT_NEAR(*clock.seconds(), skew, 0.6) << skew;
    Answers(clock, skew, now_ms, 40);
    EXPECT_NEAR(*clock.seconds(), skew, 0.1) << skew;
    EXPECT_TRUE(clock.bounds()->Contains(skew)) << skew;
  }
}

TEST(ClockSkew, AClockThatWasSetIsBelievedAtOnce) {
  ClockSkew clock;
  int64_t now_ms = 1'700'000'000'000;
  Answers(clock, 0, now_ms, 30);
  Answers(clock, -600, now_ms, 1);
  EXPECT_NEAR(*clock.seconds(), -600, 0.6);
  Answers(clock, 0, now_ms, 1);
  EXPECT_NEAR(*clock.seconds(), 0, 0.6);
}

TEST(ClockSkew, ADriftIsFollowed) {
  ClockSkew clock;
  int64_t now_ms = 1'700'000'000'000;
  for (int i = 0; i < 600; ++i) Answers(clock, i * 0.01, now_ms, 1);
  EXPECT_NEAR(*clock.seconds(), 5.99, 1);
}

TEST(ClockSkew, OurOwnClockThatWasSetBackBetweenQuestionAndAnswerTellsNothing) {
  ClockSkew clock;
  clock.Observe(100'000, 40'000, 70);
  EXPECT_FALSE(clock.seconds().has_value());
}

}  // namespace
}  // namespace synoptic::domain
