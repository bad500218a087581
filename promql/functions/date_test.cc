// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/date.h"

#include <gtest/gtest.h>

#include <cmath>

namespace synoptic::promql {
namespace {

struct Row {
  double seconds;
  double minute, hour, weekday, day, day_of_year, days_in_month, month, year;
};

// Computed by Go's time package.
constexpr Row kRows[] = {
    {0, 0, 0, 4, 1, 1, 31, 1, 1970},
    {-0.5, 0, 0, 4, 1, 1, 31, 1, 1970},
    {-1, 59, 23, 3, 31, 365, 31, 12, 1969},
    {59.999, 0, 0, 4, 1, 1, 31, 1, 1970},
    {951782399, 59, 23, 1, 28, 59, 29, 2, 2000},
    {951782400, 0, 0, 2, 29, 60, 29, 2, 2000},
    {951868799, 59, 23, 2, 29, 60, 29, 2, 2000},
    {951868800, 0, 0, 3, 1, 61, 31, 3, 2000},
    {1704067199, 59, 23, 0, 31, 365, 31, 12, 2023},
    {1704067200, 0, 0, 1, 1, 1, 31, 1, 2024},
    {1709164800, 0, 0, 4, 29, 60, 29, 2, 2024},
    {1709251199, 59, 23, 4, 29, 60, 29, 2, 2024},
    {1709251200, 0, 0, 5, 1, 61, 31, 3, 2024},
    {-2203891200, 0, 0, 4, 1, 60, 31, 3, 1900},
    {-62135596800, 0, 0, 1, 1, 1, 31, 1, 1},
    {-62167219200, 0, 0, 6, 1, 1, 31, 1, 0},
    {-62167219201, 59, 23, 5, 31, 365, 31, 12, -1},
    {253402300799, 59, 23, 5, 31, 365, 31, 12, 9999},
    {1e15, 46, 1, 0, 5, 187, 31, 7, 31690708},
    {-1e15, 13, 22, 0, 29, 180, 30, 6, -31686769},
    {9.2e18, 33, 11, 5, 31, 244, 31, 8, 291536396232},
    {-9.2e18, 26, 12, 2, 3, 123, 31, 5, -291536392293},
    {1e19, 30, 15, 0, 4, 339, 31, 12, 292277026596},
    {-1e300, 30, 15, 0, 4, 339, 31, 12, 292277026596},
    {NAN, 30, 15, 0, 4, 339, 31, 12, 292277026596},
    {INFINITY, 30, 15, 0, 4, 339, 31, 12, 292277026596},
};

TEST(Date, AgreesWithGo) {
  for (const Row& row : kRows) {
    const double s = row.seconds;
    EXPECT_EQ(Minute(s), row.minute) << s;
    EXPECT_EQ(Hour(s), row.hour) << s;
    EXPECT_EQ(DayOfWeek(s), row.weekday) << s;
    EXPECT_EQ(DayOfMonth(s), row.day) << s;
    EXPECT_EQ(DayOfYear(s), row.day_of_year) << s;
    EXPECT_EQ(DaysInMonth(s), row.days_in_month) << s;
    EXPECT_EQ(Month(s), row.month) << s;
    EXPECT_EQ(Year(s), row.year) << s;
  }
}

}  // namespace
}  // namespace synoptic::promql
