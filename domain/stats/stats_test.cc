// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "base/status.h"
#include "domain/stats/check.h"
#include "domain/stats/distribution.h"
#include "domain/stats/quantile.h"
#include "domain/stats/trend.h"

namespace synoptic::domain {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNan = std::nan("");

std::string Message(const absl::Status& status) { return std::string(MessageOf(status)); }

TEST(Check, NamesTheValueAndWhatWasExpected) {
  EXPECT_EQ(Message(CheckNonNegative({{"in_rate", 1}, {"out_rate", -3}})),
            "out_rate: -3: expected a finite number of at least 0");
  EXPECT_EQ(Message(CheckRatio({{"share", 1.5}})), "share: 1.5: expected a ratio from 0 to 1");
  EXPECT_EQ(Message(CheckPositive({{"window_s", 0}})),
            "window_s: 0: expected a finite number above 0");
  EXPECT_EQ(
      Message(CheckTarget("slo", 99.9)),
      "slo: 99.9: expected a ratio between 0 and 1; is it a percentage? write 0.9990000000000001");
  EXPECT_EQ(Message(CheckTarget("slo", 1)),
            "slo: 1: expected a ratio between 0 and 1, both excluded");
  EXPECT_EQ(Message(CheckEachNonNegative("load", std::vector<double>{1, kInf})),
            "load[1]: +Inf: expected a finite number of at least 0");
  EXPECT_TRUE(CheckTimeOrNever({{"pnr", kInf}}).ok());
}

TEST(Check, NanIsNeverGood) {
  EXPECT_FALSE(CheckFinite({{"x", kNan}}).ok());
  EXPECT_FALSE(CheckNonNegative({{"x", kNan}}).ok());
  EXPECT_FALSE(CheckPositive({{"x", kNan}}).ok());
  EXPECT_FALSE(CheckRatio({{"x", kNan}}).ok());
  EXPECT_FALSE(CheckTarget("x", kNan).ok());
  EXPECT_FALSE(CheckTimeOrNever({{"x", kNan}}).ok());
}

TEST(QuantileTest, IsMonotoneEquivariantAndWithinTheValues) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> value(-100, 100);
  for (int round = 0; round < 100; ++round) {
    std::vector<double> values;
    std::vector<double> scaled;
    for (int i = 0; i <= round % 17; ++i) {
      values.push_back(value(random));
      scaled.push_back(8 * values.back() - 32);  // powers of two: exact
    }
    double before = -kInf;
    for (const double q : {0.0, 0.1, 0.5, 0.9, 1.0}) {
      const double at = *Quantile(values, q);
      EXPECT_GE(at, before);
      EXPECT_NEAR(*Quantile(scaled, q), 8 * at - 32, 1e-11);
      before = at;
    }
    EXPECT_EQ(*Quantile(values, 0), *std::min_element(values.begin(), values.end()));
    EXPECT_EQ(*Quantile(values, 1), *std::max_element(values.begin(), values.end()));
  }
}

TEST(QuantileTest, RefusesNothingNanAndWrongRanks) {
  EXPECT_EQ(Message(Quantile({}, 0.5).status()), "values: none: expected at least one");
  EXPECT_EQ(Message(Quantile(std::vector<double>{1, kNan}, 0.5).status()),
            "values[1]: NaN: expected a finite number");
  EXPECT_FALSE(Quantile(std::vector<double>{1}, 1.1).ok());
}

TEST(OutliersTest, OneStrayAmongEqualOnesIsFoundAndScaleDoesNotMatter) {
  const auto equal = FindOutliers(std::vector<double>{1, 1, 1, 1, 2});
  EXPECT_EQ(equal->indices, std::vector<size_t>{4});
  EXPECT_EQ(equal->scores[0], 0);
  const std::vector<double> lags = {0.9, 1.1, 1.3, 1.2, 9.5, 1.0};
  std::vector<double> ms;
  for (const double lag : lags) ms.push_back(lag * 1024);
  EXPECT_EQ(FindOutliers(lags)->indices, FindOutliers(ms)->indices);
  EXPECT_NEAR(FindOutliers(lags)->scores[4], FindOutliers(ms)->scores[4], 1e-9);
}

TEST(LineFitTest, FindsALineAtUnixTimesAndIgnoresWhereTimeStarts) {
  std::vector<double> t;
  std::vector<double> v;
  for (int i = 0; i < 50; ++i) {
    t.push_back(1.8e9 + 15 * i);
    v.push_back(7 + 0.25 * 15 * i);
  }
  const auto fit = FitLine(t, v);
  EXPECT_NEAR(fit->slope, 0.25, 1e-12);
  EXPECT_NEAR(fit->At(1.8e9), 7, 1e-9);
  EXPECT_NEAR(fit->slope_se, 0, 1e-12);
  EXPECT_NEAR(*TheilSenSlope(t, v), 0.25, 1e-12);
}

TEST(LineFitTest, BreachIsOrderedAndUncertainWhenTheBandHoldsZero) {
  const std::vector<double> t = {0, 60, 120, 180, 240, 300};
  const auto rising = TimeToBreach(t, std::vector<double>{10, 22, 29, 44, 51, 60}, 100);
  EXPECT_LT(rising->earliest, rising->best);
  EXPECT_LT(rising->best, rising->latest);
  // A wider band is a wider statement.
  EXPECT_GT(TimeToBreach(t, std::vector<double>{10, 22, 29, 44, 51, 60}, 100, 0.99)->latest,
            rising->latest);
  const auto noise = TimeToBreach(t, std::vector<double>{10, 30, 9, 31, 8, 33}, 100);
  EXPECT_EQ(noise->latest, kInf);
  EXPECT_EQ(TimeToBreach(t, std::vector<double>{10, 22, 29, 44, 51, 60}, 20)->earliest, 0);
}

TEST(LineFitTest, RefusesTooLittle) {
  EXPECT_FALSE(FitLine(std::vector<double>{1}, std::vector<double>{1}).ok());
  EXPECT_FALSE(FitLine(std::vector<double>{1, 1}, std::vector<double>{1, 2}).ok());
  EXPECT_EQ(Message(FitLine(std::vector<double>{1, 2}, std::vector<double>{1}).status()),
            "times has 2 values and values has 1: expected as many");
  EXPECT_FALSE(TimeToBreach(std::vector<double>{1, 2}, std::vector<double>{1, 2}, 9).ok());
}

TEST(TheilSen, ABurstDoesNotMoveItFar) {
  std::vector<double> t;
  std::vector<double> v;
  for (int i = 0; i < 40; ++i) {
    t.push_back(i);
    v.push_back(i % 8 == 3 ? 1000 : 2 * i);
  }
  EXPECT_NEAR(*TheilSenSlope(t, v), 2, 0.2);
}

TEST(Distribution, BinomialTailEqualsItsSum) {
  for (const int n : {1, 10, 37, 200}) {
    for (const double p : {0.001, 0.0144, 0.3, 0.5, 0.97}) {
      double term = std::pow(1 - p, n);  // P(X = 0)
      double below = 0;
      for (int bad = 0; bad <= n; ++bad) {
        EXPECT_NEAR(*BinomialUpperTail(n, bad, p), 1 - below, 1e-12) << n << " " << bad << " " << p;
        below += term;
        term *= (n - bad) / (bad + 1.0) * p / (1 - p);
      }
    }
  }
  EXPECT_EQ(*BinomialUpperTail(10, 3, 0), 0);
  EXPECT_EQ(*BinomialUpperTail(10, 3, 1), 1);
  EXPECT_FALSE(BinomialUpperTail(10, 11, 0.5).ok());
  EXPECT_FALSE(BinomialUpperTail(10, 1, 1.5).ok());
}

TEST(Distribution, BinomialTailOfManyRequestsIsQuickAndFalls) {
  double before = 2;
  for (int64_t bad = 14'000'000; bad <= 14'800'000; bad += 100'000) {
    const double tail = *BinomialUpperTail(1'000'000'000, bad, 0.0144);
    EXPECT_LE(tail, before);
    before = tail;
  }
  EXPECT_NEAR(*BinomialUpperTail(1'000'000'000, 14'400'000, 0.0144), 0.5, 1e-3);
}

TEST(Distribution, QuantilesInvertTheTails) {
  EXPECT_NEAR(*NormalQuantile(0.975), 1.9599639845400536, 1e-14);
  EXPECT_NEAR(*NormalQuantile(0.95), 1.6448536269514715, 1e-14);
  EXPECT_NEAR(*NormalQuantile(0.05), -*NormalQuantile(0.95), 1e-14);
  EXPECT_NEAR(*StudentQuantile(0.975, 4), 2.7764451051977987, 1e-12);
  EXPECT_NEAR(*StudentQuantile(0.975, 1), std::tan(0.475 * M_PI), 1e-10);  // Cauchy's law
  EXPECT_NEAR(*StudentQuantile(0.975, 1'000'000), 1.95996, 1e-4);
  EXPECT_FALSE(StudentQuantile(1, 4).ok());
  EXPECT_FALSE(NormalQuantile(0).ok());
}

TEST(Distribution, WilsonStaysBelowTheShare) {
  for (const int bad : {0, 1, 5, 99, 100}) {
    const double lower = *WilsonLowerBound(bad, 100, 1.6448536269514715);
    EXPECT_LE(lower, bad / 100.0);
    EXPECT_GE(lower, 0);
  }
  EXPECT_FALSE(WilsonLowerBound(0, 0, 1.64).ok());
}

}  // namespace
}  // namespace synoptic::domain
