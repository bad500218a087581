// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/extended_difference.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <vector>

#include "promql/model/sample.h"

namespace synoptic::promql::internal {
namespace {

struct Series {
  std::vector<int64_t> t;
  std::vector<double> v;
};

Series Evenly(int64_t interval, int kind, std::mt19937_64& rng) {
  Series out;
  double v = 0;
  const size_t size = 40 + rng() % 100;
  for (size_t i = 0; i < size; ++i) {
    v += static_cast<double>(rng() % 1000) / 7;
    if (kind == 1 && rng() % 30 == 0) v = 0.5;
    out.t.push_back(static_cast<int64_t>(i) * interval);
    out.v.push_back(kind == 2 && rng() % 20 == 0 ? NormalNaN() : v);
  }
  return out;
}

TEST(FloatDifferences, StepsOfARangeAreThoseOfInstantQueries) {
  std::mt19937_64 rng(3);  // NOLINT: the same series in every run
  constexpr int64_t kIntervals[] = {10'000, 15'000};
  constexpr FunctionId kFunctions[] = {FunctionId::kRate, FunctionId::kIncrease,
                                       FunctionId::kDelta};
  for (int round = 0; round < 600; ++round) {
    const int64_t interval = kIntervals[round % 2];
    const Series series = Evenly(interval, round % 3, rng);
    const bool smoothed = round / 6 % 2 == 0;
    const int64_t lookback = round / 12 % 2 == 0 ? 300'000 : 25'000;
    const Margins margins{lookback, smoothed ? lookback : 0};
    Windows windows;
    const int64_t start = static_cast<int64_t>(rng() % 600'000) - 200'000;
    const int64_t aligned = round % 4 == 0 ? start / interval * interval : start;
    const int64_t step = interval * static_cast<int64_t>(1 + rng() % 3);
    windows.grid = {aligned, aligned + 60 * step, step};
    windows.range_ms = static_cast<int64_t>(1 + rng() % 200'000);
    windows.offset_ms = round % 5 == 0 ? 7'000 : 0;
    const SampleSpan samples{series.t, series.v};
    const FunctionId id = kFunctions[rng() % 3];
    std::vector<double> range(windows.grid.size());
    FloatDifferences(id, smoothed, windows, margins, samples, range);
    for (size_t s = 0; s < range.size(); ++s) {
      Windows instant = windows;
      instant.grid = Grid::Instant(windows.grid.at(s));
      double alone = 0;
      FloatDifferences(id, smoothed, instant, margins, samples, std::span(&alone, 1));
      ASSERT_EQ(std::bit_cast<uint64_t>(range[s]), std::bit_cast<uint64_t>(alone))
          << "round " << round << " step " << s << ": " << range[s] << " and " << alone;
    }
  }
}

}  // namespace
}  // namespace synoptic::promql::internal
