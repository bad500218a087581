// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/histogram_increase.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "promql/model/histogram_math.h"

namespace synoptic::promql {
namespace {

using Rng = std::mt19937_64;  // NOLINT: the same histograms in every run

std::vector<double> Counts(Rng& rng, size_t size) {
  std::vector<double> counts(size);
  for (double& count : counts) count = static_cast<double>(rng() % 3) * 0.5;
  return counts;
}

FloatHistogram Random(Rng& rng, const FloatHistogram& layout) {
  FloatHistogram h = layout;
  h.count = static_cast<double>(rng() % 100);
  h.sum = static_cast<double>(rng() % 100) / 7;
  h.zero_count = layout.UsesCustomBuckets() ? 0 : static_cast<double>(rng() % 4);
  h.positive_buckets = Counts(rng, layout.positive_buckets.size());
  h.negative_buckets = Counts(rng, layout.negative_buckets.size());
  return h;
}

FloatHistogram Layout(Rng& rng) {
  FloatHistogram h;
  h.schema = rng() % 4 == 0 ? kCustomBucketsSchema : static_cast<int32_t>(rng() % 4);
  if (h.UsesCustomBuckets()) {
    h.custom_values = {1, 2, 4, 8};
    h.positive_spans = {{0, 2}, {1, 2}};
    h.positive_buckets.resize(4);
    return h;
  }
  h.zero_threshold = rng() % 2 == 0 ? 0.001 : 1;  // 1 covers buckets of the second layout
  h.positive_spans = {{static_cast<int32_t>(rng() % 4) - 1, 3}, {2, 2}};
  h.positive_buckets.resize(5);
  if (rng() % 2 == 0) {
    h.negative_spans = {{1, 2}};
    h.negative_buckets.resize(2);
  }
  return h;
}

void ExpectSame(const FloatHistogram& a, const FloatHistogram& b) {
  EXPECT_EQ(a.schema, b.schema);
  EXPECT_EQ(a.hint, b.hint);
  EXPECT_EQ(a.zero_threshold, b.zero_threshold);
  EXPECT_EQ(std::bit_cast<uint64_t>(a.zero_count), std::bit_cast<uint64_t>(b.zero_count));
  EXPECT_EQ(std::bit_cast<uint64_t>(a.count), std::bit_cast<uint64_t>(b.count));
  EXPECT_EQ(std::bit_cast<uint64_t>(a.sum), std::bit_cast<uint64_t>(b.sum));
  EXPECT_TRUE(a.positive_spans == b.positive_spans);
  EXPECT_TRUE(a.negative_spans == b.negative_spans);
  EXPECT_EQ(a.positive_buckets, b.positive_buckets);
  EXPECT_EQ(a.negative_buckets, b.negative_buckets);
  EXPECT_TRUE(a.custom_values == b.custom_values);
}

TEST(HistogramIncrease, IsWhatSubtractAndCompactGive) {
  Rng rng(7);
  HistogramPool pool;
  HistogramIncrease increase(&pool);
  int done = 0;
  for (int i = 0; i < 2000; ++i) {
    if (i % 5 == 0) pool.BeginRound();
    const FloatHistogram layout = Layout(rng);
    const FloatHistogram earlier = Random(rng, layout), later = Random(rng, layout);
    if (!increase.CanDo(later, earlier)) continue;
    ++done;
    FloatHistogram want = later;
    ASSERT_TRUE(Subtract(want, earlier).ok());
    Compact(want, 0);
    want.hint = CounterResetHint::kGauge;
    ExpectSame(*increase.Between(later, earlier), want);
  }
  EXPECT_GT(done, 500);
}

TEST(HistogramIncrease, LeavesOtherLayoutsAndCoveredBucketsAlone) {
  HistogramIncrease increase(nullptr);
  FloatHistogram h;
  h.positive_spans = {{1, 2}};
  h.positive_buckets = {1, 2};
  FloatHistogram other = h;
  EXPECT_TRUE(increase.CanDo(h, other));
  other.positive_spans = {{2, 2}};
  EXPECT_FALSE(increase.CanDo(h, other));
  other = h;
  other.schema = 1;
  EXPECT_FALSE(increase.CanDo(h, other));
  h.zero_threshold = 2;  // the first bucket is (1, 2]
  EXPECT_FALSE(increase.CanDo(h, h));
}

TEST(HistogramPool, GivesNothingThatSomebodyHas) {
  HistogramPool pool;
  const auto kept = pool.Take();
  FloatHistogram* const let_go = pool.Take().get();
  pool.BeginRound();
  EXPECT_NE(pool.Take(), kept);
  EXPECT_EQ(pool.Take().get(), let_go);
}

}  // namespace
}  // namespace synoptic::promql
