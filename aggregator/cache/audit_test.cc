// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/audit.h"

#include <gtest/gtest.h>

#include <cmath>

namespace synoptic::aggregator {
namespace {

constexpr int64_t kStep = 15'000;
const BlockLayout kLayout = BlockLayout::OfSteps({0, kStep, kStep});

FragmentPtr Of(int64_t first, int64_t last, double value, const std::string& replica = "r") {
  std::vector<promql::StepSeries> series(1);
  series[0].labels = promql::Labels::From({{"__name__", "x"}});
  for (int64_t t = first; t <= last; t += kStep) series[0].values.push_back(value);
  return PackSteps(series, {first, last, kStep}, first, last, {replica, 5, {}, {}}, nullptr);
}

TEST(SampleOf, SpreadsOverAllThatIsKnownAndNothingElse) {
  const std::vector<FragmentPtr> known = {Of(0, 100 * kStep, 1), Of(300 * kStep, 400 * kStep, 1)};
  const Span within{50 * kStep, 350 * kStep};
  std::vector<int> tenths(36, 0);
  for (uint64_t number = 0; number < 200; ++number) {
    const auto sample = SampleOf(kLayout, known, within, number);
    ASSERT_TRUE(sample.has_value());
    EXPECT_LE(sample->first, sample->last);
    EXPECT_EQ(sample->first % kStep, 0);
    EXPECT_EQ(sample->last % kStep, 0);
    EXPECT_LE(sample->last - sample->first, 7 * kStep);
    const bool first = sample->first >= 50 * kStep && sample->last <= 100 * kStep;
    const bool second = sample->first >= 300 * kStep && sample->last <= 350 * kStep;
    EXPECT_TRUE(first || second) << sample->first << " " << sample->last;
    ++tenths[static_cast<size_t>(sample->first / kStep / 10)];
  }
  for (const size_t tenth : {5, 6, 7, 8, 9, 30, 31, 32, 33, 34}) EXPECT_GT(tenths[tenth], 10);
  EXPECT_FALSE(SampleOf(kLayout, known, {500 * kStep, 600 * kStep}, 0).has_value());
  EXPECT_FALSE(SampleOf(kLayout, {}, within, 0).has_value());
}

TEST(SameWithin, ComputedValuesMayDifferInTheirLastPlaces) {
  const Span span{0, 10 * kStep};
  const double nan = std::nan("");
  const struct {
    double before, now;
    bool bits, computed;
  } cases[] = {
      {1, 1, true, true},
      {1, std::nextafter(1.0, 2.0), false, true},
      {1e300, std::nextafter(1e300, 0.0), false, true},
      {1, 1.000001, false, false},
      {0, -0.0, false, true},
      {nan, nan, true, true},
      {nan, 1, false, false},
      {1, -1, false, false},
  };
  for (const auto& one : cases) {
    const std::vector<FragmentPtr> known = {Of(0, 10 * kStep, one.before)};
    const FragmentPtr now = Of(0, 10 * kStep, one.now);
    EXPECT_EQ(SameWithin(span, known, now, Compare::kBits).value(), one.bits)
        << one.before << " " << one.now;
    EXPECT_EQ(SameWithin(span, known, now, Compare::kComputed).value(), one.computed)
        << one.before << " " << one.now;
  }
}

TEST(SameWithin, ASampleMoreOrLessIsADifferenceButNotAnotherReplica) {
  const std::vector<FragmentPtr> known = {Of(0, 10 * kStep, 1)};
  const FragmentPtr less = Of(0, 5 * kStep, 1);
  EXPECT_FALSE(SameWithin({0, 10 * kStep}, known, less, Compare::kComputed).value());
  EXPECT_TRUE(SameWithin({0, 5 * kStep}, known, less, Compare::kComputed).value());
  EXPECT_TRUE(SameWithin({0, 10 * kStep}, known, Of(0, kStep, 2, "other"), Compare::kBits).value());
}

}  // namespace
}  // namespace synoptic::aggregator
