// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Series with floats and native histograms: which sample is the newest, stale markers, windows that
// hold both. Answers as text; what Prometheus' own scripts prove (tests/promql) is not repeated.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "promql/eval/eval_test_support.h"

namespace synoptic::promql {
namespace {

using eval_test::Answer;
using eval_test::Series;
using testing::ElementsAre;

TEST(MixedSeries, NewestSampleOfEitherKindIsTaken) {
  const auto data = [] { return std::vector{Series("m 1 {{count:2}} _ 3 {{count:4}}")}; };
  EXPECT_THAT(Answer(data(), "m", 0, 5), ElementsAre(R"(m 1 {count:2, sum:0} {count:2, sum:0} 3 )"
                                                     R"({count:4, sum:0} {count:4, sum:0})"));
  EXPECT_THAT(Answer(data(), "timestamp(m)", 0, 5), ElementsAre("{} 0 60 60 180 240 240"));
  EXPECT_THAT(Answer(data(), "m[5m]", 4, 4), ElementsAre(R"(m 1@0 3@180000 {count:2, sum:0}@60000 )"
                                                         R"({count:4, sum:0}@240000)"));
}

TEST(MixedSeries, LookbackIsOpenOnTheLeftForHistogramsToo) {
  EXPECT_THAT(Answer({Series("m {{count:2}}")}, "m", 3, 6),
              ElementsAre(R"(m {count:2, sum:0} {count:2, sum:0} _ _)"));
}

TEST(MixedSeries, StaleMarkerOfEitherKindHidesTheOther) {
  RawSeries series = Series("m 1 {{count:2}} stale 3 {{count:4}}");
  auto stale = std::make_shared<FloatHistogram>();
  stale->sum = StaleNaN();
  series.histograms.h[1] = stale;
  EXPECT_THAT(Answer({series}, "m", 1, 5), ElementsAre(R"(m {count:2, sum:0} _ 3 _ _)"));
}

TEST(MixedSeries, FloatFunctionsLeaveHistogramsOut) {
  const auto data = [] { return std::vector{Series("m -1 {{count:2}}")}; };
  EXPECT_THAT(Answer(data(), "abs(m)", 0, 1), ElementsAre("{} 1 _"));
  EXPECT_THAT(Answer(data(), "-m", 0, 1), ElementsAre("{} 1 {count:-2, sum:-0}"));
  EXPECT_THAT(Answer(data(), "absent(m)", 1, 1), ElementsAre());
  EXPECT_THAT(Answer(data(), "absent_over_time(m[1m])", 1, 2), ElementsAre("{} _ 1"));
  EXPECT_THAT(Answer(data(), "histogram_count(m)", 0, 1), ElementsAre("{} _ 2"));
}

TEST(MixedSeries, StepInvariantHistogramsAreRepeated) {
  EXPECT_THAT(Answer({Series("m 1 {{count:2}}")}, "m @ 60", 0, 1),
              ElementsAre(R"(m {count:2, sum:0} {count:2, sum:0})"));
}

TEST(MixedSeries, SubqueryForgetsResetHints) {
  const auto data = [] {
    return std::vector{
        Series("m {{count:9 counter_reset_hint:not_reset}} "
               "{{count:4 counter_reset_hint:not_reset}}")};
  };
  EXPECT_THAT(Answer(data(), "m[2m:1m]", 1, 1),
              ElementsAre(R"(m {count:9, sum:0}@0 {count:4, sum:0}@60000)"));
}

}  // namespace
}  // namespace synoptic::promql
