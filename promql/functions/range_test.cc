// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/range.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "base/status.h"
#include "promql/functions/range_reference.h"
#include "promql/functions/window_set.h"
#include "promql/model/sample.h"

namespace synoptic::promql {
namespace {

using Rng = std::mt19937_64;  // NOLINT: the same series in every run

// The same bits, or both NaN but neither of them Absent(). Which of two zeros comes first in a sort
// is not defined, here or in Prometheus.
bool SameResult(FunctionId id, double a, double b) {
  if (id == FunctionId::kQuantileOverTime && a == 0 && b == 0) return true;
  if (IsAbsent(a) || IsAbsent(b)) return IsAbsent(a) && IsAbsent(b);
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

struct Case {
  std::string what;
  SampleColumns samples;
  Grid grid;
  int64_t range_ms = 0;
  int64_t offset_ms = 0;
  double param0 = 0.5;
  double param1 = 0.3;
};

void ExpectKernelsMatchReference(const Case& c) {
  const size_t n = c.grid.size();
  const std::vector<double> param0(n, c.param0), param1(n, c.param1);
  const RangeInput input{c.samples.t, c.samples.v, c.grid, c.range_ms, c.offset_ms, param0, param1};
  static WindowSet kept;  // from case to case, as an evaluation keeps one from series to series
  for (const FunctionId id : RangeFunctions()) {
    std::vector<double> got(n, 12345), again(n, 12345), want(n, 54321);
    FindRangeKernel(id)(input, got);
    RangeInput with_kept = input;
    with_kept.windows = &kept;
    FindRangeKernel(id)(with_kept, again);
    ReferenceKernel(id, input, want);
    for (size_t i = 0; i < n; ++i) {
      ASSERT_TRUE(SameResult(id, again[i], got[i])) << c.what << " with windows kept, step " << i;
      ASSERT_TRUE(SameResult(id, got[i], want[i]))
          << c.what << " function " << static_cast<int>(id) << " step " << i << " of " << n
          << " range " << c.range_ms << " got " << got[i] << " want " << want[i];
    }
  }
}

double RandomValue(Rng& rng, int kind, double previous) {
  std::uniform_real_distribution<double> uniform(0, 1);
  switch (kind) {
    case 0:
      return previous + static_cast<double>(rng() % 100);  // counter
    case 1:
      return rng() % 20 == 0 ? 0 : previous + static_cast<double>(rng() % 9);  // with resets
    case 2:
      return rng() % 20 == 0 ? uniform(rng) : previous + uniform(rng);  // of fractions
    case 3:
      return std::normal_distribution<double>(0, 1e3)(rng);  // gauge
    case 4:
      return static_cast<double>(static_cast<int64_t>(rng() % 2001) - 1000);
    case 5:
      return static_cast<double>(rng() % 3) * 0.25 - 0.25;  // few values
    case 6:
      return std::bit_cast<double>(rng() & ~uint64_t{1} << 62);  // any exponent
    case 7:
      return uniform(rng) < 0.5 ? 1e308 : -1e308;  // overflows sums
    case 8:
      return rng() % 2 == 0 ? 0.0 : -0.0;
    default:
      return 7;
  }
}

double MaybeSpecial(Rng& rng, double v) {
  switch (rng() % 12) {
    case 0:
      return NormalNaN();
    case 1:
      return rng() % 4 == 0 ? INFINITY : v;
    case 2:
      return rng() % 4 == 0 ? -INFINITY : v;
    default:
      return IsStaleNaN(v) ? 0 : v;
  }
}

SampleColumns RandomSeries(Rng& rng, int kind, bool special, size_t size) {
  SampleColumns out;
  int64_t t = 1'700'000'000'000 + static_cast<int64_t>(rng() % 100'000);
  const bool regular = rng() % 2 == 0;
  double v = 0;
  for (size_t i = 0; i < size; ++i) {
    v = RandomValue(rng, kind, std::isfinite(v) ? v : 0);
    if (special) v = MaybeSpecial(rng, v);
    if (IsStaleNaN(v)) v = 1;
    out.push_back(t, v);
    t += regular ? 15'000 : 1 + static_cast<int64_t>(rng() % 30'000);
    if (rng() % 40 == 0) t += static_cast<int64_t>(rng() % 1'000'000);  // a gap
  }
  return out;
}

TEST(RangeKernels, MatchThePlainReferenceBitByBit) {
  Rng rng(11);
  constexpr int64_t kRanges[] = {1, 999, 15'000, 15'001, 60'000, 300'000, 3'600'000, 86'400'000};
  for (int round = 0; round < 400; ++round) {
    Case c;
    const int kind = round % 10;
    const bool special = round / 10 % 3 == 0;
    c.what = "round " + std::to_string(round) + " kind " + std::to_string(kind);
    c.samples = RandomSeries(rng, kind, special, rng() % 150);
    c.range_ms = kRanges[rng() % std::size(kRanges)];
    c.offset_ms = rng() % 2 == 0 ? 0 : static_cast<int64_t>(rng() % 2'000'000) - 1'000'000;
    const int64_t start = 1'700'000'000'000 - 200'000 + static_cast<int64_t>(rng() % 400'000);
    const int64_t step = rng() % 3 == 0 ? 1 + static_cast<int64_t>(rng() % 3'000'000)
                                        : 1 + static_cast<int64_t>(rng() % 60'000);
    c.grid = {start, start + step * static_cast<int64_t>(rng() % 120), step};
    constexpr double kPhis[] = {0, 0.5, 0.9, 1, -1, 2, NAN, 0.25};
    c.param0 = kPhis[rng() % std::size(kPhis)];
    ExpectKernelsMatchReference(c);
  }
}

TEST(RangeKernels, WindowsThatLieAlikeMatchTheReferenceToo) {
  Rng rng(23);
  constexpr int64_t kSteps[] = {5'000, 15'000, 60'000};
  for (int round = 0; round < 120; ++round) {
    Case c;
    c.what = "round " + std::to_string(round);
    double v = 0;
    const size_t size = 40 + rng() % 400;
    for (size_t i = 0; i < size; ++i) {
      const bool flat = i / 50 % 3 == 1;
      if (!flat) v = RandomValue(rng, round % 10, std::isfinite(v) ? v : 0);
      if (IsStaleNaN(v)) v = 1;
      if (round % 4 == 3 && rng() % 200 == 0) v = rng() % 2 == 0 ? 1e300 : INFINITY;
      c.samples.push_back(1'700'000'000'000 + static_cast<int64_t>(i) * 15'000, v);
    }
    c.range_ms = round % 2 == 0 ? 60'000 : 300'000;
    c.offset_ms = round % 3 == 0 ? 0 : static_cast<int64_t>(rng() % 20'000);
    const int64_t start = c.samples.t[rng() % 30], step = kSteps[rng() % std::size(kSteps)];
    c.grid = {start, start + step * static_cast<int64_t>(rng() % 120), step};
    c.param0 = 0.25;
    ExpectKernelsMatchReference(c);
  }
}

TEST(RangeKernels, LargeWindowsMatchTheReferenceToo) {
  Rng rng(5);
  for (int kind = 0; kind < 10; ++kind) {
    Case c;
    c.what = "kind " + std::to_string(kind);
    c.samples = RandomSeries(rng, kind, false, 2000);
    c.range_ms = 6 * 3'600'000;
    c.grid = {c.samples.t[500], c.samples.t[500] + 2'000'000, 50'000};
    ExpectKernelsMatchReference(c);
  }
}

TEST(RangeKernels, TimesWithJitterMatchTheReferenceToo) {
  Rng rng(29);
  for (int round = 0; round < 120; ++round) {
    Case c;
    c.what = "round " + std::to_string(round);
    const int64_t jitter = 1 + static_cast<int64_t>(rng() % 8000);
    double v = 0;
    int64_t gap = 0;
    for (int64_t i = 0; i < 200; ++i) {
      v = RandomValue(rng, round % 5, v);
      if (rng() % 150 == 0) gap += 40'000;
      c.samples.push_back(i * 15'000 + gap + static_cast<int64_t>(rng()) % jitter / 2, v);
    }
    c.range_ms = round % 2 == 0 ? 60'000 : 300'000;
    c.offset_ms = round % 3 == 0 ? 7'000 : 0;
    const int64_t start = static_cast<int64_t>(rng() % 600'000);
    c.grid = {start, start + 150 * 15'000, 15'000};
    ExpectKernelsMatchReference(c);
  }
}

// Windows so large that smoothing goes through them in pieces, where it forgets and where it does
// not.
TEST(RangeKernels, SmoothingOverVeryLargeWindowsMatchesTheReference) {
  constexpr FunctionId kId = FunctionId::kDoubleExponentialSmoothing;
  Rng rng(7);
  for (int round = 0; round < 20; ++round) {
    std::vector<int64_t> t;
    std::vector<double> v;
    for (int64_t i = 0; i < 10'000; ++i) {
      t.push_back(i * 10'000);
      const double next = RandomValue(rng, round % 10, i == 0 ? 0 : v.back());
      v.push_back(round >= 10 && i == 5000 ? NAN : IsStaleNaN(next) ? 1 : next);
    }
    constexpr double kFactors[] = {0.3, 0.001, 0.9, 0.05};
    const Grid grid{95'000'000, 95'000'000 + 40 * 70'000, 70'000};
    const std::vector<double> param(grid.size(), kFactors[round % 4]);
    const RangeInput input{t, v, grid, 90'000'000, 0, param, param};
    std::vector<double> got(grid.size()), want(grid.size());
    FindRangeKernel(kId)(input, got);
    ReferenceKernel(kId, input, want);
    for (size_t i = 0; i < grid.size(); ++i) {
      ASSERT_TRUE(SameResult(kId, got[i], want[i])) << round << " step " << i;
    }
  }
}

// One series of `v` at 10 s steps from t = 10 s, one step at `at` seconds.
double At(FunctionId id, const std::vector<double>& v, int64_t at_s, int64_t range_s,
          std::vector<double> param0 = {}) {
  std::vector<int64_t> t;
  for (size_t i = 0; i < v.size(); ++i) t.push_back(10'000 * static_cast<int64_t>(i + 1));
  std::vector<double> out(1);
  RangeInput input{t, v, Grid::Instant(at_s * 1000), range_s * 1000, 0, param0, {}};
  FindRangeKernel(id)(input, out);
  return out[0];
}

TEST(RangeKernels, WindowIsOpenAtTheLeft) {
  EXPECT_EQ(At(FunctionId::kCountOverTime, {1, 2, 3, 4}, 40, 20), 2);
  EXPECT_EQ(At(FunctionId::kCountOverTime, {1, 2, 3, 4}, 39, 20), 2);
  EXPECT_TRUE(IsAbsent(At(FunctionId::kCountOverTime, {1, 2, 3, 4}, 9, 20)));
  EXPECT_TRUE(IsAbsent(At(FunctionId::kCountOverTime, {1, 2, 3, 4}, 60, 20)));
  EXPECT_EQ(At(FunctionId::kLastOverTime, {1, 2, 3, 4}, 30, 1), 3);
}

TEST(RangeKernels, RateExtrapolatesToTheWindowsEdges) {
  // 10 s apart, 1 a second: three samples cover 20 s of 30, the edges are near enough.
  EXPECT_DOUBLE_EQ(At(FunctionId::kIncrease, {100, 110, 120, 130}, 40, 30), 30);
  EXPECT_DOUBLE_EQ(At(FunctionId::kRate, {100, 110, 120, 130}, 40, 30), 1);
  // A counter that starts at 0 is not extended below zero.
  EXPECT_DOUBLE_EQ(At(FunctionId::kIncrease, {0, 10, 20}, 30, 30), 20);
  EXPECT_DOUBLE_EQ(At(FunctionId::kDelta, {0, 10, 20}, 30, 30), 30);
  // A reset counts from zero.
  EXPECT_DOUBLE_EQ(At(FunctionId::kIncrease, {100, 110, 5, 15}, 40, 40), 25 * 40 / 30.0);
  EXPECT_TRUE(IsAbsent(At(FunctionId::kRate, {1, 2}, 10, 30)));
}

TEST(RangeKernels, IntegralKnowsThreeStrategies) {
  EXPECT_EQ(At(FunctionId::kIntegral, {1, 3, 2}, 30, 30, {0}), 40);
  EXPECT_EQ(At(FunctionId::kIntegral, {1, 3, 2}, 30, 30, {1}), 50);
  EXPECT_EQ(At(FunctionId::kIntegral, {1, 3, 2}, 30, 30, {2}), 45);
  EXPECT_EQ(At(FunctionId::kIntegral, {1, 3, 2}, 30, 30), 45);
  EXPECT_EQ(At(FunctionId::kIntegral, {1, 3, 2}, 30, 5), 0);  // one sample has no area
}

TEST(RangeKernels, ExtremeTimesDoNotOverflow) {
  const std::vector<int64_t> t = {INT64_MIN + 1, 0, INT64_MAX - 1};
  const std::vector<double> v = {1, 2, 3};
  std::vector<double> out(1);
  RangeInput input{t, v, Grid::Instant(INT64_MAX), INT64_MAX, 0, {}, {}};
  FindRangeKernel(FunctionId::kCountOverTime)(input, out);
  EXPECT_EQ(out[0], 1);
  input.grid = Grid::Instant(INT64_MIN);
  input.offset_ms = -1;
  FindRangeKernel(FunctionId::kCountOverTime)(input, out);
  EXPECT_EQ(out[0], 1);
}

TEST(RangeKernels, OthersHaveNone) {
  EXPECT_EQ(FindRangeKernel(FunctionId::kAbs), nullptr);
  EXPECT_EQ(FindRangeKernel(FunctionId::kAbsentOverTime), nullptr);
  EXPECT_EQ(RangeFunctions().size(), 27u);
}

TEST(SmoothingFactors, MustLieBetweenZeroAndOne) {
  EXPECT_TRUE(CheckSmoothingFactors(0.5, 0.5).ok());
  EXPECT_EQ(MessageOf(CheckSmoothingFactors(1, 0.5)),
            "invalid smoothing factor. Expected: 0 < sf < 1, got: 1.000000");
  EXPECT_EQ(MessageOf(CheckSmoothingFactors(0.5, -0.25)),
            "invalid trend factor. Expected: 0 < tf < 1, got: -0.250000");
}

}  // namespace
}  // namespace synoptic::promql
