// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/slo/calendar.h"

#include <algorithm>

#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "domain/stats/check.h"

namespace synoptic::domain {
namespace {

int MonthsOf(CalendarUnit unit) {
  switch (unit) {
    case CalendarUnit::kMonth:
      return 1;
    case CalendarUnit::kQuarter:
      return 3;
    case CalendarUnit::kYear:
      return 12;
    default:
      return 0;
  }
}

// The anchor `steps` units on.
absl::CivilSecond Start(const CalendarPeriod& period, int64_t number) {
  const int64_t steps = number * period.count;
  const absl::CivilSecond& anchor = period.anchor;
  const absl::CivilDay day(anchor);
  const int64_t clock = anchor - absl::CivilSecond(day);
  absl::CivilDay start = day;
  if (const int months = MonthsOf(period.unit); months > 0) {
    const absl::CivilMonth month = absl::CivilMonth(day) + steps * months;
    const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
    start = std::min(absl::CivilDay(month) + (day.day() - 1), last);
  } else {
    start = day + steps * (period.unit == CalendarUnit::kWeek ? 7 : 1);
  }
  return absl::CivilSecond(start) + clock;
}

absl::Time StartTime(const CalendarPeriod& period, int64_t number) {
  const absl::TimeZone::TimeInfo info = period.zone.At(Start(period, number));
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

double DaysOf(CalendarUnit unit) {
  if (const int months = MonthsOf(unit); months > 0) return months * 365.2425 / 12;
  return unit == CalendarUnit::kWeek ? 7 : 1;
}

}  // namespace

absl::StatusOr<absl::TimeZone> ZoneNamed(std::string_view name) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(ToAbsl(name), &zone)) {
    return InvalidArgument("time zone {}: expected a name of the IANA database, as {}",
                           GoQuote(name), GoQuote("Europe/Berlin"));
  }
  return zone;
}

absl::StatusOr<double> CalendarWindow::Budget(double target) const {
  RETURN_IF_ERROR(CheckTarget("target", target));
  return seconds() * (1 - target);
}

absl::StatusOr<CalendarWindow> WindowNumber(const CalendarPeriod& period, int64_t number) {
  if (period.count < 1)
    return InvalidArgument("period: {} units: expected at least 1", period.count);
  return CalendarWindow{StartTime(period, number), StartTime(period, number + 1)};
}

absl::StatusOr<CalendarWindow> WindowAt(const CalendarPeriod& period, absl::Time t) {
  if (period.count < 1)
    return InvalidArgument("period: {} units: expected at least 1", period.count);
  if (t == absl::InfinitePast() || t == absl::InfiniteFuture()) {
    return InvalidArgument("time: infinite: expected a moment");
  }
  // A guess by the mean length, then a few steps to the right one.
  const double days = absl::ToDoubleSeconds(t - StartTime(period, 0)) / 86400;
  auto number = static_cast<int64_t>(days / (DaysOf(period.unit) * period.count));
  while (StartTime(period, number) > t) --number;
  while (StartTime(period, number + 1) <= t) ++number;
  return WindowNumber(period, number);
}

}  // namespace synoptic::domain
