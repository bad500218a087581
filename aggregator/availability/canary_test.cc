// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/availability/canary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace synoptic::aggregator {
namespace {

using promql::Labels;
using promql::RawSeries;
using promql::SampleColumns;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kMinute = 60'000;
constexpr int64_t kEnd = 60 * kMinute;

// up{job} every 15 s from `phase` on, without the minutes given; 0 in the minutes of `down`.
RawSeries Up(const char* job, int64_t phase, TimeSpans missing, TimeSpans down = {}) {
  SampleColumns samples;
  for (int64_t t = phase; t <= kEnd; t += 15'000) {
    if (Contains(missing, t / kMinute)) continue;
    samples.push_back(t, Contains(down, t / kMinute) ? 0 : 1);
  }
  return {Labels::From({{"__name__", "up"}, {"job", job}}), std::move(samples)};
}

std::vector<TimeSpans> Gaps(const std::vector<CanarySeries>& replicas) {
  return FindGaps(replicas, 0, kEnd, kEnd).value();
}

// In whole minutes, widened by one at each end as FindGaps does.
TimeSpans Minutes(const TimeSpans& gaps) {
  TimeSpans out;
  for (const TimeSpan& gap : gaps) out.push_back({gap.from / kMinute, gap.until / kMinute});
  return out;
}

using Series = std::vector<RawSeries>;

TEST(FindGaps, AreWhereASiblingHasWhatAReplicaMissed) {
  const auto gaps = Gaps({Series{Up("a", 0, {{20, 29}})}, Series{Up("a", 7'000, {{40, 41}})}});
  EXPECT_THAT(Minutes(gaps[0]), ElementsAre(TimeSpan{18, 30}));
  EXPECT_THAT(Minutes(gaps[1]), ElementsAre(TimeSpan{38, 43}));
}

TEST(FindGaps, NothingWhereNobodyHasMore) {
  const auto gaps = Gaps({Series{Up("a", 0, {{20, 25}})}, Series{Up("a", 7'000, {{20, 25}})}});
  EXPECT_THAT(gaps, ElementsAre(IsEmpty(), IsEmpty()));
}

TEST(FindGaps, OfOneTargetCountForItsReplica) {
  const auto gaps = Gaps({Series{Up("a", 0, {}), Up("b", 3'000, {{20, 20}})},
                          Series{Up("a", 7'000, {}, {{50, 50}}), Up("b", 9'000, {})}});
  EXPECT_THAT(Minutes(gaps[0]), ElementsAre(TimeSpan{18, 22}));
  EXPECT_THAT(Minutes(gaps[1]), ElementsAre(TimeSpan{48, 52})) << "up was 0 there only";
}

TEST(FindGaps, AReplicaWithoutTheCanaryIsNeverWhole) {
  auto gaps = Gaps({Series{Up("a", 0, {})}, Series{}});
  EXPECT_THAT(gaps[0], IsEmpty());
  EXPECT_THAT(gaps[1], ElementsAre(TimeSpan{0, kEnd}));
  gaps = Gaps({Series{}, Series{}});
  EXPECT_THAT(gaps, ElementsAre(ElementsAre(TimeSpan{0, kEnd}), ElementsAre(TimeSpan{0, kEnd})));
}

TEST(FindGaps, OfOneAloneAreItsSilence) {
  const auto gaps =
      Gaps({Series{Up("a", 0, {{20, 22}}), Up("b", 3'000, {{21, 24}})}, std::nullopt});
  EXPECT_THAT(Minutes(gaps[0]), ElementsAre(TimeSpan{19, 23})) << "both silent from 21 to 22";
  EXPECT_THAT(gaps[1], ElementsAre(TimeSpan{0, kEnd}));
}

TEST(FindGaps, AScrapeUnderWayIsNotMissed) {
  RawSeries late = Up("a", 0, {});
  auto& samples = std::get<SampleColumns>(late.data);
  samples.t.pop_back();
  samples.v.pop_back();
  EXPECT_THAT(Gaps({Series{late}, Series{Up("a", 0, {})}}), ElementsAre(IsEmpty(), IsEmpty()));
}

}  // namespace
}  // namespace synoptic::aggregator
