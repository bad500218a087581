// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

using promql::Labels;
using promql::RawSeries;
using promql::StepSeries;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

StepSeries Steps(std::string region, std::string job, double value) {
  return {Labels::From({{"region", std::move(region)}, {"job", std::move(job)}}), {value}};
}

std::vector<std::string> Names(const std::vector<StepSeries>& series) {
  std::vector<std::string> out;
  for (const StepSeries& one : series) out.push_back(one.labels.ToString());
  return out;
}

TEST(MergeShards, InterleavesSortedParts) {
  std::vector<ShardPart<StepSeries>> parts(3);
  parts[0].series = {Steps("us", "a", 1), Steps("us", "c", 2)};
  parts[2].series = {Steps("eu", "a", 3), Steps("eu", "b", 4), Steps("eu", "c", 5)};
  const auto merged = MergeShards(std::move(parts));
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_THAT(Names(*merged), ElementsAre(R"({job="a", region="eu"})", R"({job="a", region="us"})",
                                          R"({job="b", region="eu"})", R"({job="c", region="eu"})",
                                          R"({job="c", region="us"})"));
  EXPECT_EQ((*merged)[1].values[0], 1);
}

TEST(MergeShards, KeepsEachSeriesWithItsValuesHoweverTheyAreSpread) {
  SeededRng rng(11);
  for (size_t round = 0; round < 200; ++round) {
    std::vector<ShardPart<StepSeries>> parts(1 + rng.Next() % 5);
    const size_t count = rng.Next() % 60;
    for (size_t i = 0; i < count; ++i) {
      const std::string job = std::to_string(1000 + i);
      parts[rng.Next() % parts.size()].series.push_back(Steps("r", job, static_cast<double>(i)));
    }
    const auto merged = MergeShards(std::move(parts));
    ASSERT_TRUE(merged.ok()) << merged.status();
    ASSERT_EQ(merged->size(), count);
    for (size_t i = 0; i < count; ++i) {
      EXPECT_EQ((*merged)[i].labels.Get("job"), std::to_string(1000 + i));
      EXPECT_THAT((*merged)[i].values, ElementsAre(static_cast<double>(i)));
    }
  }
}

TEST(MergeShards, NamesBothSourcesOfEqualSeries) {
  std::vector<ShardPart<RawSeries>> parts(2);
  parts[0].source = "region \"us\" shard \"a\"";
  parts[1].source = "region \"us\" shard \"b\"";
  const Labels labels = Labels::From({{"__name__", "up"}, {"region", "us"}});
  parts[0].series = {RawSeries{labels, {}}};
  parts[1].series = {RawSeries{labels, {}}};
  const auto merged = MergeShards(std::move(parts));
  ASSERT_EQ(merged.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(MessageOf(merged.status())),
              HasSubstr("series up{region=\"us\"} comes from region \"us\" shard \"a\" and again "
                        "from region \"us\" shard \"b\""));
}

TEST(MergeShards, RefusesASeriesThatOneShardSendsTwice) {
  std::vector<ShardPart<StepSeries>> parts(1);
  parts[0].series = {Steps("us", "a", 1), Steps("us", "a", 2)};
  EXPECT_FALSE(MergeShards(std::move(parts)).ok());
}

TEST(MergeNames, IsASortedUnion) {
  EXPECT_THAT(MergeNames({{"b", "c"}, {}, {"a", "c"}}), ElementsAre("a", "b", "c"));
}

}  // namespace
}  // namespace synoptic::aggregator
