// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/date.h"

#include <cstdint>

namespace synoptic::promql {
namespace {

constexpr uint64_t kDaySeconds = 86400;
constexpr uint64_t kDaysPer400Years = 146097;
// Days are counted from March 1st of the year -kYears, as Go does it, so that the few times before
// it wrap around to the same dates. Starting in March puts the leap day at a year's end.
constexpr uint64_t kYears = 292'277'022'400;
constexpr uint64_t kEpochDay = kYears / 400 * kDaysPer400Years + 719'468;

uint64_t AbsoluteSeconds(double seconds) {
  constexpr double kLimit = 9223372036854775808.0;
  const int64_t unix_seconds =
      seconds >= -kLimit && seconds < kLimit ? static_cast<int64_t>(seconds) : INT64_MIN;
  return static_cast<uint64_t>(unix_seconds) + kEpochDay * kDaySeconds;
}

struct Date {
  int64_t year;
  uint64_t month;  // 1 to 12
  uint64_t day;    // 1 to 31
  bool leap;
};

bool IsLeap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

Date DateOf(double seconds) {
  const uint64_t days = AbsoluteSeconds(seconds) / kDaySeconds;
  const uint64_t era = days / kDaysPer400Years;
  const uint64_t day_of_era = days % kDaysPer400Years;
  // Years of 365 days, corrected for the leap days passed.
  const uint64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const uint64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  // From March on the months' lengths repeat as 31 30 31 30 31: 153 days in five months.
  const uint64_t month_from_march = (5 * day_of_year + 2) / 153;
  const bool january_or_february = month_from_march >= 10;
  Date date;
  date.year = static_cast<int64_t>(era * 400 + year_of_era) - static_cast<int64_t>(kYears) +
              (january_or_february ? 1 : 0);
  date.month = january_or_february ? month_from_march - 9 : month_from_march + 3;
  date.day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  date.leap = IsLeap(date.year);
  return date;
}

}  // namespace

double Minute(double seconds) { return static_cast<double>(AbsoluteSeconds(seconds) % 3600 / 60); }

double Hour(double seconds) {
  const uint64_t hour = AbsoluteSeconds(seconds) % kDaySeconds / 3600;
  return static_cast<double>(hour);
}

double DayOfWeek(double seconds) {
  const uint64_t days = AbsoluteSeconds(seconds) / kDaySeconds;
  return static_cast<double>((days + 3) % 7);  // day 0 is a Wednesday
}

double DayOfMonth(double seconds) { return static_cast<double>(DateOf(seconds).day); }

double DayOfYear(double seconds) {
  constexpr uint64_t kBefore[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  const Date date = DateOf(seconds);
  const uint64_t leap_day = date.leap && date.month > 2 ? 1 : 0;
  return static_cast<double>(kBefore[date.month - 1] + leap_day + date.day);
}

double DaysInMonth(double seconds) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const Date date = DateOf(seconds);
  return kDays[date.month - 1] + (date.month == 2 && date.leap ? 1 : 0);
}

double Month(double seconds) { return static_cast<double>(DateOf(seconds).month); }

double Year(double seconds) { return static_cast<double>(DateOf(seconds).year); }

}  // namespace synoptic::promql
