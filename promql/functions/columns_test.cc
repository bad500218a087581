// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "promql/model/kahan.h"
#include "promql/model/sample.h"

namespace synoptic::promql {
namespace {

using Column = std::vector<double>;

Column RandomColumn(std::mt19937_64& rng, size_t size) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  Column column(size);
  for (double& v : column) {
    const uint64_t kind = rng() % 16;
    v = std::normal_distribution<double>(0, kind == 0 ? 1e300 : 1e3)(rng);
    if (kind == 1) v = Absent();
    if (kind == 2) v = rng() % 2 == 0 ? 0.0 : -0.0;
    if (kind == 3 && rng() % 8 == 0) v = rng() % 2 == 0 ? kInf : -kInf;
    if (kind == 4 && rng() % 8 == 0) v = NormalNaN();
  }
  return column;
}

// The same bits, or both NaN but neither of them Absent().
bool Same(double a, double b) {
  if (IsAbsent(a) || IsAbsent(b)) return IsAbsent(a) && IsAbsent(b);
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

void ExpectSame(const Column& got, const Column& want) {
  for (size_t i = 0; i < want.size(); ++i) {
    ASSERT_TRUE(Same(got[i], want[i])) << "step " << i << ": " << got[i] << ", not " << want[i];
  }
}

TEST(Columns, AddUpLikeOneSumAStep) {
  std::mt19937_64 rng(1);  // NOLINT: the same columns in every run
  for (const size_t size : {1, 7, 8, 9, 31, 64}) {
    Column sums(size, Absent()), compensations(size, 0.0), total(size);
    std::vector<KahanSum> want(size);
    std::vector<bool> seen(size);
    for (int round = 0; round < 200; ++round) {
      const Column column = RandomColumn(rng, size);
      AddToSums(column, sums, compensations);
      for (size_t i = 0; i < size; ++i) {
        if (IsAbsent(column[i])) continue;
        if (seen[i]) {
          want[i].Add(column[i]);
        } else {
          want[i].sum = column[i];
        }
        seen[i] = true;
      }
      TotalSums(sums, compensations, total);
      Column expected(size);
      for (size_t i = 0; i < size; ++i) expected[i] = seen[i] ? want[i].Total() : Absent();
      ExpectSame(total, expected);
    }
  }
}

TEST(Columns, MeansStopBeforeTheFirstStepThatOverflows) {
  const double large = std::numeric_limits<double>::max();
  for (size_t bad = 0; bad < 20; ++bad) {
    Column sums(20, 1.0), compensations(20, 0.0), counts(20, 1.0), column(20, 2.0);
    sums[bad] = large;
    column[bad] = large;
    const size_t stopped = AddToMeans(column, sums, compensations, counts);
    EXPECT_EQ(stopped, bad);
    for (size_t i = 0; i < 20; ++i) EXPECT_EQ(counts[i], i < bad ? 2 : 1);
    EXPECT_EQ(sums[bad], large);
  }
}

TEST(Columns, MeansCountWhatTheyAdd) {
  Column sums(17, Absent()), compensations(17, 0.0), counts(17, 0.0), column(17, 3.0);
  column[5] = Absent();
  EXPECT_EQ(AddToMeans(column, sums, compensations, counts), 17u);
  EXPECT_EQ(AddToMeans(column, sums, compensations, counts), 17u);
  for (size_t i = 0; i < 17; ++i) {
    EXPECT_EQ(counts[i], i == 5 ? 0 : 2);
    EXPECT_TRUE(Same(sums[i], i == 5 ? Absent() : 6.0));
  }
}

TEST(Columns, CountsWhatIsAbsent) {
  Column column(13, 1.0);
  column[0] = column[12] = Absent();
  column[3] = NormalNaN();
  EXPECT_EQ(CountAbsent(column), 2u);
}

}  // namespace
}  // namespace synoptic::promql
