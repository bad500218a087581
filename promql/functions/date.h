// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The calendar functions: UTC, proleptic Gregorian, of seconds since the Unix epoch. The fraction
// is cut off; NaN and what no int64 holds count as the smallest int64, as in Prometheus on amd64.
#pragma once

namespace synoptic::promql {

double Minute(double seconds);
double Hour(double seconds);
double DayOfWeek(double seconds);  // Sunday is 0
double DayOfMonth(double seconds);
double DayOfYear(double seconds);  // January 1st is 1
double DaysInMonth(double seconds);
double Month(double seconds);
double Year(double seconds);

}  // namespace synoptic::promql
