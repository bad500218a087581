// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/civil.h"

#include <gtest/gtest.h>

namespace synoptic {
namespace {

TEST(Civil, KnowsDatesOnBothSidesOfTheEpoch) {
  const struct {
    int64_t seconds;
    const char* text;
    int weekday;
  } cases[] = {
      {0, "1970-01-01T00:00:00", 4},
      {-1, "1969-12-31T23:59:59", 3},
      {951'782'400, "2000-02-29T00:00:00", 2},
      {1'709'251'199, "2024-02-29T23:59:59", 4},
      {4'107'542'399, "2100-02-28T23:59:59", 0},
      {4'107'542'400, "2100-03-01T00:00:00", 1},
      {-2'208'988'800, "1900-01-01T00:00:00", 1},
      {-62'167'219'200, "0000-01-01T00:00:00", 6},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(IsoText(CivilOf(c.seconds)), c.text);
    EXPECT_EQ(CivilOf(c.seconds).weekday, c.weekday) << c.text;
  }
}

TEST(Civil, DaysAndDatesAreInverse) {
  for (int64_t day = -800'000; day < 800'000; day += 7) {
    const CivilTime date = CivilOf(day * 86'400);
    ASSERT_EQ(DaysFromCivil(date.year, date.month, date.day), day);
    ASSERT_LE(date.day, DaysInMonth(date.year, date.month));
  }
}

}  // namespace
}  // namespace synoptic
