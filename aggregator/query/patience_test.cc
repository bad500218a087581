// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/patience.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace synoptic::aggregator {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr MonoTime kZero{};

TEST(Patience, WaitsForTheRegionDeadlineOnceOthersAnswered) {
  Patience patience(kZero, seconds(2), Deadline::At(kZero + seconds(120)));
  patience.Answered(kZero + milliseconds(50));
  EXPECT_EQ(patience.ForTolerated().at(), kZero + seconds(2));
  EXPECT_EQ(patience.ForRequired().at(), kZero + seconds(120));
}

TEST(Patience, WaitsLongerWhenTheQueryIsHeavyEverywhere) {
  Patience patience(kZero, seconds(2), Deadline::At(kZero + seconds(120)));
  EXPECT_EQ(patience.ForTolerated().at(), kZero + seconds(108)) << "nobody answered yet";
  patience.Answered(kZero + seconds(5));
  patience.Answered(kZero + seconds(3));
  EXPECT_EQ(patience.ForTolerated().at(), kZero + seconds(10)) << "twice the slowest answer";
}

TEST(Patience, LeavesTimeToEvaluate) {
  Patience patience(kZero, seconds(2), Deadline::At(kZero + seconds(1)));
  patience.Answered(kZero + milliseconds(10));
  EXPECT_EQ(patience.ForTolerated().at(), kZero + milliseconds(900));
}

TEST(Patience, OfAQueryWithoutDeadlineEndsWithTheOthers) {
  Patience patience(kZero, seconds(2), Deadline::Infinite());
  EXPECT_TRUE(patience.ForTolerated().infinite());
  patience.Answered(kZero + milliseconds(10));
  EXPECT_EQ(patience.ForTolerated().at(), kZero + seconds(2));
}

}  // namespace
}  // namespace synoptic::aggregator
