// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/input_delays.h"

#include <gtest/gtest.h>

namespace synoptic::alerting {
namespace {

const promql::Labels kEu = promql::Labels::From({{"region", "eu"}});
const promql::Labels kUs = promql::Labels::From({{"region", "us"}});

// Looks each `every_s` at samples that are taken each `period_s` and come `late_s` later.
struct Source {
  int64_t period_s = 60;
  int64_t late_s = 0;
  int64_t every_s = 30;
  bool counted = true;

  void Look(InputDelays& delays, const promql::Labels& part, int64_t from_s, int64_t to_s) const {
    for (int64_t now = from_s; now <= to_s; now += every_s) {
      const int64_t newest = (now - late_s) / period_s * period_s;
      // The other parts are looked at by somebody else.
      delays.Learn(now * 1000, "x", {{part, newest * 1000}}, {part == kEu ? kUs : kEu});
      if (counted) delays.LearnPeriods(now * 1000, "x", {{part, 600 / period_s}});
    }
  }
};

TEST(InputDelays, SamplesThatComeOnTimeNeedNoOffset) {
  InputDelays delays;
  Source{60, 0}.Look(delays, kEu, 1000, 1600);
  Source{15, 2}.Look(delays, kUs, 1000, 1600);
  EXPECT_EQ(delays.OffsetMs(1'600'000, {600'000, 120'000}), 0);
}

TEST(InputDelays, TheOffsetIsHowLateTheLatestComeWithinItsBounds) {
  InputDelays delays;
  Source{60, 0}.Look(delays, kEu, 3000, 3600);
  Source{60, 600}.Look(delays, kUs, 3000, 3600);
  const int64_t offset = delays.OffsetMs(3'600'000, {900'000, 120'000});
  EXPECT_GE(offset, 570'000);  // what is seen at 30 s may miss the oldest moment of a period
  EXPECT_LE(offset, 600'000);
  EXPECT_EQ(delays.OffsetMs(3'600'000, {480'000, 300'000}), 480'000);
}

TEST(InputDelays, APeriodIsThatOfTheSamplesNotOfTheLooks) {
  for (const int64_t late_s : {0, 20, 45, 50}) {
    InputDelays delays;
    Source{15, late_s, 60}.Look(delays, kEu, 3000, 3600);
    const int64_t offset = delays.OffsetMs(3'600'000, {600'000, 120'000});
    EXPECT_GE(offset, (late_s - 15) * 1000) << late_s;
    EXPECT_LE(offset, late_s * 1000) << late_s;
  }
}

TEST(InputDelays, PeriodsAreCountedAsOfSamplesThatAllPartsHaveAndAgainAfterAWhile) {
  InputDelays delays;
  EXPECT_FALSE(delays.AskPeriodsAt(1'000'000, "x"));
  delays.Learn(1'000'000, "x", {{kEu, 990'000}, {kUs, 700'000}}, {});
  EXPECT_EQ(delays.AskPeriodsAt(1'000'000, "x"), 700'000);
  delays.LearnPeriods(1'030'000, "x", {{kEu, 40}, {kUs, 10}});
  EXPECT_FALSE(delays.AskPeriodsAt(1'060'000, "x"));
  EXPECT_EQ(delays.AskPeriodsAt(1'630'000, "x"), 700'000);
}

TEST(InputDelays, WhatIsOlderThanMaxAgeAsOfTheOffsetIsStaleUntilItIsGone) {
  InputDelays delays;
  const FreshnessBounds bounds = {60'000, 120'000};
  const auto look = [&delays](int64_t s) {
    delays.Learn(s * 1000, "x", {{kEu, s * 1000}, {kUs, std::min<int64_t>(s, 3300) * 1000}}, {});
  };
  for (int64_t s = 3000; s <= 3420; s += 30) look(s);
  EXPECT_TRUE(delays.StaleOf({"x"}, 3'420'000, 0, bounds).empty());
  look(3450);
  EXPECT_TRUE(delays.StaleOf({"x"}, 3'450'000, 30'000, bounds).empty());
  const auto stale = delays.StaleOf({"x"}, 3'450'000, 0, bounds);
  ASSERT_EQ(stale.size(), 1u);
  EXPECT_EQ(stale[0].part, kUs);
  EXPECT_EQ(stale[0].age_ms, 150'000);
  EXPECT_TRUE(delays.StaleOf({"y"}, 3'450'000, 0, bounds).empty());
  // It is gone after half an hour of silence.
  look(5100);
  EXPECT_EQ(delays.StaleOf({"x"}, 5'100'000, 0, bounds).size(), 1u);
  look(5130);
  EXPECT_TRUE(delays.StaleOf({"x"}, 5'130'000, 0, bounds).empty());
}

TEST(InputDelays, AnInputThatHasStoppedIsNotWaitedForNorRememberedAsLate) {
  const FreshnessBounds bounds = {720'000, 180'000};
  InputDelays delays;
  const auto look = [&](int64_t s, int64_t newest_s) {
    delays.Learn(s * 1000, "x", {{kEu, newest_s * 1000}}, {});
    return delays.OffsetMs(s * 1000, bounds);
  };
  for (int64_t s = 300; s <= 1200; s += 30) EXPECT_EQ(look(s, s), 0);
  for (int64_t s = 1230; s <= 2700; s += 30) EXPECT_EQ(look(s, 1200), 0) << s;
  for (int64_t s = 2730; s <= 3600; s += 30) EXPECT_EQ(look(s, s), 0) << s;
  // One that was late does so for a few periods more.
  for (int64_t s = 3630; s <= 4230; s += 30) look(s, s - 600);
  EXPECT_GE(look(4260, 3660), 570'000);
  EXPECT_GE(look(4290, 3660), 570'000);
  for (int64_t s = 4320; s <= 4410; s += 30) look(s, 3660);
  EXPECT_EQ(look(4440, 3660), 0);
}

TEST(InputDelays, WhatCouldNotBeLookedAtIsJudgedAsOfTheLastLook) {
  const FreshnessBounds bounds = {600'000, 120'000};
  InputDelays delays;
  Source{60, 300}.Look(delays, kEu, 1000, 2000);
  const int64_t offset = delays.OffsetMs(2'000'000, bounds);
  EXPECT_GE(offset, 270'000);
  for (int64_t s = 2030; s <= 3000; s += 30) delays.NotSeen(s * 1000, "x", {kEu, kUs});
  EXPECT_EQ(delays.OffsetMs(3'000'000, bounds), offset);
  const auto stale = delays.StaleOf({"x"}, 1'550'000, offset, bounds);
  ASSERT_EQ(stale.size(), 1u);  // the part that nobody has ever seen, for a while
  EXPECT_EQ(stale[0].part, kUs);
  EXPECT_FALSE(stale[0].age_ms.has_value());
  EXPECT_TRUE(delays.StaleOf({"x"}, 3'000'000, offset, bounds).empty());
}

TEST(InputDelays, AnOffsetFromBeforeIsForAsLongAsOneThatIsLearned) {
  InputDelays delays;
  delays.Remember(1'000'000, 300'000);
  EXPECT_EQ(delays.OffsetMs(1'500'000, {600'000, 120'000}), 300'000);
  EXPECT_EQ(delays.OffsetMs(1'500'000, {240'000, 120'000}), 240'000);
  EXPECT_EQ(delays.OffsetMs(1'600'000, {600'000, 120'000}), 0);
}

TEST(InputDelays, OneSampleSaysNothingOfHowLateTheNextWillBe) {
  InputDelays delays;
  delays.Learn(1'000'000, "x", {{kEu, 500'000}}, {});
  EXPECT_EQ(delays.OffsetMs(1'000'000, {900'000, 120'000}), 0);
  EXPECT_EQ(delays.StaleOf({"x"}, 1'000'000, 0, {900'000, 120'000}).size(), 1u);
}

TEST(InputDelays, TheQuestionLooksHalfAnHourBack) {
  const std::string question = NewestSampleQuestion("x{a=\"b\"}", {"region", "shard"});
  EXPECT_TRUE(question.starts_with("max by (region, shard) (timestamp(x{a=\"b\"})) or max by "));
  EXPECT_TRUE(question.ends_with("(timestamp(x{a=\"b\"} offset 25m))")) << question;
  EXPECT_EQ(SampleCountQuestion("x", {"region"}), "max by (region) (count_over_time(x[10m]))");
  EXPECT_EQ(InputSelectors("rate(a[5m]) / on () sum(b{c=\"d\"})").size(), 2u);
}

}  // namespace
}  // namespace synoptic::alerting
