// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/civil.h"

#include "fmt/format.h"

namespace synoptic {
namespace {

// Years are counted from March, so that the leap day is a year's last; 400 of them have this many
// days, whichever they are.
constexpr int64_t kDaysPerEra = 146'097;
constexpr int64_t kEpochDay = 719'468;  // 1970-01-01, from March 1st of the year 0
constexpr int64_t kDaySeconds = 86'400;

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

CivilTime CivilOf(int64_t unix_seconds) {
  const int64_t day = FloorDivide(unix_seconds, kDaySeconds);
  const auto second = static_cast<int>(unix_seconds - day * kDaySeconds);
  const int64_t era = FloorDivide(day + kEpochDay, kDaysPerEra);
  const int64_t of_era = day + kEpochDay - era * kDaysPerEra;
  const int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const int64_t day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  // From March on the months' lengths repeat as 31 30 31 30 31: 153 days in five.
  const int64_t from_march = (5 * day_of_year + 2) / 153;
  CivilTime out;
  out.month = static_cast<int>(from_march < 10 ? from_march + 3 : from_march - 9);
  out.year = era * 400 + year_of_era + (out.month <= 2 ? 1 : 0);
  out.day = static_cast<int>(day_of_year - (153 * from_march + 2) / 5 + 1);
  out.hour = second / 3600;
  out.minute = second / 60 % 60;
  out.second = second % 60;
  out.weekday = static_cast<int>(((day + 4) % 7 + 7) % 7);
  return out;
}

int64_t DaysFromCivil(int64_t year, int month, int day) {
  if (month <= 2) --year;
  const int64_t era = FloorDivide(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kDaysPerEra + of_era - kEpochDay;
}

bool IsLeapYear(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int DaysInMonth(int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeapYear(year) ? 29 : kDays[month - 1];
}

std::string IsoText(const CivilTime& time) {
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", time.year, time.month, time.day,
                     time.hour, time.minute, time.second);
}

}  // namespace synoptic
