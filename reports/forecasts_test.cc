// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/forecasts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace synoptic::reports {
namespace {

constexpr double kDayS = 86'400;

// Weeks of a daily wave around a level that grows by `a_day` a day.
std::vector<double> Past(size_t days, double level, double a_day, double wave) {
  std::vector<double> hourly;
  for (size_t h = 0; h < days * 24; ++h) {
    const double day = static_cast<double>(h) / 24;
    hourly.push_back(level + a_day * std::floor(day) + wave * std::sin(2 * 3.14159265358979 * day));
  }
  return hourly;
}

TEST(Forecasts, ALineIsFoundWithItsConfidence) {
  const auto models = ForecastsOf(Past(35, 100, 1, 10), 200, 0);
  const ModelForecast& line = models[1];
  // The mean of the last day is 134; its wave's peak and half a week's growth lie above.
  ASSERT_TRUE(line.reaches_s && line.earliest_s && line.latest_s);
  EXPECT_NEAR(*line.reaches_s / kDayS, 200 - 134 - 13, 2);
  EXPECT_LE(*line.earliest_s, *line.reaches_s);
  EXPECT_GE(*line.latest_s, *line.reaches_s);
  EXPECT_LT(*line.mape, 0.001);
}

TEST(Forecasts, ASeasonRepeatsAndNeverReachesWhatItNeverDid) {
  const auto models = ForecastsOf(Past(35, 100, 0, 10), 200, 0);
  EXPECT_TRUE(std::isinf(*models[0].reaches_s));
  EXPECT_LT(*models[0].mape, 1e-9);
  // Its peak is at six in the morning: the seventh hour.
  EXPECT_EQ(*ForecastsOf(Past(35, 100, 0, 10), 109.9, 0)[0].reaches_s, 7 * 3600);
}

TEST(Forecasts, MoreGrowthIsSoonerAndMoreRoomLater) {
  const std::vector<double> past = Past(35, 100, 0, 10);
  const auto at = [&](double limit, double growth) {
    return *ForecastsOf(past, limit, growth)[2].reaches_s;
  };
  EXPECT_LT(at(200, 0.02), at(200, 0.01));
  EXPECT_LT(at(150, 0.01), at(200, 0.01));
  EXPECT_EQ(at(100, 0.01), 0);
  EXPECT_TRUE(std::isinf(at(200, 0)));
}

TEST(Forecasts, TooLittleHistorySaysNothing) {
  for (const ModelForecast& model : ForecastsOf({}, 100, 0.01)) {
    EXPECT_FALSE(model.mape.has_value()) << model.model;
    EXPECT_FALSE(model.reaches_s.has_value()) << model.model;
  }
}

}  // namespace
}  // namespace synoptic::reports
