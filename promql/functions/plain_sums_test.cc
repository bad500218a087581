// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/plain_sums.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>

namespace synoptic::promql {
namespace {

using Rng = std::mt19937_64;  // NOLINT: the same values in every run

struct Windows {
  std::vector<uint32_t> lo, hi;
};
// Windows that move by up to `most` samples, some empty, some short.
Windows Slide(Rng& rng, size_t values, uint32_t most) {
  Windows windows;
  uint32_t lo = 0, hi = 0;
  for (int i = 0; i < 60; ++i) {
    hi = static_cast<uint32_t>(std::min<size_t>(values, hi + (i == 0 ? values / 2 : rng() % most)));
    lo = std::min(hi, lo + static_cast<uint32_t>(rng() % most));
    windows.lo.push_back(lo);
    windows.hi.push_back(hi);
  }
  return windows;
}

void ExpectOneByOne(const std::vector<double>& v, const Windows& windows,
                    std::span<const KahanSum> sums, const std::string& what) {
  for (size_t i = 0; i < sums.size(); ++i) {
    KahanSum one_by_one;
    for (uint32_t at = windows.lo[i]; at < windows.hi[i]; ++at) one_by_one.Add(v[at]);
    ASSERT_EQ(std::bit_cast<uint64_t>(sums[i].sum), std::bit_cast<uint64_t>(one_by_one.sum))
        << what << " [" << windows.lo[i] << ", " << windows.hi[i] << ")";
    // Nothing lost may be told as -0 by one of them.
    ASSERT_EQ(sums[i].c, one_by_one.c)
        << what << " [" << windows.lo[i] << ", " << windows.hi[i] << ")";
  }
}

TEST(PlainSums, HaveTheBitsOfAddingOneByOne) {
  struct Kind {
    std::string what;
    std::function<double(Rng&, size_t)> value;
  };
  std::uniform_real_distribution<double> unit(0, 1);
  const Kind kinds[] = {
      {"of one size", [&](Rng& r, size_t) { return 1 + unit(r); }},
      {"a few powers of two", [&](Rng& r, size_t) { return 0.01 + unit(r); }},
      {"below zero", [&](Rng& r, size_t) { return -(0.01 + unit(r)); }},
      {"tenths", [](Rng& r, size_t) { return static_cast<double>(1 + r() % 100) / 10; }},
      {"some zeros", [&](Rng& r, size_t) { return r() % 3 == 0 ? 0 : 1 + unit(r); }},
      {"zeros first", [&](Rng& r, size_t i) { return i < 700 ? 0 : 1 + unit(r); }},
      {"rising", [](Rng&, size_t i) { return 100 + static_cast<double>(i) + 0.37; }},
      {"always the same", [](Rng&, size_t) { return 0.1; }},
      {"tiny", [&](Rng& r, size_t) { return std::ldexp(1 + unit(r), -890); }},
      {"huge", [&](Rng& r, size_t) { return std::ldexp(1 + unit(r), 890); }},
      {"few bits", [](Rng& r, size_t) { return 1 + static_cast<double>(r() % 64) / 64; }},
      {"few last bits",
       [](Rng& r, size_t) { return 1 + std::ldexp(static_cast<double>(r() % 64), -52); }},
  };
  Rng rng(20261123);
  for (const Kind& kind : kinds) {
    PlainSums sums;
    int computed = 0;
    for (int round = 0; round < 20; ++round) {
      std::vector<double> v(1000 + rng() % 9000);
      for (size_t i = 0; i < v.size(); ++i) v[i] = kind.value(rng, i);
      const Windows windows = Slide(rng, v.size(), round % 2 == 0 ? 3 : 200);
      if (!sums.Compute(v, windows.lo, windows.hi)) continue;
      ++computed;
      ASSERT_EQ(sums.sums().size(), windows.lo.size());
      ExpectOneByOne(v, windows, sums.sums(), kind.what);
    }
    EXPECT_GE(computed, kind.what == "few last bits" ? 0 : 10) << kind.what;
  }
}

TEST(PlainSums, AreNotForValuesThatTheyCannotTell) {
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<std::vector<double>> all = {
      {1.5, -1.5}, {1, inf}, {1, std::nan("")}, {0, 0}, {1, 1e9}, {1e300, 1e300}, {5e-324, 5e-324}};
  for (const std::vector<double>& v : all) {
    const std::vector<uint32_t> lo = {0}, hi = {2};
    EXPECT_FALSE(PlainSums().Compute(v, lo, hi)) << v[0] << " and " << v[1];
  }
}

}  // namespace
}  // namespace synoptic::promql
