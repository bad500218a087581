// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/fragment_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/async/testing.h"

namespace synoptic::aggregator {
namespace {

using promql::Matcher;
using promql::MatchOp;

StepRequest Steps(std::string text) {
  StepRequest request;
  request.text = std::move(text);
  request.grid = {0, 59'000, 1'000};
  request.lookback_ms = 300'000;
  return request;
}

TEST(StreamKey, TellsAllQuestionsApart) {
  const ShardIdentity eu{"eu", "main", "f"};
  std::vector<std::string> keys = {
      StepsKey(eu, Steps("x"), 0),
      StepsKey(eu, Steps("y"), 0),
      StepsKey(eu, Steps("x"), 1),
      StepsKey({"eu", "mainf", ""}, Steps("x"), 0),
      StepsKey({"e", "umain", "f"}, Steps("x"), 0),
      StepsKey({"eu", "main", "g"}, Steps("x"), 0),
      SamplesKey(eu, RawRequest()),
  };
  StepRequest other = Steps("x");
  other.lookback_ms = 1;
  keys.push_back(StepsKey(eu, other, 0));
  other = Steps("x");
  other.grid.step = 2'000;
  keys.push_back(StepsKey(eu, other, 0));
  RawRequest raw;
  raw.matchers = {*Matcher::Create(MatchOp::kEqual, "a", "b")};
  keys.push_back(SamplesKey(eu, raw));
  raw.matchers = {*Matcher::Create(MatchOp::kNotEqual, "a", "b")};
  keys.push_back(SamplesKey(eu, raw));
  for (size_t i = 0; i < keys.size(); ++i) {
    for (size_t j = 0; j < i; ++j) EXPECT_NE(keys[i], keys[j]) << i << " and " << j;
  }
}

TEST(StreamKey, DoesNotDependOnTheOrderOfMatchers) {
  const ShardIdentity eu{"eu", "main", ""};
  RawRequest a;
  a.matchers = {*Matcher::Create(MatchOp::kEqual, "a", "1"),
                *Matcher::Create(MatchOp::kRegex, "b", "2|3")};
  RawRequest b;
  b.matchers = {a.matchers[1], a.matchers[0]};
  EXPECT_EQ(SamplesKey(eu, a), SamplesKey(eu, b));
  const std::string key = SamplesKey(eu, a);
  const StreamDescription what = DescribeStream(key);
  EXPECT_EQ(what.kind, StreamDescription::Kind::kSamples);
  EXPECT_EQ(what.region, "eu");
  EXPECT_EQ(what.shard, "main");
  EXPECT_EQ(what.expr, R"({a="1",b=~"2|3"})");
}

class FragmentCacheTest : public ::testing::Test {
 protected:
  // Every series of an answer is called what the text is.
  void Fill(const std::string& region, const std::string& text) {
    const ShardCache::AskSteps ask = [](StepRequest request) -> Task<StepAnswer> {
      StepAnswer answer;
      answer.series.push_back({promql::Labels::From({{"__name__", request.text}}),
                               std::vector<double>(request.grid.size(), 1.0),
                               {}});
      co_return answer;
    };
    doors.push_back(cache.Of({region, "main", ""}));
    EXPECT_TRUE(
        loop.Run(doors.back()->Steps(Steps(text), ask, Deadline::Infinite(), nullptr)).ok());
  }
  int64_t Drop(FragmentFilter filter) {
    return loop.Run(cache.Purge(std::move(filter), Deadline::Infinite())).value_or(-1);
  }
  int64_t Left() const { return cache.memory().fragments; }

  AsyncTest loop;
  ComputePool pool{1};
  FragmentCache cache{{}, loop.clock, pool, loop.executor()};
  std::vector<std::shared_ptr<ShardCache>> doors;
};

TEST_F(FragmentCacheTest, OneShardHasOneDoor) {
  const auto door = cache.Of({"eu", "main", "f"});
  EXPECT_EQ(cache.Of({"eu", "main", "f"}), door);
  EXPECT_NE(cache.Of({"eu", "main", "g"}), door);
}

TEST_F(FragmentCacheTest, TellsWhatEachRegionHas) {
  Fill("eu", "x");
  Fill("eu", "y");
  Fill("us", "x");
  const auto regions = cache.regions();
  ASSERT_EQ(regions.size(), 2u);
  EXPECT_EQ(regions[0].region, "eu");
  EXPECT_EQ(regions[0].fragments, 2);
  EXPECT_EQ(regions[0].samples, 120);
  EXPECT_EQ(regions[0].newest_ms, 59'000);
  EXPECT_EQ(regions[1].fragments, 1);
}

TEST_F(FragmentCacheTest, KeepsTailsThatMayStillServe) {
  const auto below = std::make_shared<MemoryTier>(1 << 20);
  FragmentCacheOptions options;
  FragmentCache kept(options, loop.clock, pool, loop.executor(), {below});
  const auto door = kept.Of({"eu", "main", ""});
  const auto show = [&](const std::string& text) {
    const ShardCache::AskSteps ask = [](StepRequest request) -> Task<StepAnswer> {
      StepAnswer answer;
      answer.series.push_back(
          {promql::Labels::From({{"a", "1"}}), std::vector<double>(request.grid.size(), 1.0), {}});
      co_return answer;
    };
    StepRequest request = Steps(text);
    const int64_t now = loop.clock.WallMillis() / 1000 * 1000;
    request.grid = {now - 600'000, now, 1000};
    EXPECT_TRUE(loop.Run(door->Steps(request, ask, Deadline::Infinite(), nullptr)).ok());
  };
  show("old");
  loop.clock.AdvanceMillis(options.shard.most_shared_ms + 1);
  show("fresh");
  EXPECT_EQ(below->Numbered(kTailBlock).size(), 0u);
  kept.KeepTails();
  const auto tails = below->Numbered(kTailBlock);
  ASSERT_EQ(tails.size(), 1u);
  EXPECT_EQ(DescribeStream(tails[0].first).expr, "fresh");
}

TEST_F(FragmentCacheTest, DropsByRegionTimeAndMatcher) {
  const auto fill = [&] {
    Drop({});
    Fill("eu", "x{a=\"1\"}");
    Fill("eu", "sum(rate(y{a=~\"1|2\"}[5m]))");
    Fill("us", "x + z");
    ASSERT_EQ(Left(), 3);
  };
  const auto drop = [&](FragmentFilter filter) {
    fill();
    return Drop(filter);
  };
  FragmentFilter filter;
  filter.region = "eu";
  EXPECT_EQ(drop(filter), 2);
  filter = {};
  filter.min_t = 59'001;
  EXPECT_EQ(drop(filter), 0);
  filter.min_t = 59'000;
  EXPECT_EQ(drop(filter), 3);
  filter = {};
  filter.max_t = -1;
  EXPECT_EQ(drop(filter), 0);
  filter = {};
  filter.matchers = {*Matcher::Create(MatchOp::kEqual, "__name__", "x")};
  EXPECT_EQ(drop(filter), 2);
  filter.matchers.push_back(*Matcher::Create(MatchOp::kEqual, "a", "2"));
  EXPECT_EQ(drop(filter), 1) << "x{a=\"1\"} cannot have such a series";
  filter.matchers = {*Matcher::Create(MatchOp::kRegex, "a", "3")};
  EXPECT_EQ(drop(filter), 2) << "a pattern is not taken apart, a value is";
}

}  // namespace
}  // namespace synoptic::aggregator
