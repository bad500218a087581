// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Budget periods aligned to a calendar in a time zone: months have unequal lengths, and a day with
// a change of the clocks has 23 or 25 hours (B21). Source: OpenSLO v1, timeWindow.calendar; the
// IANA time zone database through absl::TimeZone.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace synoptic::domain {

// The zone of an IANA name ("America/New_York"). Reads the system's zone files the first time a
// name is used. Errors: unknown names.
absl::StatusOr<absl::TimeZone> ZoneNamed(std::string_view name);

enum class CalendarUnit { kDay, kWeek, kMonth, kQuarter, kYear };

// A period of `count` units, the first of which begins at `anchor` in the zone's civil time, and
// the others before and after it without a gap. Months that lack the anchor's day end with their
// last day, where the period then begins. A civil time that the zone skips is the moment after the
// gap; one that it has twice is the first.
struct CalendarPeriod {
  absl::TimeZone zone;
  absl::CivilSecond anchor;
  CalendarUnit unit = CalendarUnit::kMonth;
  int count = 1;
};

struct CalendarWindow {
  absl::Time start;
  absl::Time end;  // of this one, start of the next

  double seconds() const { return absl::ToDoubleSeconds(end - start); }
  // The time that may be bad: length * (1 - target). Errors: a target that is none.
  absl::StatusOr<double> Budget(double target) const;
};

// The period with that number, 0 begins at the anchor. Errors: count below 1.
absl::StatusOr<CalendarWindow> WindowNumber(const CalendarPeriod& period, int64_t number);

// The period that holds `t`: start <= t < end.
absl::StatusOr<CalendarWindow> WindowAt(const CalendarPeriod& period, absl::Time t);

}  // namespace synoptic::domain
