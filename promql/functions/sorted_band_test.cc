// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/sorted_band.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>

namespace synoptic::promql {
namespace {

using Rng = std::mt19937_64;  // NOLINT: the same values in every run

TEST(SortedBand, GivesTheValuesThatASortedWindowHas) {
  struct Kind {
    std::string what;
    std::function<double(Rng&, size_t)> value;
  };
  std::normal_distribution<double> normal(0, 1000);
  const double inf = std::numeric_limits<double>::infinity();
  const Kind kinds[] = {
      {"random", [&](Rng& r, size_t) { return normal(r); }},
      {"rising", [](Rng&, size_t i) { return static_cast<double>(i); }},
      {"falling", [](Rng&, size_t i) { return -static_cast<double>(i); }},
      {"of few values", [](Rng& r, size_t) { return static_cast<double>(r() % 3); }},
      {"waves",
       [](Rng&, size_t i) {
         return std::sin(static_cast<double>(i) * 0.01227);
       }},  // of 512 samples
      {"a step", [](Rng&, size_t i) { return i < 1500 ? 1.0 : 1e9; }},
      {"infinities", [&](Rng& r, size_t) { return r() % 2   ? normal(r)
                                                  : r() % 2 ? inf
                                                            : -inf; }},
      {"with NaN", [&](Rng& r, size_t) { return r() % 9 ? normal(r) : std::nan(""); }},
  };
  Rng rng(4711);
  SortedBand band;
  for (const Kind& kind : kinds) {
    for (const double phi : {0.0, 0.05, 0.5, 0.9, 1.0, -1.0 /* another one each time */}) {
      std::vector<double> v(2600);
      for (size_t i = 0; i < v.size(); ++i) v[i] = kind.value(rng, i);
      band.Reset(v);
      size_t lo = 0, hi = 1800;
      while (lo < hi) {
        std::vector<double> sorted(v.begin() + static_cast<ptrdiff_t>(lo),
                                   v.begin() + static_cast<ptrdiff_t>(hi));
        std::sort(sorted.begin(), sorted.end(), NaNFirst);
        const double asked = phi < 0 ? static_cast<double>(rng() % 101) / 100 : phi;
        const QuantileRank rank = RankOf(asked, sorted.size());
        const auto [lower, upper] = band.At(lo, hi, rank);
        const auto same = [](double a, double b) { return a == b || (a != a && b != b); };
        ASSERT_TRUE(same(lower, sorted[rank.lower]) && same(upper, sorted[rank.upper]))
            << kind.what << ", " << asked << " of [" << lo << ", " << hi << "): " << lower
            << " and " << upper << " instead of " << sorted[rank.lower] << " and "
            << sorted[rank.upper];
        lo += rng() % 40;
        hi = std::min(v.size(), hi + rng() % 30 + (rng() % 50 == 0 ? 600 : 0));
      }
    }
  }
}

}  // namespace
}  // namespace synoptic::promql
