// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace synoptic::aggregator {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

PartCoverage Part(std::string region, std::string shard, PartState state, std::string reason = "") {
  PartCoverage part;
  part.region = std::move(region);
  part.shard = std::move(shard);
  part.state = state;
  part.reason = std::move(reason);
  return part;
}

TEST(Coverage, IsCompleteWithoutFailures) {
  Coverage coverage;
  EXPECT_TRUE(coverage.complete());
  coverage.Add(Part("us", "main", PartState::kAnswered));
  coverage.Add(Part("eu", "main", PartState::kSkipped, "breaker_open"));
  EXPECT_TRUE(coverage.complete());
  EXPECT_EQ(coverage.HeaderValue(), "complete");
  EXPECT_EQ(coverage.WarningLine(3), std::nullopt);
}

TEST(Coverage, ARegionWhoseHistoryIsShownSaysHowOldItIs) {
  Coverage coverage;
  coverage.Add(Part("us", "main", PartState::kAnswered));
  PartCoverage eu = Part("eu", "main", PartState::kStale, "timeout");
  eu.age_ms = 43'900;
  eu.known_max_t = 1'700'000'000'000;
  coverage.Add(eu);
  EXPECT_TRUE(coverage.complete());
  EXPECT_EQ(coverage.HeaderValue(), "complete; stale=eu(43s)");
  EXPECT_EQ(coverage.WarningLine(2), "stale: 1 of 2 regions shown as known 43s ago: eu (timeout)");

  // Another question to it found less.
  eu.known_max_t -= 60'000;
  eu.age_ms = 60'000;
  eu.has_holes = true;
  coverage.Add(eu);
  EXPECT_FALSE(coverage.complete());
  EXPECT_EQ(coverage.HeaderValue(), "partial; missing=eu(timeout); stale=eu(60s)");
  EXPECT_EQ(coverage.WarningLine(2),
            "partial: 1 of 2 regions missing: eu (timeout, shown until 2023-11-14T22:12:20Z)");
  EXPECT_THAT(ParseCoverageHeader(coverage.HeaderValue()),
              ElementsAre(InnerMissing{"eu", "timeout"}));
}

TEST(Coverage, NamesEveryMissingRegionOnceInOrder) {
  Coverage coverage;
  coverage.Add(Part("us", "a", PartState::kFailed, "timeout"));
  coverage.Add(Part("us", "b", PartState::kFailed, "down"));
  coverage.Add(Part("eu", "main", PartState::kAnswered));
  coverage.Add(Part("ap", "main", PartState::kFailed, "down"));
  EXPECT_FALSE(coverage.complete());
  EXPECT_THAT(coverage.MissingRegions(), ElementsAre(Pair("us", "timeout"), Pair("ap", "down")));
  EXPECT_EQ(coverage.HeaderValue(), "partial; missing=us(timeout),ap(down)");
  EXPECT_EQ(coverage.WarningLine(5), "partial: 2 of 5 regions missing: us (timeout), ap (down)");
}

TEST(Coverage, AnOptionalRegionIsMissingWithoutAWarningAndWithoutALie) {
  Coverage coverage;
  coverage.Add(Part("us", "main", PartState::kAnswered));
  PartCoverage lab = Part("lab", "main", PartState::kFailed, "timeout");
  lab.optional = true;
  coverage.Add(lab);
  EXPECT_FALSE(coverage.complete());
  EXPECT_EQ(coverage.HeaderValue(), "partial; missing=lab(timeout)");
  EXPECT_THAT(coverage.MissingRegions(), ::testing::IsEmpty());
  EXPECT_EQ(coverage.WarningLine(2), std::nullopt);
}

TEST(Coverage, TellsWhatIsMissingBehindAnotherSynoptic) {
  Coverage inner;
  inner.Add(Part("eu 1", "main", PartState::kFailed, "timeout"));
  inner.Add(Part("a(b),c", "main", PartState::kFailed, "down"));
  EXPECT_EQ(inner.HeaderValue(), "partial; missing=eu%201(timeout),a%28b%29%2Cc(down)");

  PartCoverage part = Part("emea", "main", PartState::kAnswered);
  SetInner(ParseCoverageHeader(inner.HeaderValue()), part);
  Coverage outer;
  outer.Add(part);
  outer.Add(Part("us", "main", PartState::kAnswered));
  EXPECT_FALSE(outer.complete());
  EXPECT_EQ(outer.WarningLine(2),
            "partial: 2 of 2 regions missing: emea/eu 1 (timeout), emea/a(b),c (down)");
  // And once more, a level up.
  EXPECT_EQ(ParseCoverageHeader(outer.HeaderValue()),
            (std::vector<InnerMissing>{{"emea/eu 1", "timeout"}, {"emea/a(b),c", "down"}}));
}

TEST(Coverage, AHeaderThatSaysNothingMissesNothing) {
  for (const char* text : {"", "complete", "partial", "partial; missing=", "partial; missing=x",
                           "partial; missing=)(", "missing=a(b)"}) {
    EXPECT_THAT(ParseCoverageHeader(text), ::testing::IsEmpty()) << text;
  }
  PartCoverage part = Part("us", "main", PartState::kAnswered);
  SetInner({}, part);
  EXPECT_EQ(part.state, PartState::kAnswered);
}

TEST(Coverage, ALongHeaderCountsWhatItLeavesOut) {
  Coverage coverage;
  for (int i = 0; i < 1000; ++i) {
    coverage.Add(Part("region-" + std::to_string(i), "main", PartState::kFailed, "down"));
  }
  const std::string header = coverage.HeaderValue();
  EXPECT_LT(header.size(), 7000u);
  EXPECT_TRUE(header.ends_with(" more)")) << header.substr(header.size() - 40);
}

TEST(Coverage, KeepsTheWorstStateOfAShard) {
  Coverage coverage;
  coverage.Add(Part("us", "main", PartState::kSkipped));
  coverage.Add(Part("us", "main", PartState::kAnswered));
  ASSERT_EQ(coverage.parts().size(), 1u);
  EXPECT_EQ(coverage.parts()[0].state, PartState::kAnswered);
  coverage.Add(Part("us", "main", PartState::kFailed, "timeout"));
  coverage.Add(Part("us", "main", PartState::kAnswered));
  EXPECT_EQ(coverage.parts()[0].state, PartState::kFailed);
  EXPECT_EQ(coverage.parts()[0].reason, "timeout");
}

TEST(Coverage, KeepsTheReasonOfASkippedShard) {
  Coverage coverage;
  coverage.Add(Part("us", "main", PartState::kSkipped));
  coverage.Add(Part("us", "main", PartState::kSkipped, "breaker_open"));
  EXPECT_EQ(coverage.parts()[0].reason, "breaker_open");
}

TEST(Coverage, MergesTimeRangesOfAskedPartsOnly) {
  Coverage coverage, other;
  PartCoverage part = Part("us", "main", PartState::kSkipped);
  coverage.Add(part);
  part.state = PartState::kAnswered;
  part.min_t = 100;
  part.max_t = 200;
  other.Add(part);
  part.min_t = 50;
  part.max_t = 150;
  other.Add(part);
  coverage.Merge(other);
  EXPECT_EQ(coverage.parts()[0].min_t, 50);
  EXPECT_EQ(coverage.parts()[0].max_t, 200);
}

}  // namespace
}  // namespace synoptic::aggregator
