// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "base/status.h"
#include "domain/forecast/accuracy.h"
#include "domain/forecast/growth.h"
#include "domain/forecast/holt_winters.h"

namespace synoptic::domain {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

std::vector<double> Seasonal(int n, int m, double noise, uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, 1);
  std::vector<double> values;
  for (int t = 0; t < n; ++t) {
    const double season = 10 * std::sin(2 * M_PI * (t % m) / m);
    values.push_back(100 + 0.5 * t + season + noise * normal(random));
  }
  return values;
}

TEST(HoltWintersTest, ContinuesASeasonWithoutNoiseExactly) {
  const std::vector<double> values = {3, 9, 4, 3, 9, 4, 3, 9, 4, 3};
  const auto model = FitHoltWinters(values, 3, {0.5, 0.1, 0.3});
  const auto forecast = ForecastSteps(*model, 4);
  const double want[] = {9, 4, 3, 9};
  for (size_t h = 0; h < 4; ++h) EXPECT_NEAR(forecast->mean[h], want[h], 1e-12);
  EXPECT_NEAR(model->error_variance, 0, 1e-20);
}

TEST(HoltWintersTest, LearnsATrend) {
  const int m = 12;
  const auto values = Seasonal(40 * m, m, 0);
  const auto model = FitHoltWinters(std::span(values).first(39 * m), m, {0.5, 0.1, 0.3});
  const auto forecast = ForecastSteps(*model, m);
  for (size_t h = 0; h < m; ++h) EXPECT_NEAR(forecast->mean[h], values[39 * m + h], 0.1) << h;
  EXPECT_NEAR(model->trend, 0.5, 0.01);
}

TEST(HoltWintersTest, ScalesWithTheUnitAndShiftsWithTheOrigin) {
  const auto values = Seasonal(48, 6, 1);
  std::vector<double> other;
  for (const double v : values) other.push_back(8 * v + 1024);
  const auto one = ForecastSteps(*FitHoltWinters(values, 6, {}), 9);
  const auto two = ForecastSteps(*FitHoltWinters(other, 6, {}), 9);
  for (size_t h = 0; h < 9; ++h) {
    EXPECT_NEAR(two->mean[h], 8 * one->mean[h] + 1024, 1e-9);
    EXPECT_NEAR(two->error[h], 8 * one->error[h], 1e-9);
  }
}

TEST(HoltWintersTest, ErrorsGrowAndEqualTheClosedForm) {
  const auto model = FitHoltWinters(Seasonal(48, 4, 1), 4, {0.4, 0.2, 0.25});
  const auto forecast = ForecastSteps(*model, 40);
  const double a = 0.4;
  const double b = 0.4 * 0.2;  // the ETS beta
  const double g = 0.25;
  const double m = 4;
  for (int h = 1; h <= 40; ++h) {
    const double k = std::floor((h - 1) / m);
    const double spread = 1 + (h - 1) * (a * a + a * b * h + b * b * h * (2 * h - 1) / 6) +
                          g * k * (2 * a + g + b * m * (k + 1));
    EXPECT_NEAR(forecast->error[h - 1], std::sqrt(model->error_variance * spread), 1e-9);
    if (h > 1) EXPECT_GE(forecast->error[h - 1], forecast->error[h - 2]);
  }
}

TEST(HoltWintersTest, TheGridIsNoWorseThanTheDefaults) {
  const auto values = Seasonal(60, 6, 2);
  EXPECT_LE(FitHoltWintersByGrid(values, 6)->error_variance,
            FitHoltWinters(values, 6, {})->error_variance);
}

TEST(HoltWintersTest, RefusesTooLittle) {
  const std::vector<double> values = {1, 2, 3};
  EXPECT_EQ(MessageOf(FitHoltWinters(values, 2, {}).status()),
            "values: 3: expected at least two seasons of 2");
  EXPECT_FALSE(FitHoltWinters(values, 0, {}).ok());
  EXPECT_FALSE(FitHoltWinters(values, 1, {1.5, 0, 0}).ok());
  EXPECT_FALSE(FitHoltWinters(std::vector<double>{1, std::nan("")}, 1, {}).ok());
  EXPECT_FALSE(ForecastSteps(*FitHoltWinters(values, 1, {}), 0).ok());
  EXPECT_FALSE(ForecastBound(Forecast(), std::nan("")).ok());
  EXPECT_EQ(*ForecastBound({{10, 20}, {1, 2}}, -2), (std::vector<double>{8, 16}));
}

TEST(Growth, WithoutGrowthTheSeasonIsItsQuantile) {
  const std::vector<std::vector<double>> buckets = {{4, 1, 3, 2}, {5}};
  EXPECT_EQ(*SeasonalQuantile(buckets, 1, 1), (std::vector<double>{4, 5}));
  EXPECT_EQ(*SeasonalQuantile(buckets, 1, 0.5), (std::vector<double>{2.5, 5}));
  EXPECT_EQ(*SeasonalQuantile(std::vector<std::vector<double>>{{100}}, 1.5, 0.9),
            std::vector<double>{150});
  // A series that did grow so is continued exactly.
  EXPECT_NEAR((*SeasonalQuantile(std::vector<std::vector<double>>{{8, 16, 32}}, 2, 0.3))[0], 64,
              1e-12);
  EXPECT_FALSE(SeasonalQuantile(std::vector<std::vector<double>>{{}}, 1, 0.9).ok());
  EXPECT_FALSE(SeasonalQuantile(buckets, 0, 0.9).ok());
}

TEST(Growth, ExhaustionIsWhenTheLimitIsReached) {
  for (const double growth : {0.001, 0.015, 0.5}) {
    const double t = *CompoundExhaustion(620, 800, growth);
    EXPECT_NEAR(620 * std::pow(1 + growth, t), 800, 1e-9);
    EXPECT_NEAR(*CompoundExhaustion(620 * 1024, 800 * 1024, growth), t, 1e-12);
  }
  EXPECT_EQ(*CompoundExhaustion(900, 800, -0.1), 0);
  EXPECT_EQ(*CompoundExhaustion(100, 800, 0), kInf);
  EXPECT_EQ(*CompoundExhaustion(0, 800, 0.1), kInf);
  EXPECT_EQ(LinearExhaustion(620, 800, 2, 100)->order_by, -10);
  EXPECT_EQ(LinearExhaustion(620, 800, 0, 100)->order_by, kInf);
  EXPECT_FALSE(LinearExhaustion(620, 800, 1, -1).ok());
}

TEST(AccuracyTest, APerfectForecastAndANaiveOne) {
  const std::vector<double> actual = {3, 5, 4};
  const auto perfect = ForecastAccuracy(actual, actual, actual, actual, actual);
  EXPECT_EQ(perfect->mape, 0);
  EXPECT_EQ(perfect->mase, 0);
  EXPECT_EQ(perfect->coverage, 1);
  const std::vector<double> train = {0, 2, 4, 6};
  EXPECT_EQ(ForecastAccuracy(std::vector<double>{8}, std::vector<double>{6}, train,
                             std::vector<double>{0}, std::vector<double>{1})
                ->mase,
            1);
  EXPECT_FALSE(ForecastAccuracy(std::vector<double>{0}, std::vector<double>{1}, train,
                                std::vector<double>{0}, std::vector<double>{1})
                   ->mape.has_value());
  EXPECT_FALSE(ForecastAccuracy(actual, train, train, actual, actual).ok());
  EXPECT_FALSE(ForecastAccuracy({}, {}, train, {}, {}).ok());
}

TEST(AccuracyTest, TheIntervalCoversWhatItPromises) {
  int covered = 0;
  int all = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const auto values = Seasonal(72, 6, 2, seed);
    const auto forecast =
        ForecastSteps(*FitHoltWinters(std::span(values).first(66), 6, {0.3, 0.05, 0.2}), 6);
    for (size_t h = 0; h < 6; ++h) {
      const double off = std::abs(values[66 + h] - forecast->mean[h]);
      covered += off <= 1.96 * forecast->error[h] ? 1 : 0;
      ++all;
    }
  }
  EXPECT_NEAR(static_cast<double>(covered) / all, 0.95, 0.03);
}

TEST(ExceedanceTest, FallsWithTheLimit) {
  const std::vector<double> mean = {10, 20};
  const std::vector<double> error = {2, 0};
  double before = 2;
  for (double limit = 0; limit < 30; limit += 3) {
    const double p = ExceedanceOf(limit, mean, error)->probability[0];
    EXPECT_LE(p, before);
    before = p;
  }
  EXPECT_EQ(ExceedanceOf(10, mean, error)->probability, (std::vector<double>{0.5, 1}));
  EXPECT_EQ(ExceedanceOf(20, mean, error)->probability[1], 0);
  EXPECT_FALSE(ExceedanceOf(1000, mean, error)->first.has_value());
  EXPECT_FALSE(ExceedanceOf(10, mean, std::vector<double>{-1, 0}).ok());
}

}  // namespace
}  // namespace synoptic::domain
