// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/flap_log.h"

#include <gtest/gtest.h>

namespace synoptic::app {
namespace {

using std::chrono::seconds;

TEST(FlapLog, SaysTheFirstChangeAtOnceAndCountsTheRest) {
  FlapLog log;
  const MonoTime start{seconds(1000)};
  log.Changed();
  EXPECT_EQ(log.Due(false, start), 1);
  EXPECT_EQ(log.Due(false, start + seconds(60)), std::nullopt) << "said already";
  log.Changed();
  EXPECT_EQ(log.Due(true, start + seconds(60)), 1) << "long ago";
  log.Changed();
  EXPECT_EQ(log.Due(false, start + seconds(62)), std::nullopt);
  EXPECT_TRUE(log.Owes(false));
  log.Changed();
  EXPECT_EQ(log.Due(true, start + seconds(64)), std::nullopt);
  EXPECT_FALSE(log.Owes(true)) << "as was said";
  log.Changed();
  EXPECT_EQ(log.Due(false, start + seconds(69)), std::nullopt);
  EXPECT_EQ(log.Due(false, start + seconds(70)), 3) << "without another change";
}

TEST(FlapLog, HasAtMostOneLineInTenSeconds) {
  FlapLog log;
  int lines = 0;
  bool up = true;
  for (int second = 0; second < 120; ++second) {
    if (second % 2 == 0) {
      up = !up;
      log.Changed();
    }
    if (log.Due(up, MonoTime(seconds(second)))) ++lines;
  }
  EXPECT_GE(lines, 8);
  EXPECT_LE(lines, 12);
}

}  // namespace
}  // namespace synoptic::app
