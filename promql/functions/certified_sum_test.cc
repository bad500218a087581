// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/certified_sum.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>

#include "promql/model/kahan.h"

namespace synoptic::promql {
namespace {

using Rng = std::mt19937_64;  // NOLINT: the same values in every run

double OneByOne(std::span<const double> v) {
  KahanSum sum;
  for (const double value : v) sum.Add(value);
  return sum.Total();
}

TEST(CertifiedSums, HaveTheBitsOfAddingOneByOne) {
  struct Kind {
    std::string what;
    double certified;  // at least this share of the longer windows
    std::function<double(Rng&)> value;
  };
  std::uniform_real_distribution<double> unit(0, 1);
  std::normal_distribution<double> normal(0, 1000);
  const Kind kinds[] = {
      {"gauges between 0 and 1", 0.999, [&](Rng& r) { return unit(r); }},
      {"gauges around zero", 0.99, [&](Rng& r) { return normal(r); }},
      {"small beside large", 0.999, [&](Rng& r) { return r() % 9 == 0 ? 1e12 : unit(r) * 1e-9; }},
      {"tenths", 0.99, [&](Rng& r) { return static_cast<double>(r() % 100) / 10; }},
      {"opposites", 0, [&](Rng& r) { return r() % 2 ? 0.1 : -0.1; }},
      {"middles between doubles", 0, [&](Rng& r) { return r() % 3 ? 0x1p52 : 0.5; }},
      {"denormal beside normal", 0.9,
       [&](Rng& r) { return r() % 5 ? unit(r) : std::numeric_limits<double>::denorm_min(); }},
      {"any exponent", 0,
       [&](Rng& r) { return std::ldexp(unit(r) - 0.5, static_cast<int>(r() % 300) - 150); }},
  };
  Rng rng(20261122);
  for (const Kind& kind : kinds) {
    size_t asked = 0, certified = 0;
    for (int round = 0; round < 30; ++round) {
      std::vector<double> v(1 + rng() % 3000);
      for (double& value : v) value = kind.value(rng);
      CertifiedSums sums;
      ASSERT_TRUE(sums.Init(v)) << kind.what;
      for (int i = 0; i < 200; ++i) {
        const size_t lo = rng() % v.size(), hi = lo + 1 + rng() % (v.size() - lo);
        const auto got = sums.CertainSum(lo, hi);
        // Sums of a few lie in the very middle often: one bit more than a double has.
        if (hi - lo >= 100) {
          ++asked;
          certified += got.has_value() ? 1 : 0;
        }
        if (!got) continue;
        ASSERT_EQ(std::bit_cast<uint64_t>(*got),
                  std::bit_cast<uint64_t>(OneByOne(std::span(v).subspan(lo, hi - lo))))
            << kind.what << " [" << lo << ", " << hi << ")";
      }
    }
    EXPECT_GE(static_cast<double>(certified), kind.certified * static_cast<double>(asked))
        << kind.what;
  }
}

TEST(CertifiedSums, AreNotSureNearTheMiddleOfTwoDoubles) {
  // 2^53 + 1 lies between two doubles: which of them it becomes hangs on how it was added.
  const std::vector<double> v = {0x1p53, 1, 1};
  CertifiedSums sums;
  ASSERT_TRUE(sums.Init(v));
  EXPECT_FALSE(sums.CertainSum(0, 2));
  EXPECT_EQ(sums.Sum(0, 2), OneByOne(std::span(v).first(2)));
  EXPECT_EQ(sums.CertainSum(0, 3), 0x1p53 + 2);
  EXPECT_FALSE(sums.CertainSum(1, 1)) << "nothing";
}

TEST(CertifiedSums, RefuseWhatTheyCannotHold) {
  CertifiedSums sums;
  EXPECT_FALSE(sums.Init(std::vector<double>{}));
  EXPECT_FALSE(sums.Init(std::vector<double>{0, -0.0}));
  EXPECT_FALSE(sums.Init(std::vector<double>{1, NAN}));
  EXPECT_FALSE(sums.Init(std::vector<double>{1, -INFINITY}));
  EXPECT_FALSE(sums.Init(std::vector<double>{1, 1e300}));
  EXPECT_FALSE(sums.Init(std::vector<double>{1e-300}));
  EXPECT_FALSE(sums.Init(std::vector<double>(size_t{1} << 20, 0.1))) << "too many";
}

}  // namespace
}  // namespace synoptic::promql
