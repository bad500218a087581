// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/slo/tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <sstream>

#include "alerting/slo/slo_file.h"

namespace synoptic::alerting {
namespace {

using Grain = SloTracker::Grain;

constexpr int64_t kMinute = 60'000;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;

Slo Objective(int64_t period_s) {
  const auto slos = LoadSloFile(
      "s.yaml", "slos:\n- name: a\n  service: s\n  objective: 99.9%\n  period: " +
                    std::to_string(period_s / 3600) + "h\n  sli: {events: {bad: e, total: t}}\n");
  EXPECT_TRUE(slos.ok()) << slos.status();
  return (*slos)[0];
}

// What happened: bad and total of a region in a time that ends then.
using World = std::function<std::pair<double, double>(size_t region, int64_t end_ms, int64_t ms)>;

// Asks what the tracker wants to know until it wants no more; how many questions that took.
int Feed(
    SloTracker& tracker, int64_t now_ms, const World& world,
    const std::function<bool(size_t)>& sees = [](size_t) { return true; }) {
  int questions = 0;
  while (const auto question = tracker.Next(now_ms)) {
    EXPECT_LT(++questions, 10);
    if (questions >= 10) break;
    for (size_t r = 0; r < tracker.regions(); ++r) {
      if (!sees(r)) continue;
      for (int64_t at = question->first_ms; at <= question->last_ms; at += question->slot_ms) {
        const auto [bad, total] = world(r, at, question->slot_ms);
        tracker.Count(question->grain, r, at, bad, total);
      }
    }
    tracker.Asked(*question);
  }
  return questions;
}

World Steady(double bad_a_minute, double total_a_minute) {
  return [=](size_t, int64_t, int64_t ms) {
    const double minutes = static_cast<double>(ms) / static_cast<double>(kMinute);
    return std::pair(bad_a_minute * minutes, total_a_minute * minutes);
  };
}

// C1: a ratio of sums, with who spent it.
TEST(Tracker, AddsRegionsUp) {
  SloTracker tracker(Objective(30 * 86'400), 3);
  EXPECT_EQ(tracker.slot_ms(Grain::kCoarse), kHour);
  const double counts[3][2] = {{500, 1e6}, {600, 6e5}, {2400, 4e5}};
  Feed(tracker, 800 * kHour, [&](size_t r, int64_t, int64_t ms) {
    const double share = static_cast<double>(ms) / (720.0 * kHour);
    return std::pair(counts[r][0] * share, counts[r][1] * share);
  });
  const auto status = tracker.Status(800 * kHour);
  ASSERT_TRUE(status.ok()) << status.status();
  EXPECT_NEAR(status->error_ratio.lo, 0.00175, 1e-12);
  EXPECT_NEAR(status->error_ratio.hi, 0.00175, 1e-12);
  EXPECT_NEAR(status->remaining.lo, -0.75, 1e-9);
  EXPECT_NEAR(status->regions[2].bad_share, 0.6857142857142857, 1e-12);
  EXPECT_EQ(status->unobserved_share, 0);
}

TEST(Tracker, AsksOnceForWhatItKnows) {
  SloTracker tracker(Objective(30 * 86'400), 2);
  int64_t now = 800 * kHour;
  EXPECT_EQ(Feed(tracker, now, Steady(0, 1)), 2);  // the newest 384 minutes, and the history
  EXPECT_EQ(Feed(tracker, now, Steady(0, 1)), 0);
  // A whole day later a question a minute has been asked, each for one slot and never an hour.
  for (; now < 824 * kHour; now += kMinute) {
    const auto question = tracker.Next(now + kMinute);
    ASSERT_TRUE(question.has_value());
    EXPECT_EQ(question->grain, Grain::kFine);
    EXPECT_EQ(question->first_ms, question->last_ms);
    EXPECT_EQ(Feed(tracker, now + kMinute, Steady(0, 1)), 1);
  }
  EXPECT_EQ(tracker.Status(now)->unobserved_share, 0);
}

// A counter that is scraped once a minute shows no increase within one.
TEST(Tracker, LooksBackFurtherWhereScrapesAreRare) {
  SloTracker tracker(Objective(30 * 86'400), 1);
  int64_t now = 800 * kHour;
  std::vector<int64_t> ranges;
  for (int asked = 0; asked < 10; ++asked) {
    const auto question = tracker.Next(now);
    if (!question) break;
    ranges.push_back(question->range_ms / kMinute);
    for (int64_t at = question->first_ms; at <= question->last_ms; at += question->slot_ms) {
      const double minutes = static_cast<double>(question->slot_ms / kMinute);
      const bool shown = question->range_ms > kMinute;
      tracker.Count(question->grain, 0, at, 0, shown ? 10 * minutes : 0);
    }
    tracker.Asked(*question);
  }
  EXPECT_THAT(ranges, testing::ElementsAre(1, 60, 5));
  now += kMinute;
  EXPECT_EQ(tracker.Next(now)->range_ms, 5 * kMinute);
}

TEST(Tracker, WhatWasUnseenIsAnIntervalUntilItIsBackfilled) {
  SloTracker tracker(Objective(30 * 86'400), 2);
  int64_t now = 800 * kHour;
  const World world = [&](size_t r, int64_t end, int64_t ms) {
    const double minutes = static_cast<double>(ms) / static_cast<double>(kMinute);
    // In the dark everything of the second region fails.
    const bool burning = r == 1 && end > 800 * kHour && end <= 802 * kHour;
    return std::pair(burning ? 10 * minutes : 0.001 * minutes, 10 * minutes);
  };
  Feed(tracker, now, world);
  EXPECT_TRUE(tracker.Status(now)->remaining.exact());
  for (; now < 802 * kHour; now += kMinute) {
    // One question a minute, however long it is dark: the past is not asked of who does not answer.
    EXPECT_EQ(Feed(tracker, now + kMinute, world, [](size_t r) { return r == 0; }), 1);
  }
  const auto blind = tracker.Status(now);
  EXPECT_LT(blind->remaining.lo, -0.3);  // two hours can hide more than the whole budget
  EXPECT_NEAR(blind->remaining.hi, 0.9, 0.01);
  EXPECT_NEAR(blind->unobserved_share, 2.0 / 1440, 1e-12);
  EXPECT_EQ(blind->regions[0].unobserved_share, 0);
  now += kMinute;
  EXPECT_EQ(Feed(tracker, now, world), 3);  // now, the minutes and the hours it was dark
  const auto known = tracker.Status(now);
  EXPECT_TRUE(known->remaining.exact());
  EXPECT_GE(known->remaining.lo, blind->remaining.lo - 1e-3);
  EXPECT_NEAR(known->remaining.lo, 1 - (2.0 * 0.5 / 720 + 0.0001) / 0.001, 1e-3);
  EXPECT_GT(known->regions[1].bad_share, 0.9);
}

// What was kept is as good as what was asked for.
TEST(Tracker, TakesUpWhatAnotherCounted) {
  const World world = [&](size_t r, int64_t /*end*/, int64_t ms) {
    const double minutes = static_cast<double>(ms) / static_cast<double>(kMinute);
    return std::pair(static_cast<double>(r + 1) * minutes / 1024, 10 * minutes);
  };
  SloTracker first(Objective(30 * 86'400), 2);
  first.CollectNews();
  int64_t now = 800 * kHour;
  Feed(first, now, world);
  // A day with a dark region, which is back at its end.
  for (; now < 824 * kHour; now += kMinute) {
    const bool dark = now > 805 * kHour && now < 806 * kHour;
    Feed(first, now + kMinute, world, [&](size_t r) { return r == 0 || !dark; });
  }
  const std::vector<SloTracker::Kept> kept = first.TakeNews();
  EXPECT_TRUE(first.TakeNews().empty());
  SloTracker second(Objective(30 * 86'400), 2);
  second.CollectNews();
  second.Restore(kept);
  EXPECT_FALSE(second.Next(now).has_value());  // nothing is asked again
  EXPECT_TRUE(second.TakeNews().empty());      // and nothing is news
  const auto one = first.Status(now), other = second.Status(now);
  EXPECT_EQ(one->error_ratio.lo, other->error_ratio.lo);
  EXPECT_EQ(one->error_ratio.hi, other->error_ratio.hi);
  EXPECT_EQ(other->unobserved_share, 0);
  // It goes on from there.
  EXPECT_EQ(Feed(second, now + kMinute, world), 1);
  EXPECT_EQ(second.TakeNews().size(), 2u);
}

// Work is additions. The bars of a period of 30 days against one of a day.
TEST(Tracker, AMonthCostsWhatADayCosts) {
  std::map<int64_t, std::pair<int, size_t>> cost;  // questions and additions of a day by period
  for (const int64_t days : {1, 30}) {
    SloTracker tracker(Objective(days * 86'400), 3);
    int64_t now = 40 * kDay;
    Feed(tracker, now, Steady(0.001, 10));
    const size_t before = tracker.work();
    for (int minute = 0; minute < 1440; ++minute) {
      now += kMinute;
      cost[days].first += Feed(tracker, now, Steady(0.001, 10));
      ASSERT_TRUE(tracker.Status(now)->remaining.exact());
      for (size_t pair = 0; pair < 3; ++pair) tracker.Burn(tracker.slo().windows[pair], now);
    }
    cost[days].second = (tracker.work() - before) / 1440;
  }
  EXPECT_EQ(cost[1].first, 1440);
  EXPECT_EQ(cost[30].first, 1440);
  EXPECT_LT(static_cast<double>(cost[30].second), 1.25 * static_cast<double>(cost[1].second));
  EXPECT_LT(cost[30].second, 3000u);
}

TEST(Tracker, AnyWindowIsTheSumOfItsSlots) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> share(0, 1);
  std::map<int64_t, std::pair<double, double>> minutes;
  const int64_t now = 20 * kDay;
  for (int64_t at = 12 * kDay + kMinute; at <= now; at += kMinute) {
    const double total = std::floor(100 * share(random));
    minutes[at] = {std::floor(total * 0.1 * share(random)), total};
  }
  SloTracker tracker(Objective(7 * 86'400), 1);
  const auto sum = [&](int64_t from, int64_t to) {
    std::pair<double, double> all;
    for (auto it = minutes.upper_bound(from); it != minutes.end() && it->first <= to; ++it) {
      all.first += it->second.first;
      all.second += it->second.second;
    }
    return all;
  };
  Feed(tracker, now, [&](size_t, int64_t end, int64_t ms) { return sum(end - ms, end); });
  for (const int64_t window : {300, 1800, 3600, 7200, 21'600, 86'400, 259'200, 604'800}) {
    const auto [bad, total] = sum(now - window * 1000, now);
    EXPECT_NEAR(tracker.ErrorRatio(window, now).lo, bad / total, 1e-12) << window;
    EXPECT_TRUE(tracker.ErrorRatio(window, now).exact()) << window;
  }
}

TEST(Tracker, BurnsWhenBothWindowsDoAndNotByChance) {
  SloTracker tracker(Objective(30 * 86'400), 2);
  int64_t now = 800 * kHour;
  const World calm = Steady(0.001, 100);
  Feed(tracker, now, calm);
  const BurnWindow& page = tracker.slo().windows[0];  // 5 m and 1 h at 14.4
  ASSERT_EQ(page.long_s, 3600);
  EXPECT_FALSE(tracker.Burn(page, now).firing);
  // B3: at 10 % errors the hour's window is above 1.44 % after 8.64 minutes; that 180 of 12,000
  // fail may still be chance (B13), 200 may not.
  int burning = 0;
  for (; burning < 30 && !tracker.Burn(page, now).firing; ++burning) {
    now += kMinute;
    Feed(tracker, now, Steady(10, 100));
  }
  EXPECT_EQ(burning, 10);
  // B6: and is over when the short window is.
  int calming = 0;
  for (; calming < 30 && tracker.Burn(page, now).firing; ++calming) {
    now += kMinute;
    Feed(tracker, now, calm);
  }
  EXPECT_EQ(calming, 5);
  // B13: one failure among ten is chance, two are not.
  SloTracker quiet(Objective(30 * 86'400), 1);
  const auto failing = [&](double bad) {
    return [=](size_t, int64_t end, int64_t ms) {
      const double minutes = static_cast<double>(ms) / static_cast<double>(kMinute);
      return std::pair(end == 800 * kHour && ms == kMinute ? bad : 0.0, minutes / 6);
    };
  };
  Feed(quiet, 800 * kHour, failing(0));
  quiet.Count(Grain::kFine, 0, 800 * kHour, 1, 1);
  EXPECT_TRUE(quiet.Burn(page, 800 * kHour).gated);
  EXPECT_FALSE(quiet.Burn(page, 800 * kHour).firing);
  quiet.Count(Grain::kFine, 0, 800 * kHour, 2, 2);
  EXPECT_TRUE(quiet.Burn(page, 800 * kHour).firing);
}

TEST(Tracker, WhatUnseenRegionsDecideIsUnknown) {
  SloTracker tracker(Objective(30 * 86'400), 2);
  int64_t now = 800 * kHour;
  Feed(tracker, now, Steady(0.001, 100));
  const BurnWindow& page = tracker.slo().windows[0];
  for (int minute = 0; minute < 5; ++minute) {
    now += kMinute;
    Feed(tracker, now, Steady(0.001, 100), [](size_t r) { return r == 0; });
  }
  EXPECT_TRUE(tracker.Burn(page, now).unknown);
  EXPECT_FALSE(tracker.Burn(page, now).firing);
  // What is seen burns so much that the rest cannot save it.
  for (int minute = 0; minute < 5; ++minute) {
    now += kMinute;
    Feed(tracker, now, Steady(100, 100), [](size_t r) { return r == 0; });
  }
  EXPECT_TRUE(tracker.Burn(page, now).firing);
  EXPECT_FALSE(tracker.Burn(page, now).unknown);
}

TEST(Tracker, ExcludedTimeCountsForNothing) {
  Slo slo = Objective(30 * 86'400);
  const int64_t start = 790 * kHour;
  slo.exclusions = {{start, start + kHour, "a"}, {start + 30 * kMinute, start + 2 * kHour, "b"}};
  SloTracker tracker(slo, 1);
  const int64_t now = start + 10 * kHour;
  Feed(tracker, now, [&](size_t, int64_t end, int64_t ms) {
    const bool planned = end > start && end - ms < start + 2 * kHour;
    return std::pair(planned ? 1000.0 : 0.0, 1000.0);
  });
  EXPECT_EQ(tracker.Status(now)->remaining, (domain::Interval{1, 1}));
  EXPECT_EQ(tracker.Status(now)->unobserved_share, 0);
  EXPECT_FALSE(tracker.Next(now).has_value());
}

TEST(Tracker, NoEventsSpendNothingAndNoSightProvesNothing) {
  SloTracker tracker(Objective(30 * 86'400), 1);
  const int64_t now = 800 * kHour;
  EXPECT_LT(tracker.Status(now)->remaining.lo, 0);
  Feed(tracker, now, Steady(0, 0));
  EXPECT_EQ(tracker.Status(now)->remaining, (domain::Interval{1, 1}));
}

// B21: a month that has begun is counted from its first moment in its zone.
TEST(Tracker, CalendarMonthsBeginAtLocalMidnight) {
  Slo slo = Objective(30 * 86'400);
  slo.calendar =
      domain::CalendarPeriod{*domain::ZoneNamed("America/New_York"), absl::CivilSecond(2026, 1, 1),
                             domain::CalendarUnit::kMonth, 1};
  SloTracker tracker(slo, 1);
  const int64_t now = 1'772'600'400'000;  // 2026-03-04 05:00 UTC, midnight in New York
  EXPECT_EQ(tracker.Status(now)->start_ms, now - 3 * kDay);
  Feed(tracker, now, Steady(0.01, 10));
  EXPECT_NEAR(tracker.Status(now)->regions[0].total, 3 * 1440 * 10, 1e-6);
}

TEST(SlotCounts, KeepsTheNewestAndForgetsTheRest) {
  SlotCounts counts(kMinute, 64);
  for (int64_t n = 1; n <= 100; ++n) counts.Set(n * kMinute, 1, 10);
  EXPECT_EQ(counts.Over(0, 1000 * kMinute).seen, 64);
  EXPECT_FALSE(counts.Has(36 * kMinute));
  EXPECT_TRUE(counts.Has(37 * kMinute));
  counts.Set(36 * kMinute, 1, 10);
  EXPECT_FALSE(counts.Has(36 * kMinute));
  counts.Set(50 * kMinute, 5, 10);  // corrected, not added
  EXPECT_EQ(counts.Over(0, 1000 * kMinute).bad, 68);
  // A jump leaves a hole behind, and nothing of what was there before.
  counts.Set(150 * kMinute, 1, 10);
  EXPECT_EQ(counts.Over(0, 1000 * kMinute).seen, 15);
  EXPECT_FALSE(counts.Has(120 * kMinute));
}

}  // namespace
}  // namespace synoptic::alerting
