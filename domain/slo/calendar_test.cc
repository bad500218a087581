// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/slo/calendar.h"

#include <gtest/gtest.h>

#include "base/status.h"

namespace synoptic::domain {
namespace {

CalendarPeriod Period(std::string_view zone, absl::CivilSecond anchor, CalendarUnit unit,
                      int count = 1) {
  return {*ZoneNamed(zone), anchor, unit, count};
}

TEST(Calendar, WindowsFollowEachOtherWithoutAGapAndHoldTheirMoment) {
  const CalendarUnit units[] = {CalendarUnit::kDay, CalendarUnit::kWeek, CalendarUnit::kMonth,
                                CalendarUnit::kQuarter, CalendarUnit::kYear};
  for (const auto* zone : {"America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC"}) {
    for (const CalendarUnit unit : units) {
      for (const int count : {1, 2, 4}) {
        const auto period = Period(zone, absl::CivilSecond(2024, 1, 31, 2, 30, 0), unit, count);
        for (int64_t number = -30; number < 60; ++number) {
          const auto window = WindowNumber(period, number);
          EXPECT_LT(window->start, window->end);
          EXPECT_EQ(window->end, WindowNumber(period, number + 1)->start);
          for (const absl::Time t : {window->start, window->end - absl::Seconds(1)}) {
            EXPECT_EQ(WindowAt(period, t)->start, window->start) << zone << " " << number;
          }
        }
      }
    }
  }
}

TEST(Calendar, DaysHaveTwentyThreeToTwentyFiveHours) {
  const auto day = Period("Europe/Berlin", absl::CivilSecond(2026, 3, 28), CalendarUnit::kDay);
  EXPECT_EQ(WindowNumber(day, 0)->seconds(), 24 * 3600);
  EXPECT_EQ(WindowNumber(day, 1)->seconds(), 23 * 3600);
  const auto autumn = Period("Europe/Berlin", absl::CivilSecond(2026, 10, 25), CalendarUnit::kDay);
  EXPECT_EQ(WindowNumber(autumn, 0)->seconds(), 25 * 3600);
}

TEST(Calendar, AMonthWithoutTheAnchorsDayBeginsOnItsLast) {
  const auto month = Period("UTC", absl::CivilSecond(2025, 1, 31), CalendarUnit::kMonth);
  const absl::TimeZone utc = absl::UTCTimeZone();
  EXPECT_EQ(absl::ToCivilDay(WindowNumber(month, 1)->start, utc), absl::CivilDay(2025, 2, 28));
  EXPECT_EQ(absl::ToCivilDay(WindowNumber(month, 2)->start, utc), absl::CivilDay(2025, 3, 31));
}

TEST(Calendar, RefusesUnknownZonesAndEmptyPeriods) {
  EXPECT_EQ(
      MessageOf(ZoneNamed("Mars/Olympus").status()),
      "time zone \"Mars/Olympus\": expected a name of the IANA database, as \"Europe/Berlin\"");
  EXPECT_FALSE(WindowNumber(Period("UTC", absl::CivilSecond(), CalendarUnit::kDay, 0), 0).ok());
  EXPECT_FALSE(
      WindowAt(Period("UTC", absl::CivilSecond(), CalendarUnit::kDay), absl::InfiniteFuture())
          .ok());
  EXPECT_FALSE(WindowNumber(Period("UTC", absl::CivilSecond(2026, 1, 1), CalendarUnit::kDay), 0)
                   ->Budget(99.9)
                   .ok());
}

}  // namespace
}  // namespace synoptic::domain
