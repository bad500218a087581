// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/shard_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <map>

#include "base/rng.h"
#include "base/status.h"
#include "net/async/testing.h"
#include "net/async/timer.h"

// What shards answer with are lambdas that outlive all that asks them.
// NOLINTBEGIN(cppcoreguidelines-avoid-capturing-lambda-coroutines)
namespace synoptic::aggregator {
namespace {

using promql::Grid;
using promql::Labels;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kStart = 1'700'000'000'000;
constexpr int64_t kScrape = 15'000;

// Series `i` has samples every 15 s, with holes and an end; one is there for readers only once it
// is `late` old.
class Store {
 public:
  Store(const Clock& clock, int64_t late_ms) : clock_(clock), late_ms_(late_ms) {}

  static Labels Named(size_t i) {
    return Labels::From({{"__name__", "x"}, {"i", std::to_string(i)}});
  }

  bool Has(size_t i, int64_t t) const {
    const int64_t n = t / kScrape;
    const bool exists = t % kScrape == 0 && (n / 40 + static_cast<int64_t>(i)) % 5 != 0 &&
                        (n * 7 + static_cast<int64_t>(i)) % 11 != 0;
    return exists && t + late_ms_ <= clock_.WallMillis();
  }
  static double Value(size_t i, int64_t t) {
    return std::bit_cast<double>(std::bit_cast<uint64_t>(1.5 + static_cast<double>(i)) +
                                 static_cast<uint64_t>(t / 15'000 % 97));
  }

  RawAnswer Raw(const RawRequest& request) const {
    RawAnswer answer;
    for (size_t i = 0; i < 6; ++i) {
      promql::SampleColumns samples;
      const int64_t from = (request.min_t + kScrape - 1) / kScrape * kScrape;
      for (int64_t t = from; t <= request.max_t; t += kScrape) {
        if (Has(i, t)) samples.push_back(t, Value(i, t));
      }
      if (!samples.empty()) answer.series.push_back({Named(i), std::move(samples), {}});
    }
    answer.info.replica = "r";
    return answer;
  }

  // A plain selector with a lookback of a minute.
  StepAnswer Steps(const StepRequest& request) const {
    StepAnswer answer;
    for (size_t i = 0; i < 6; ++i) {
      promql::StepSeries series{Named(i), {}, {}};
      bool any = false;
      for (size_t k = 0; k < request.grid.size(); ++k) {
        double value = promql::Absent();
        const int64_t at = request.grid.at(k);
        for (int64_t t = at / kScrape * kScrape; t > at - 60'000; t -= kScrape) {
          if (!Has(i, t)) continue;
          value = Value(i, t);
          any = true;
          break;
        }
        series.values.push_back(value);
      }
      if (any) answer.series.push_back(std::move(series));
    }
    answer.info.replica = "r";
    return answer;
  }

 private:
  const Clock& clock_;
  const int64_t late_ms_;
};

using Bits = std::map<std::pair<std::string, int64_t>, uint64_t>;

Bits BitsOf(const StepAnswer& answer, const Grid& grid) {
  Bits out;
  for (const promql::StepSeries& one : answer.series) {
    EXPECT_EQ(one.values.size(), grid.size());
    for (size_t i = 0; i < one.values.size(); ++i) {
      if (promql::IsAbsent(one.values[i])) continue;
      out[{one.labels.ToString(), grid.at(i)}] = std::bit_cast<uint64_t>(one.values[i]);
    }
  }
  return out;
}
Bits BitsOf(const RawAnswer& answer, int64_t first, int64_t last) {
  Bits out;
  for (const promql::RawSeries& one : answer.series) {
    promql::SampleColumns samples;
    promql::HistogramColumns none;
    EXPECT_TRUE(promql::ReadSamples(one, first, last, samples, &none).ok());
    for (size_t i = 0; i < samples.size(); ++i) {
      out[{one.labels.ToString(), samples.t[i]}] = std::bit_cast<uint64_t>(samples.v[i]);
    }
  }
  return out;
}

class ShardCacheTest : public ::testing::Test {
 protected:
  ShardCacheTest() {
    loop.clock.AdvanceMillis(kStart - loop.clock.WallMillis());
    options.recent_ms = 20'000;
    options.least_shared_ms = 0;
    options.most_shared_ms = 0;
    options.sample_every_ms = 0;
    Restart(1 << 20);
  }
  void Restart(int64_t bytes) {
    memory = std::make_shared<MemoryTier>(bytes);
    tiers = std::make_shared<TierStack>(memory, lower);
    cache = std::make_shared<ShardCache>(ShardIdentity{"eu", "main", ""}, tiers, options,
                                         loop.clock, pool, loop.executor());
  }

  ShardCache::AskSteps AskSteps() {
    return [this](StepRequest request) { return AnswerSteps(std::move(request)); };
  }
  ShardCache::AskRaw AskRaw() {
    return [this](RawRequest request) { return AnswerRaw(std::move(request)); };
  }
  Task<StepAnswer> AnswerSteps(StepRequest request) {
    asked.push_back({request.grid.start, request.grid.end});
    if (delay > MonoDuration::zero()) CO_RETURN_IF_ERROR(co_await SleepFor(loop.clock, delay));
    CO_RETURN_IF_ERROR(fault);
    StepAnswer answer = store.Steps(request);
    answer.info.warnings = warnings;
    co_return answer;
  }
  Task<RawAnswer> AnswerRaw(RawRequest request) {
    asked.push_back({request.min_t, request.max_t});
    CO_RETURN_IF_ERROR(fault);
    co_return store.Raw(request);
  }

  static StepRequest Panel(int64_t first, int64_t last, int64_t step) {
    StepRequest request;
    request.text = "x";
    request.grid = {first, last, step};
    request.lookback_ms = 60'000;
    return request;
  }
  absl::StatusOr<StepAnswer> Ask(StepRequest request, MemoryBudget* budget = nullptr) {
    return loop.Run(cache->Steps(std::move(request), AskSteps(), Deadline::Infinite(), budget));
  }
  // Asks and holds the answer against one that no cache gave.
  void Check(const StepRequest& request) {
    const auto answer = Ask(request);
    ASSERT_TRUE(answer.ok()) << answer.status();
    ASSERT_EQ(BitsOf(*answer, request.grid), BitsOf(store.Steps(request), request.grid));
  }

  AsyncTest loop;
  ComputePool pool{1};
  Store store{loop.clock, 10'000};
  ShardCacheOptions options;
  std::shared_ptr<MemoryTier> memory;
  std::vector<std::shared_ptr<Tier>> lower;
  std::shared_ptr<TierStack> tiers;
  std::shared_ptr<ShardCache> cache;
  std::vector<Span> asked;
  std::vector<std::string> warnings;
  absl::Status fault = absl::OkStatus();
  MonoDuration delay{};
};

TEST_F(ShardCacheTest, ASettledPanelIsAskedForOnce) {
  const StepRequest panel = Panel(kStart - 600'000, kStart - 60'000, 15'000);
  Check(panel);
  asked.clear();
  Check(panel);
  EXPECT_THAT(asked, IsEmpty());
}

TEST_F(ShardCacheTest, ARefreshAsksForWhatIsNewOrMayStillChange) {
  Check(Panel(kStart - 600'000, kStart, 15'000));
  loop.clock.AdvanceMillis(15'000);
  asked.clear();
  Check(Panel(kStart - 585'000, kStart + 15'000, 15'000));
  // The edge was 20 s before the first question: the steps at and before -30 s are known.
  EXPECT_THAT(asked, ElementsAre(Span{kStart - 15'000, kStart + 15'000}));
}

TEST_F(ShardCacheTest, SaysWhereItsPartsCameFrom) {
  const StepRequest panel = Panel(kStart - 600'000, kStart - 60'000, 15'000);
  ASSERT_TRUE(Ask(panel).ok());
  EXPECT_THAT(Ask(panel)->info.notes, ElementsAre("cache: 1 from memory, 0 asked for"));
  EXPECT_THAT(Ask(Panel(kStart - 900'000, kStart - 60'000, 15'000))->info.notes,
              ElementsAre("cache: 1 from memory, 1 asked for"));
}

TEST_F(ShardCacheTest, StepsOfAnotherPhaseAreOtherSteps) {
  Check(Panel(kStart - 600'000, kStart - 60'000, 15'000));
  asked.clear();
  Check(Panel(kStart - 600'001, kStart - 60'001, 15'000));
  EXPECT_EQ(asked.size(), 1u);
}

TEST_F(ShardCacheTest, AnEarlierStartAsksForTheBeginningOnly) {
  Check(Panel(kStart - 600'000, kStart - 60'000, 15'000));
  asked.clear();
  Check(Panel(kStart - 900'000, kStart - 60'000, 15'000));
  EXPECT_THAT(asked, ElementsAre(Span{kStart - 900'000, kStart - 615'000}));
}

TEST_F(ShardCacheTest, WhatDiffersInAnyParameterIsAnotherQuestion) {
  const StepRequest panel = Panel(kStart - 600'000, kStart - 60'000, 15'000);
  StepRequest text = panel;
  text.text = "x + 0";
  StepRequest lookback = panel;
  lookback.lookback_ms = 60'001;
  StepRequest step = panel;
  step.grid.step = 20'000;
  Check(panel);
  for (const StepRequest& other : {text, lookback, step}) {
    asked.clear();
    ASSERT_TRUE(Ask(other).ok());
    EXPECT_EQ(asked.size(), 1u) << other.text;
  }
  const auto elsewhere = std::make_shared<ShardCache>(ShardIdentity{"us", "main", ""}, tiers,
                                                      options, loop.clock, pool, loop.executor());
  asked.clear();
  ASSERT_TRUE(loop.Run(elsewhere->Steps(panel, AskSteps(), Deadline::Infinite(), nullptr)).ok());
  EXPECT_EQ(asked.size(), 1u);
}

TEST_F(ShardCacheTest, ACoarserStepIsTakenFromTheFinerOneThatItIsAMultipleOf) {
  Check(Panel(kStart - 600'000, kStart - 60'000, 15'000));
  asked.clear();
  Check(Panel(kStart - 600'000, kStart - 60'000, 30'000));
  Check(Panel(kStart - 585'000, kStart - 60'000, 75'000));
  EXPECT_THAT(asked, IsEmpty());
  // What the finer one did not know is asked for, on both sides.
  Check(Panel(kStart - 1'200'000, kStart, 60'000));
  EXPECT_THAT(asked, ElementsAre(Span{kStart - 1'200'000, kStart - 660'000}, Span{kStart, kStart}));
}

TEST_F(ShardCacheTest, PointsThatTheFinerStepDoesNotHaveAreAskedFor) {
  Check(Panel(kStart - 600'000, kStart - 60'000, 15'000));
  for (const StepRequest& other : {Panel(kStart - 600'000, kStart - 60'000, 20'000),
                                   Panel(kStart - 599'000, kStart - 60'000, 30'000),
                                   Panel(kStart - 600'000, kStart - 60'000, 5'000)}) {
    asked.clear();
    Check(other);
    EXPECT_EQ(asked.size(), 1u) << other.grid.start << " by " << other.grid.step;
  }
}

TEST_F(ShardCacheTest, WhatIsAskedForWhileItIsPurgedIsNotKept) {
  const StepRequest panel = Panel(kStart - 600'000, kStart - 60'000, 15'000);
  delay = std::chrono::seconds(1);
  auto answer = loop.Start(cache->Steps(panel, AskSteps(), Deadline::Infinite(), nullptr));
  loop.Poll();
  ASSERT_EQ(asked.size(), 1u);
  ASSERT_TRUE(loop.Run(cache->Distrust(0, Deadline::Infinite())).ok());
  loop.clock.AdvanceMillis(1'000);
  loop.Settle();
  ASSERT_TRUE(answer->has_value());
  EXPECT_TRUE((*answer)->ok());
  EXPECT_EQ(memory->stats().fragments, 0);
}

TEST_F(ShardCacheTest, AFailureIsPassedOnAndNotKept) {
  const StepRequest panel = Panel(kStart - 600'000, kStart - 60'000, 15'000);
  fault = absl::UnavailableError("dark");
  EXPECT_EQ(Ask(panel).status(), fault);
  fault = absl::OkStatus();
  Check(panel);
  EXPECT_EQ(asked.size(), 2u);
}

TEST_F(ShardCacheTest, AnAnswerThatIsNotWholeIsNotKept) {
  const StepRequest panel = Panel(kStart - 600'000, kStart - 60'000, 15'000);
  warnings = {"a store could not be reached"};
  ASSERT_TRUE(Ask(panel).ok());
  EXPECT_EQ(memory->stats().fragments, 0);
  warnings = {"PromQL warning: bucket label \"le\" is missing"};
  ASSERT_TRUE(Ask(panel).ok());
  warnings.clear();
  asked.clear();
  const auto again = Ask(panel);
  ASSERT_TRUE(again.ok());
  EXPECT_THAT(asked, IsEmpty());
  EXPECT_THAT(again->info.warnings, ElementsAre("PromQL warning: bucket label \"le\" is missing"));
}

TEST_F(ShardCacheTest, ThatThereIsNothingServesOthersForAStepAtMost) {
  options.most_shared_ms = 15'000;
  Restart(1 << 20);
  const StepRequest panel = Panel(60'000, 600'000, 15'000);
  int nothing_asked = 0;
  const ShardCache::AskSteps nothing = [&](StepRequest) -> Task<StepAnswer> {
    ++nothing_asked;
    co_return StepAnswer();
  };
  for (int i = 0; i < 3; ++i) {
    const auto answer = loop.Run(cache->Steps(panel, nothing, Deadline::Infinite(), nullptr));
    ASSERT_TRUE(answer.ok());
    EXPECT_THAT(answer->series, IsEmpty());
  }
  EXPECT_EQ(nothing_asked, 1);
  loop.clock.AdvanceMillis(15'001);
  Check(panel);
  EXPECT_THAT(asked, ElementsAre(Span{panel.grid.start, panel.grid.end}));
}

TEST_F(ShardCacheTest, WhatChangedAfterAllIsNoticedAndDropped) {
  double value = 1;
  std::string replica = "r";
  const ShardCache::AskSteps constant = [&](StepRequest request) -> Task<StepAnswer> {
    asked.push_back({request.grid.start, request.grid.end});
    StepAnswer answer;
    answer.info.replica = replica;
    answer.series.push_back({Store::Named(0), std::vector<double>(request.grid.size(), value)});
    co_return answer;
  };
  const auto ask = [&] {
    asked.clear();
    const int64_t now = loop.clock.WallMillis();
    const auto answer = loop.Run(
        cache->Steps(Panel(now - 600'000, now, 15'000), constant, Deadline::Infinite(), nullptr));
    EXPECT_TRUE(answer.ok());
    return answer->series.at(0).values;
  };
  ask();
  loop.clock.AdvanceMillis(60'000);
  ask();
  const int64_t now = loop.clock.WallMillis();
  EXPECT_THAT(asked, ElementsAre(Span{now - 75'000 - 8 * 15'000, now})) << "the audit's turn";
  EXPECT_EQ(tiers->divergences(), 0);
  loop.clock.AdvanceMillis(60'000);
  value = 2;  // a replica that scrapes at other times: its word proves nothing
  replica = "another";
  EXPECT_THAT(ask(), ::testing::Contains(1.0));
  loop.clock.AdvanceMillis(60'000);
  EXPECT_THAT(ask(), ::testing::Contains(1.0)) << "some of it was said by the first";
  EXPECT_EQ(tiers->divergences(), 0);

  Restart(1 << 20);
  ask();
  loop.clock.AdvanceMillis(15'000);
  value = 3;  // somebody rewrites history, and it is not the audit's turn yet
  EXPECT_THAT(ask(), ::testing::Contains(2.0));
  loop.clock.AdvanceMillis(60'000);
  EXPECT_THAT(ask(), ::testing::Each(3.0));
  EXPECT_EQ(asked.size(), 2u) << "the audit, and everything anew";
  EXPECT_EQ(tiers->divergences(), 1);
}

// A shard whose history can be rewritten.
class RewrittenShard {
 public:
  ShardCache::AskSteps AskSteps() {
    return [this](StepRequest request) -> Task<StepAnswer> {
      asked.push_back({request.grid.start, request.grid.end});
      StepAnswer answer;
      answer.info.replica = "r";
      std::vector<double>& values = answer.series.emplace_back().values;
      answer.series[0].labels = Store::Named(0);
      for (size_t i = 0; i < request.grid.size(); ++i) {
        const int64_t t = request.grid.at(i);
        values.push_back(t >= rewritten.first && t <= rewritten.last ? wrong : 1.0 / 3);
      }
      co_return answer;
    };
  }

  double wrong = 2;
  Span rewritten{1, 0};
  std::vector<Span> asked;
};

TEST_F(ShardCacheTest, WhatWasRewrittenLongAgoIsFoundBySamples) {
  options.sample_every_ms = 60'000;
  Restart(1 << 20);
  RewrittenShard shard;
  const auto look = [&](const std::string& text) {
    const int64_t now = loop.clock.WallMillis();
    StepRequest panel = Panel(now - 3'600'000, now, 15'000);
    panel.text = text;
    const auto answer =
        loop.Run(cache->Steps(panel, shard.AskSteps(), Deadline::Infinite(), nullptr));
    EXPECT_TRUE(answer.ok());
    return answer->series.at(0).values;
  };
  look("x");
  look("y");
  // A tenth of the hour, long settled.
  shard.rewritten = {kStart - 1'800'000, kStart - 1'440'000};
  int minutes = 0;
  for (; tiers->divergences() == 0 && minutes < 40; ++minutes) {
    loop.clock.AdvanceMillis(60'000);
    shard.asked.clear();
    look("x");
    EXPECT_LE(shard.asked.size(), 3u);
  }
  EXPECT_LE(minutes, 20);
  EXPECT_THAT(look("x"), ::testing::Contains(2.0));
  EXPECT_THAT(look("y"), ::testing::Contains(2.0)) << "changed for all questions";
  EXPECT_GE(tiers->audits(), minutes);
}

TEST_F(ShardCacheTest, WhatAnotherOrderOfAdditionsMakesIsNoChange) {
  options.sample_every_ms = 60'000;
  Restart(1 << 20);
  RewrittenShard shard;
  shard.wrong = std::nextafter(1.0 / 3, 1.0);
  for (int minute = 0; minute < 10; ++minute) {
    const int64_t now = loop.clock.WallMillis();
    EXPECT_TRUE(loop.Run(cache->Steps(Panel(now - 600'000, now, 15'000), shard.AskSteps(),
                                      Deadline::Infinite(), nullptr))
                    .ok());
    shard.rewritten = {0, now};
    loop.clock.AdvanceMillis(60'000);
  }
  EXPECT_GT(tiers->audits(), 5);
  EXPECT_EQ(tiers->divergences(), 0);
}

TEST_F(ShardCacheTest, AShardThatBeganAnewIsAuditedAtOnceByEveryQuestion) {
  options.sample_every_ms = 3'600'000;
  Restart(1 << 20);
  RewrittenShard shard;
  const auto look = [&] {
    loop.clock.AdvanceMillis(15'000);
    const int64_t now = loop.clock.WallMillis();
    return loop
        .Run(cache->Steps(Panel(now - 600'000, now, 15'000), shard.AskSteps(), Deadline::Infinite(),
                          nullptr))
        ->series.at(0)
        .values;
  };
  look();
  look();
  EXPECT_EQ(tiers->audits(), 0);
  shard.rewritten = {0, kStart};  // its disk was lost
  cache->AuditSoon();
  EXPECT_THAT(look(), ::testing::Contains(2.0));
  EXPECT_EQ(tiers->divergences(), 1);
}

TEST_F(ShardCacheTest, AnAuditThatIsNotHeardSaysNothing) {
  options.sample_every_ms = 60'000;
  Restart(1 << 20);
  RewrittenShard shard;
  int left = 1'000;
  const ShardCache::AskSteps failing = [&](StepRequest request) -> Task<StepAnswer> {
    if (left-- <= 0) co_return absl::UnavailableError("gone");
    co_return co_await shard.AskSteps()(std::move(request));
  };
  const auto look = [&] {
    const int64_t now = loop.clock.WallMillis();
    return loop.Run(
        cache->Steps(Panel(now - 600'000, now, 15'000), failing, Deadline::Infinite(), nullptr));
  };
  EXPECT_TRUE(look().ok());
  loop.clock.AdvanceMillis(60'000);
  left = 1;  // what is new, but not the sample
  EXPECT_TRUE(look().ok());
  EXPECT_EQ(left, -1) << "it was asked";
}

TEST_F(ShardCacheTest, WhatIsDistrustedIsAskedForAgain) {
  const StepRequest panel = Panel(kStart - 3'600'000, kStart - 60'000, 15'000);
  Check(panel);
  EXPECT_TRUE(loop.Run(cache->Distrust(kStart, Deadline::Infinite())).ok());
  asked.clear();
  Check(panel);
  EXPECT_THAT(asked, IsEmpty()) << "none of it reaches there";
  EXPECT_TRUE(loop.Run(cache->Distrust(kStart - 60'000, Deadline::Infinite())).ok());
  Check(panel);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_GT(asked[0].first, panel.grid.start) << "older blocks stay";
  EXPECT_EQ(asked[0].last, panel.grid.end);
}

TEST_F(ShardCacheTest, WhatIsSettledIsKnownWithoutAsking) {
  const StepRequest panel = Panel(kStart - 600'000, kStart, 15'000);
  EXPECT_THAT(loop.Run(cache->KnownSteps(panel, Deadline::Infinite(), nullptr))->spans, IsEmpty());
  Check(panel);
  asked.clear();
  const auto known = loop.Run(cache->KnownSteps(panel, Deadline::Infinite(), nullptr));
  ASSERT_TRUE(known.ok());
  EXPECT_THAT(known->spans, ElementsAre(Span{kStart - 600'000, kStart - 30'000}));
  EXPECT_EQ(known->fetched_ms, kStart);
  EXPECT_THAT(asked, IsEmpty());
  for (const promql::StepSeries& one : known->answer.series) {
    ASSERT_EQ(one.values.size(), panel.grid.size());
    EXPECT_TRUE(promql::IsAbsent(one.values.back())) << "not settled";
  }
}

TEST_F(ShardCacheTest, QuestionsThatComeTogetherShareOneFlight) {
  options.most_shared_ms = 15'000;
  Restart(1 << 20);
  delay = std::chrono::milliseconds(500);
  const StepRequest panel = Panel(kStart - 600'000, kStart, 15'000);
  std::vector<std::shared_ptr<std::optional<absl::StatusOr<StepAnswer>>>> answers;
  for (int i = 0; i < 10; ++i) {
    answers.push_back(loop.Start(cache->Steps(panel, AskSteps(), Deadline::Infinite(), nullptr)));
  }
  loop.Settle();
  for (int i = 0; i < 20; ++i) {
    loop.clock.AdvanceMillis(50);
    loop.Settle();
  }
  EXPECT_EQ(asked.size(), 1u);
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer->has_value());
    ASSERT_TRUE((*answer)->ok());
    EXPECT_EQ(BitsOf(***answer, panel.grid), BitsOf(***answers[0], panel.grid));
  }
}

TEST_F(ShardCacheTest, WhatIsNewServesOthersForAStepButNeverARule) {
  options.most_shared_ms = 15'000;
  Restart(1 << 20);
  StepRequest panel = Panel(kStart - 600'000, kStart, 15'000);
  ASSERT_TRUE(Ask(panel).ok());
  loop.clock.AdvanceMillis(14'000);
  asked.clear();
  ASSERT_TRUE(Ask(panel).ok());
  EXPECT_THAT(asked, IsEmpty());
  panel.lane = Lane::kRules;
  Check(panel);
  EXPECT_EQ(asked.size(), 1u);
  panel.lane = Lane::kDashboards;
  loop.clock.AdvanceMillis(15'001);
  asked.clear();
  Check(panel);
  EXPECT_EQ(asked.size(), 1u);
}

TEST_F(ShardCacheTest, AFailingLeaderDoesNotFailTheOthers) {
  delay = std::chrono::milliseconds(500);
  fault = absl::UnavailableError("dark");
  const StepRequest panel = Panel(kStart - 600'000, kStart - 60'000, 15'000);
  auto leader = loop.Start(cache->Steps(panel, AskSteps(), Deadline::Infinite(), nullptr));
  loop.Poll();
  auto follower = loop.Start(cache->Steps(panel, AskSteps(), Deadline::Infinite(), nullptr));
  loop.Poll();
  loop.Advance(500);
  fault = absl::OkStatus();
  loop.AdvanceUntil(follower, 500, 60'000);
  ASSERT_TRUE(leader->has_value() && follower->has_value());
  EXPECT_FALSE((*leader)->ok());
  EXPECT_TRUE((*follower)->ok());
}

TEST_F(ShardCacheTest, ABudgetIsChargedForWhatTheAnswerHolds) {
  MemoryBudget budget("query memory", 0);
  const StepRequest panel = Panel(kStart - 600'000, kStart - 60'000, 15'000);
  ASSERT_TRUE(Ask(panel).ok());
  const auto answer = Ask(panel, &budget);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(budget.used(), answer->info.charged_bytes);
  EXPECT_GT(budget.used(), static_cast<int64_t>(answer->series.size() * panel.grid.size() * 8));
  MemoryBudget small("query memory", 100);
  EXPECT_EQ(Ask(panel, &small).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(small.used(), 0);
}

class AfterARestart : public ShardCacheTest {
 protected:
  AfterARestart() {
    options.most_shared_ms = 15'000;
    lower = {below};
    Restart(1 << 20);
    const auto first = Ask(panel);
    EXPECT_TRUE(first.ok());
    before = BitsOf(*first, panel.grid);
    for (const auto& [stream, tail] : memory->Numbered(kTailBlock)) {
      below->Put(stream, kTailBlock, tail);
    }
    asked.clear();
  }

  const StepRequest panel = Panel(kStart - 600'000, kStart, 15'000);
  std::shared_ptr<MemoryTier> below = std::make_shared<MemoryTier>(1 << 20);
  Bits before;
};

TEST_F(AfterARestart, TheTailServesForTheRestOfItsStep) {
  ASSERT_EQ(below->Numbered(kTailBlock).size(), 1u);
  loop.clock.AdvanceMillis(14'000);
  Restart(1 << 20);
  const auto again = Ask(panel);
  ASSERT_TRUE(again.ok());
  EXPECT_THAT(asked, IsEmpty());
  EXPECT_EQ(BitsOf(*again, panel.grid), before);
}

TEST_F(AfterARestart, ATailThatIsTooOldIsAskedForAnew) {
  loop.clock.AdvanceMillis(15'001);
  Restart(1 << 20);
  Check(panel);
  EXPECT_EQ(asked.size(), 1u);
}

TEST_F(AfterARestart, ARuleHasNothingOfTheTail) {
  Restart(1 << 20);
  StepRequest rule = panel;
  rule.lane = Lane::kRules;
  Check(rule);
  EXPECT_EQ(asked.size(), 1u);
}

TEST_F(AfterARestart, ATailOfATimeToComeIsNotBelieved) {
  const auto tails = below->Numbered(kTailBlock);
  ASSERT_EQ(tails.size(), 1u);
  const Fragment& tail = *tails[0].second;
  FragmentBuilder nothing(tail.first(), tail.last(), {"r", kStart + 3'600'000}, nullptr);
  below->Put(tails[0].first, kTailBlock, nothing.Build());
  Restart(1 << 20);
  Check(panel);
  EXPECT_EQ(asked.size(), 1u);
}

// Panels that slide, jump, zoom; data that come late; tiers too small to hold it all.
TEST_F(ShardCacheTest, IsNeverTellingAnythingElseThanTheShard) {
  for (const int64_t bytes : {int64_t{1} << 20, int64_t{30'000}, int64_t{3'000}}) {
    Restart(bytes);
    SeededRng rng(static_cast<uint64_t>(bytes));
    asked.clear();
    for (int round = 0; round < 600; ++round) {
      loop.clock.AdvanceMillis(static_cast<int64_t>(rng.Next() % 20'000));
      const int64_t now = loop.clock.WallMillis();
      const std::array<int64_t, 4> steps = {5'000, 15'000, 60'000, 7'001};
      const int64_t step = steps[rng.Next() % steps.size()];
      const int64_t end = (now - static_cast<int64_t>(rng.Next() % 3) * 600'000) / step * step +
                          static_cast<int64_t>(rng.Next() % 2) * 3;
      const int64_t start = end - step * static_cast<int64_t>(rng.Next() % 500);
      if (rng.Next() % 2 == 0) {
        const StepRequest panel = Panel(start, end + static_cast<int64_t>(rng.Next() % 3), step);
        ASSERT_NO_FATAL_FAILURE(Check(panel)) << "round " << round;
      } else {
        RawRequest request;
        request.min_t = start;
        request.max_t = end;
        const auto answer = loop.Run(cache->Raw(request, AskRaw(), Deadline::Infinite(), nullptr));
        ASSERT_TRUE(answer.ok());
        ASSERT_EQ(BitsOf(*answer, start, end), BitsOf(store.Raw(request), start, end))
            << "round " << round;
      }
      ASSERT_LE(memory->stats().bytes, bytes);
    }
    if (bytes == 1 << 20) EXPECT_GT(memory->stats().hits, 500);
  }
}

}  // namespace
}  // namespace synoptic::aggregator
// NOLINTEND(cppcoreguidelines-avoid-capturing-lambda-coroutines)
