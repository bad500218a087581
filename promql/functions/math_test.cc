// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "promql/model/sample.h"

namespace synoptic::promql {
namespace {

double Call(FunctionId id, double v) { return FindMathFunction(id)(v); }

TEST(Math, SpecialCases) {
  EXPECT_EQ(Call(FunctionId::kLn, 0), -INFINITY);
  EXPECT_TRUE(std::isnan(Call(FunctionId::kLn, -1)));
  EXPECT_TRUE(std::isnan(Call(FunctionId::kAsin, 2)));
  EXPECT_TRUE(std::isnan(Call(FunctionId::kSqrt, -1)));
  EXPECT_TRUE(std::signbit(Call(FunctionId::kSgn, -0.0)));
  EXPECT_TRUE(std::isnan(Call(FunctionId::kSgn, NAN)));
  EXPECT_EQ(Call(FunctionId::kSgn, -3), -1);
  EXPECT_EQ(Call(FunctionId::kSgn, INFINITY), 1);
  EXPECT_TRUE(std::signbit(Call(FunctionId::kCeil, -0.5)));
  EXPECT_EQ(Call(FunctionId::kAbs, -INFINITY), INFINITY);
}

TEST(Math, AnglesRoundAsPrometheusRounds) {
  EXPECT_EQ(Call(FunctionId::kDeg, 0.7), 0.7 * 180 / M_PI);
  EXPECT_EQ(Call(FunctionId::kRad, 17), 17 * M_PI / 180);
  EXPECT_EQ(Call(FunctionId::kDeg, M_PI), 180);
}

TEST(Math, EveryFunctionOfOneFloatIsThere) {
  for (const Function& f : AllFunctions()) {
    const bool one_vector = f.args.size() == 1 && f.args[0] == ValueType::kVector &&
                            f.returns == ValueType::kVector &&
                            f.locality == FunctionLocality::kPerSeries;
    const bool elsewhere = f.name.starts_with("histogram_") || f.name.ends_with("timestamp");
    if (one_vector && !elsewhere) {
      EXPECT_NE(FindMathFunction(f.id), nullptr) << f.name;
    }
  }
  EXPECT_EQ(FindMathFunction(FunctionId::kRate), nullptr);
}

TEST(GoMaxMin, FollowGo) {
  EXPECT_EQ(GoMax(1, 2), 2);
  EXPECT_EQ(GoMin(1, 2), 1);
  EXPECT_EQ(GoMax(NAN, INFINITY), INFINITY);
  EXPECT_EQ(GoMin(-INFINITY, NAN), -INFINITY);
  EXPECT_TRUE(std::isnan(GoMax(NAN, 1)));
  EXPECT_TRUE(std::isnan(GoMin(1, NAN)));
  EXPECT_FALSE(std::signbit(GoMax(-0.0, 0.0)));
  EXPECT_FALSE(std::signbit(GoMax(0.0, -0.0)));
  EXPECT_TRUE(std::signbit(GoMin(-0.0, 0.0)));
  EXPECT_TRUE(std::signbit(GoMin(0.0, -0.0)));
}

TEST(Quantile, InterpolatesBetweenRanks) {
  std::vector<double> v = {3, 1, 2, 4};
  EXPECT_EQ(Quantile(0, v), 1);
  EXPECT_EQ(Quantile(1, v), 4);
  EXPECT_EQ(Quantile(0.5, v), 2.5);
  EXPECT_EQ(Quantile(-1, v), -INFINITY);
  EXPECT_EQ(Quantile(2, v), INFINITY);
  EXPECT_TRUE(std::isnan(Quantile(NAN, v)));
  EXPECT_TRUE(std::isnan(Quantile(0.5, {})));
}

TEST(Quantile, ZerosOfBothSignsLieWhereSortingLeavesThem) {
  std::vector<double> v = {0, -0.0};
  EXPECT_TRUE(std::signbit(Quantile(1, v)));
  v = {-0.0, 0};
  EXPECT_FALSE(std::signbit(Quantile(1, v)));
}

TEST(Quantile, NaNIsSmallest) {
  std::vector<double> v = {3, NAN, 1, NAN, 2};
  EXPECT_TRUE(std::isnan(Quantile(0, v)));
  EXPECT_TRUE(std::isnan(Quantile(0.25, v)));
  EXPECT_EQ(Quantile(0.5, v), 1);
  EXPECT_EQ(Quantile(1, v), 3);
}

TEST(Quantile, InfiniteNeighbourSpoilsAnExactRank) {
  std::vector<double> v = {1, INFINITY};
  EXPECT_TRUE(std::isnan(Quantile(0, v)));  // 1 * 1 + Inf * 0, as Prometheus has it
}

}  // namespace
}  // namespace synoptic::promql
