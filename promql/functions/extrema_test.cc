// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// min_over_time and max_over_time over windows of any length and overlap.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "promql/functions/kernels.h"
#include "promql/model/sample.h"

namespace synoptic::promql {
namespace {

using Rng = std::mt19937_64;  // NOLINT: the same values in every run

// As Prometheus looks for it: a later value must be better, or the one before NaN.
double OneByOne(const RangeInput& in, size_t step, bool most) {
  const int64_t end = in.grid.at(step);
  bool any = false;
  double best = 0;
  for (size_t i = 0; i < in.t.size(); ++i) {
    if (in.t[i] <= end - in.range_ms || in.t[i] > end) continue;
    const double v = in.v[i];
    if (!any || std::isnan(best) || (most ? v > best : v < best)) best = v;
    any = true;
  }
  return any ? best : Absent();
}

TEST(Extrema, AreTheEarliestOfTheBestInEveryWindow) {
  Rng rng(99);
  const double inf = std::numeric_limits<double>::infinity();
  for (int round = 0; round < 400; ++round) {
    const size_t samples = 1 + rng() % 300;
    std::vector<int64_t> t;
    std::vector<double> v;
    int64_t now = 0;
    for (size_t i = 0; i < samples; ++i) {
      now += 1000 + static_cast<int64_t>(rng() % (round % 4 == 0 ? 20'000 : 1));
      t.push_back(now);
      const double values[] = {0.0,  -0.0, 1.0,  static_cast<double>(rng() % 1000),
                               -2.5, inf,  -inf, std::nan("")};
      // Rounds of zeros alone, of numbers, with infinities, with NaN.
      v.push_back(values[rng() % (round % 5 == 0   ? 2
                                  : round % 5 == 1 ? 8
                                  : round % 5 == 2 ? 7
                                                   : 5)]);
    }
    const int64_t step = 1000 * static_cast<int64_t>(1 + rng() % 30);
    const size_t steps = 1 + rng() % 100;
    const int64_t last = -5000 + step * static_cast<int64_t>(steps - 1);
    RangeInput in;
    in.t = t;
    in.v = v;
    in.grid = {-5000, last, step};
    in.range_ms = 1000 * static_cast<int64_t>(1 + rng() % 250);
    std::vector<double> out(steps);
    for (const bool most : {false, true}) {
      (most ? MaxOverTimeKernel : MinOverTimeKernel)(in, out);
      for (size_t i = 0; i < steps; ++i) {
        ASSERT_EQ(std::bit_cast<uint64_t>(out[i]), std::bit_cast<uint64_t>(OneByOne(in, i, most)))
            << "round " << round << " step " << i << (most ? " max " : " min ") << out[i];
      }
    }
  }
}

}  // namespace
}  // namespace synoptic::promql
