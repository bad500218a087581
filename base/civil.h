// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Dates in UTC, by the proleptic Gregorian calendar. Pure functions; no time zones. (PromQL's
// calendar functions have their own, for Go's wrapping at the ends of time.)
#pragma once

#include <cstdint>
#include <string>

namespace synoptic {

struct CivilTime {
  int64_t year = 1970;
  int month = 1;  // 1 to 12
  int day = 1;    // 1 to 31
  int hour = 0;
  int minute = 0;
  int second = 0;
  int weekday = 4;  // Sunday is 0
};

CivilTime CivilOf(int64_t unix_seconds);
// Days since the epoch. REQUIRES: a date that exists.
int64_t DaysFromCivil(int64_t year, int month, int day);
bool IsLeapYear(int64_t year);
int DaysInMonth(int64_t year, int month);

// 2026-11-22T12:00:00, without a zone.
std::string IsoText(const CivilTime& time);

}  // namespace synoptic
