// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/input_delays.h"

#include <gtest/gtest.h>

namespace synoptic::alerting {
namespace {

const promql::Labels kEu = promql::Labels::From({{"region", "eu"}});
const promql::Labels kUs = promql::Labels::From({{"region", "us"}});

// Looks every 30 s at samples that are taken each `period_s` and come `late_s` later.
void Look(InputDelays& delays, const promql::Labels& part, int64_t period_s, int64_t late_s,
          int64_t from_s, int64_t to_s) {
  for (int64_t now = from_s; now <= to_s; now += 30) {
    const int64_t newest = (now - late_s) / period_s * period_s;
    delays.Learn(now * 1000, "x", part, newest * 1000);
  }
}

TEST(InputDelays, SamplesThatComeOnTimeNeedNoOffset) {
  InputDelays delays;
  Look(delays, kEu, 60, 0, 1000, 1600);
  Look(delays, kUs, 15, 2, 1000, 1600);
  EXPECT_EQ(delays.OffsetMs(1'600'000, {600'000, 120'000}), 0);
}

TEST(InputDelays, TheOffsetIsHowLateTheLatestComeWithinItsBounds) {
  InputDelays delays;
  Look(delays, kEu, 60, 0, 3000, 3600);
  Look(delays, kUs, 60, 600, 3000, 3600);
  const int64_t offset = delays.OffsetMs(3'600'000, {900'000, 120'000});
  EXPECT_GE(offset, 570'000);  // what is seen at 30 s may miss the oldest moment of a period
  EXPECT_LE(offset, 600'000);
  EXPECT_EQ(delays.OffsetMs(3'600'000, {480'000, 300'000}), 480'000);
}

TEST(InputDelays, WhatIsOlderThanOffsetAndAgeIsStaleUntilItIsGone) {
  InputDelays delays;
  Look(delays, kEu, 30, 0, 3000, 3600);
  Look(delays, kUs, 30, 0, 3000, 3300);
  const FreshnessBounds bounds = {60'000, 120'000};
  EXPECT_TRUE(delays.StaleOf({"x"}, 3'480'000, bounds).empty());
  const auto stale = delays.StaleOf({"x"}, 3'481'000, bounds);
  ASSERT_EQ(stale.size(), 1u);
  EXPECT_EQ(stale[0].part, kUs);
  EXPECT_EQ(stale[0].age_ms, 181'000);
  EXPECT_TRUE(delays.StaleOf({"y"}, 3'481'000, bounds).empty());
  EXPECT_EQ(delays.OffsetMs(3'481'000, bounds), 0);  // nobody waits for what is stale
  // Both are gone after half an hour of silence beyond the offset.
  EXPECT_EQ(delays.StaleOf({"x"}, 5'400'000, bounds).size(), 1u);
  EXPECT_TRUE(delays.StaleOf({"x"}, 5'500'000, bounds).empty());
}

TEST(InputDelays, OneSampleSaysNothingOfAPeriod) {
  InputDelays delays;
  delays.Learn(1'000'000, "x", kEu, 500'000);
  EXPECT_EQ(delays.OffsetMs(1'000'000, {900'000, 120'000}), 0);
}

TEST(InputDelays, TheQuestionLooksHalfAnHourBack) {
  const std::string question = NewestSampleQuestion("x{a=\"b\"}", {"region", "shard"});
  EXPECT_TRUE(question.starts_with("max by (region, shard) (timestamp(x{a=\"b\"})) or max by "));
  EXPECT_TRUE(question.ends_with("(timestamp(x{a=\"b\"} offset 25m))")) << question;
  EXPECT_EQ(InputSelectors("rate(a[5m]) / on () sum(b{c=\"d\"})").size(), 2u);
}

}  // namespace
}  // namespace synoptic::alerting
