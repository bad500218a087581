// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "promql/functions/math.h"

namespace synoptic::promql {
namespace {

constexpr double kInf = INFINITY;
using Buckets = std::vector<Bucket>;

double QuantileAt(double phi, Buckets buckets) { return QuantileOfBuckets(phi, buckets).value; }
double FractionIn(double lower, double upper, Buckets buckets) {
  return FractionOfBuckets(lower, upper, buckets);
}

const Buckets kSimple = {{kInf, 4}, {1, 1}, {2, 3}};  // order does not matter

TEST(BucketQuantile, InterpolatesInsideTheBucketOfTheRank) {
  EXPECT_EQ(QuantileAt(0, kSimple), 0);
  EXPECT_EQ(QuantileAt(0.25, kSimple), 1);
  EXPECT_EQ(QuantileAt(0.5, kSimple), 1.5);
  EXPECT_EQ(QuantileAt(0.75, kSimple), 2);
  EXPECT_EQ(QuantileAt(0.9, kSimple), 2);  // in +Inf: the bound below
  EXPECT_EQ(QuantileAt(0.1, {{-5, 1}, {kInf, 2}}), -5);
}

TEST(BucketQuantile, SpecialCases) {
  EXPECT_TRUE(std::isnan(QuantileAt(NAN, kSimple)));
  EXPECT_EQ(QuantileAt(-0.1, kSimple), -kInf);
  EXPECT_EQ(QuantileAt(1.1, kSimple), kInf);
  EXPECT_TRUE(std::isnan(QuantileAt(0.5, {{1, 1}, {2, 2}})));     // no +Inf
  EXPECT_TRUE(std::isnan(QuantileAt(0.5, {{kInf, 2}})));          // one bucket
  EXPECT_TRUE(std::isnan(QuantileAt(0.5, {{1, 0}, {kInf, 0}})));  // no observations
  EXPECT_TRUE(std::isnan(QuantileAt(0.5, {})));
  EXPECT_EQ(QuantileAt(0.5, {{1, 1}, {1, 1}, {kInf, 4}}), 1);  // equal bounds add up
}

TEST(BucketQuantile, TellsOfRepairsBeyondRounding) {
  Buckets buckets = {{1, 10}, {2, 8}, {3, 9}, {kInf, 20}};
  const BucketQuantile forced = QuantileOfBuckets(0.5, buckets);
  EXPECT_TRUE(forced.forced_monotonic);
  EXPECT_EQ(forced.min_bucket, 2);
  EXPECT_EQ(forced.max_bucket, 3);
  EXPECT_EQ(forced.max_difference, 2);
  EXPECT_EQ(forced.value, 1);

  Buckets rounding = {{1, 10}, {2, 10 * (1 - 1e-13)}, {kInf, 20}};
  const BucketQuantile quiet = QuantileOfBuckets(0.5, rounding);
  EXPECT_FALSE(quiet.forced_monotonic);
  EXPECT_EQ(quiet.value, 1);
}

TEST(BucketFraction, CountsWhatLiesBetweenTheBounds) {
  EXPECT_EQ(FractionIn(-kInf, kInf, kSimple), 1);
  EXPECT_EQ(FractionIn(0, 1, kSimple), 0.25);
  EXPECT_EQ(FractionIn(1, 1.5, kSimple), 0.25);
  EXPECT_EQ(FractionIn(0.5, 3, kSimple), 0.625);  // nothing is known to lie in (2, 3]
  EXPECT_EQ(FractionIn(2, 1, kSimple), 0);
  EXPECT_EQ(FractionIn(-kInf, -7, {{-5, 1}, {kInf, 2}}), 0.5);
}

TEST(BucketFraction, SpecialCases) {
  EXPECT_TRUE(std::isnan(FractionIn(NAN, 1, kSimple)));
  EXPECT_TRUE(std::isnan(FractionIn(0, NAN, kSimple)));
  EXPECT_TRUE(std::isnan(FractionIn(0, 1, {{1, 1}})));
  EXPECT_TRUE(std::isnan(FractionIn(0, 1, {{kInf, 0}})));
  EXPECT_TRUE(std::isnan(FractionIn(0, 1, {})));
}

}  // namespace
}  // namespace synoptic::promql
