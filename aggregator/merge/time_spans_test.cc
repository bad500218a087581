// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/time_spans.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace synoptic::aggregator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TimeSpans, UniteInAnyOrderAndWiden) {
  EXPECT_THAT(Unite({{30, 40}, {1, 5}, {6, 9}, {35, 37}}),
              ElementsAre(TimeSpan{1, 9}, TimeSpan{30, 40}));
  EXPECT_THAT(Unite({{30, 40}, {1, 5}}, 10), ElementsAre(TimeSpan{-9, 15}, TimeSpan{20, 50}));
  EXPECT_THAT(Unite({{30, 40}, {1, 5}}, 12), ElementsAre(TimeSpan{-11, 52})) << "they touch";
}

TEST(TimeSpans, IntersectAndAsk) {
  const TimeSpans spans = {{1, 9}, {30, 40}};
  EXPECT_THAT(Intersect(spans, {{5, 32}, {40, 50}}),
              ElementsAre(TimeSpan{5, 9}, TimeSpan{30, 32}, TimeSpan{40, 40}));
  EXPECT_THAT(Clip(spans, 10, 29), IsEmpty());
  EXPECT_THAT(Clip(spans, 9, 1), IsEmpty());
  EXPECT_TRUE(Contains(spans, 30));
  EXPECT_FALSE(Contains(spans, 10));
  EXPECT_TRUE(Overlaps(spans, 10, 30));
  EXPECT_FALSE(Overlaps(spans, 10, 29));
  EXPECT_FALSE(Overlaps(spans, 41, 99));
}

}  // namespace
}  // namespace synoptic::aggregator
