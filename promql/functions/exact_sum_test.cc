// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/exact_sum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace synoptic::promql {
namespace {

bool Exact(std::vector<double> v) { return ExactSums().Init(v, v); }

TEST(ExactSums, TakesWhatCannotRound) {
  EXPECT_TRUE(Exact({}));
  EXPECT_TRUE(Exact({0, 1, 2, 1e15}));
  EXPECT_TRUE(Exact({0.25, -7.5, 1024}));
  EXPECT_TRUE(Exact({0x1p-60, 0x3p-58}));
  const std::vector<double> v = {1, 2.5, -4, 8};
  ExactSums sums;
  ASSERT_TRUE(sums.Init(v, v));
  EXPECT_EQ(sums.Sum(0, 4), 7.5);
  EXPECT_EQ(sums.Sum(1, 3), -1.5);
  EXPECT_EQ(sums.Sum(2, 2), 0);
}

TEST(ExactSums, RefusesWhatMay) {
  EXPECT_FALSE(Exact({0.1, 0.2}));
  EXPECT_FALSE(Exact({0x1p53, 1}));
  EXPECT_FALSE(Exact({1, 0x1p-60}));
  EXPECT_FALSE(Exact({-0.0}));
  EXPECT_FALSE(Exact({NAN}));
  EXPECT_FALSE(Exact({1, INFINITY}));
  EXPECT_FALSE(Exact({std::numeric_limits<double>::denorm_min()}));
  EXPECT_FALSE(Exact({std::numeric_limits<double>::max(), std::numeric_limits<double>::max()}));
  EXPECT_FALSE(Exact(std::vector<double>(5, 0x1p51 + 1)));  // each fits, their sum does not
}

}  // namespace
}  // namespace synoptic::promql
