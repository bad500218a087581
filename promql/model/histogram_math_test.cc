// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/histogram_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "promql/model/histogram_internal.h"

namespace synoptic::promql {
namespace {

FloatHistogram Exponential(int32_t schema, std::vector<HistogramSpan> spans,
                           std::vector<double> counts) {
  FloatHistogram h;
  h.schema = schema;
  h.positive_spans = std::move(spans);
  for (const double count : counts) h.count += count;
  h.sum = 2 * h.count;
  h.positive_buckets = std::move(counts);
  return h;
}

FloatHistogram Custom(std::vector<double> bounds, std::vector<double> counts) {
  const HistogramSpan all{0, static_cast<uint32_t>(counts.size())};
  FloatHistogram h = Exponential(kCustomBucketsSchema, {all}, std::move(counts));
  h.custom_values = std::move(bounds);
  return h;
}

using Layout = std::vector<HistogramSpan>;
using Counts = std::vector<double>;

TEST(HistogramMath, AddMakesTheBucketsThatAreMissing) {
  FloatHistogram a = Exponential(0, {{0, 2}, {3, 1}}, {1, 2, 3});
  // Before all, alike, behind a span, before a span, alike, behind all.
  ASSERT_TRUE(
      Add(a, Exponential(0, {{-2, 1}, {1, 1}, {1, 2}, {0, 2}}, {10, 20, 30, 35, 40, 50})).ok());
  EXPECT_EQ(a.positive_spans, (Layout{{-2, 1}, {1, 5}, {0, 1}}));
  EXPECT_EQ(a.positive_buckets, (Counts{10, 21, 2, 30, 35, 40, 53}));
}

TEST(HistogramMath, SubtractTakesTheCoarserSchema) {
  FloatHistogram a = Exponential(1, {{-1, 4}}, {1, 2, 3, 4});
  ASSERT_TRUE(Subtract(a, Exponential(0, {{0, 2}}, {1, 1})).ok());
  EXPECT_EQ(a.schema, 0);
  EXPECT_EQ(a.positive_spans, (Layout{{0, 2}}));
  EXPECT_EQ(a.positive_buckets, (Counts{2, 6}));
  EXPECT_EQ(a.count, 8);
}

TEST(HistogramMath, ZeroBucketsWidenToTheEdgeOfAPopulatedBucket) {
  FloatHistogram a = Exponential(0, {{0, 3}}, {1, 2, 3});
  FloatHistogram b = Exponential(0, {}, {});
  b.zero_threshold = 1.5;
  b.zero_count = 7;
  ASSERT_TRUE(Add(a, b).ok());
  EXPECT_EQ(a.zero_threshold, 2);
  EXPECT_EQ(a.zero_count, 10);
  EXPECT_EQ(a.positive_spans, (Layout{{2, 1}}));
  EXPECT_EQ(a.positive_buckets, (Counts{3}));
}

TEST(HistogramMath, CustomBoundsThatDifferAreIntersected) {
  FloatHistogram a = Custom({1, 2, 4}, {1, 2, 3, 4});
  const absl::StatusOr<HistogramOutcome> outcome = Add(a, Custom({1, 3, 4}, {10, 20, 30, 40}));
  ASSERT_TRUE(outcome.ok());
  EXPECT_TRUE(outcome->bounds_reconciled);
  EXPECT_EQ(a.custom_values, (Counts{1, 4}));
  EXPECT_EQ(a.positive_buckets, (Counts{11, 55, 44}));
}

TEST(HistogramMath, ExponentialAndCustomDoNotMix) {
  FloatHistogram a = Custom({1}, {1, 2});
  EXPECT_EQ(Add(a, Exponential(0, {{0, 1}}, {1})).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(HistogramMath, KahanAddKeepsWhatRoundingLost) {
  FloatHistogram a = Exponential(0, {{0, 1}}, {1e16});
  std::optional<FloatHistogram> c;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(KahanAdd(a, Exponential(0, {{0, 1}}, {1}), c).ok());
  EXPECT_EQ(a.positive_buckets, Counts{1e16});
  EXPECT_EQ(c->positive_buckets, Counts{3});
}

TEST(HistogramMath, HintsThatContradictAreACollision) {
  FloatHistogram a = Exponential(0, {{0, 1}}, {1});
  FloatHistogram b = a;
  a.hint = CounterResetHint::kReset;
  b.hint = CounterResetHint::kNotReset;
  EXPECT_TRUE(Add(a, b)->counter_reset_collision);
  EXPECT_EQ(a.hint, CounterResetHint::kUnknown);
  EXPECT_FALSE(Add(a, b)->counter_reset_collision);
}

TEST(HistogramMath, CompactCutsAndJoins) {
  FloatHistogram h = Exponential(0, {{0, 6}, {1, 1}, {5, 1}}, {0, 1, 0, 0, 2, 0, 3, 4});
  Compact(h, 0);
  EXPECT_EQ(h.positive_spans, (Layout{{1, 1}, {2, 1}, {2, 1}, {5, 1}}));
  Compact(h, 2);
  EXPECT_EQ(h.positive_spans, (Layout{{1, 7}, {5, 1}}));
  EXPECT_EQ(h.positive_buckets, (Counts{1, 0, 0, 2, 0, 0, 3, 4}));
}

TEST(HistogramMath, ResetIsALowerBucketWhateverTheLayout) {
  const FloatHistogram before = Exponential(1, {{0, 3}}, {1, 2, 3});
  FloatHistogram now = Exponential(0, {{-4, 1}, {3, 2}}, {9, 1, 5});
  EXPECT_FALSE(DetectReset(now, before));
  now.positive_buckets[2] = 4.5;
  EXPECT_TRUE(DetectReset(now, before));
}

TEST(HistogramMath, TrimKeepsAShareOfTheBucketThatIsCut) {
  FloatHistogram h = Custom({1, 2, 4}, {1, 2, 4, 0});
  TrimBuckets(h, 3, true);
  EXPECT_EQ(h.positive_buckets, (Counts{1, 2, 2}));
  EXPECT_EQ(h.count, 5);
  EXPECT_EQ(h.sum, 0.5 + 3 + 5);
}

// The bound itself decides, however quickly that is told.
TEST(CoveredByZero, IsWhatEndsAtTheThresholdOrBelow) {
  const double inf = std::numeric_limits<double>::infinity();
  for (int32_t schema = kExponentialSchemaMin; schema <= kExponentialSchemaMax; ++schema) {
    for (const double power : {-1080.0, -1022.0, -999.0, -128.0, -1.0, 0.0, 5.0, 999.0, 1023.0}) {
      const auto near = static_cast<int32_t>(std::ldexp(power, schema));
      for (int32_t index = near - 2; index <= near + 2; ++index) {
        const double bound = ExponentialBound(index, schema);
        for (const double threshold : {0.0, -0.0, -1.0, 5e-324, 1e-128, 1.0, inf, bound,
                                       std::nextafter(bound, 0.0), std::nextafter(bound, inf)}) {
          const std::vector<HistogramSpan> spans = {{index, 1}};
          EXPECT_EQ(internal::CoveredByZero(spans, 1, schema, threshold), bound > threshold ? 0 : 1)
              << index << " " << schema << " " << threshold;
        }
      }
    }
  }
}

}  // namespace
}  // namespace synoptic::promql
