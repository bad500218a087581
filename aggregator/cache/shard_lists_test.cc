// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/shard_lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/async/testing.h"
#include "net/async/timer.h"

// What shards answer with are lambdas that outlive all that asks them.
// NOLINTBEGIN(cppcoreguidelines-avoid-capturing-lambda-coroutines)
namespace synoptic::aggregator {
namespace {

using promql::Matcher;
using promql::MatchOp;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Names = ListOf<std::string>;
using Kind = ListQuestion::Kind;

constexpr int64_t kHour = 3'600'000;

class ShardListsTest : public ::testing::Test {
 protected:
  ShardListsTest() { lists = Door("eu"); }

  std::shared_ptr<ShardLists> Door(const std::string& region) {
    return std::make_shared<ShardLists>(ShardIdentity{region, "main", "f"}, memory, options,
                                        loop.clock, loop.context.get_executor());
  }

  // The last hour.
  ListQuestion Values(std::string name = "job") {
    ListQuestion question{Kind::kValues, "http://a", std::move(name), {}};
    question.request.max_t = loop.clock.WallMillis();
    question.request.min_t = question.request.max_t - kHour;
    return question;
  }

  // The shard's answer, or "!" and why there is none.
  std::vector<std::string> Get(const ListQuestion& question) { return GetOf(*lists, question); }
  std::vector<std::string> GetOf(ShardLists& door, const ListQuestion& question) {
    auto answer = loop.Run(
        door.Get<Names>(question, ask, reachable, background, Deadline::Infinite(), nullptr));
    if (!answer.ok()) return {"!", std::string(answer.status().message())};
    return answer->items;
  }
  // Lets what was begun in the background end.
  void Settle() { loop.Poll(); }

  AsyncTest loop;
  TaskGroup background;
  ListOptions options;
  std::shared_ptr<ListMemory> memory = std::make_shared<ListMemory>(1 << 20);
  std::shared_ptr<ShardLists> lists;
  // What the shard says now.
  Names now{{"api", "db"}, {}};
  absl::Status fault = absl::OkStatus();
  MonoDuration delay{};
  int asked = 0;
  bool reachable = true;
  ShardLists::Ask<Names> ask = [this](Deadline, MemoryBudget*) -> Task<Names> {
    ++asked;
    if (delay > MonoDuration::zero()) {
      const absl::Status slept = co_await SleepFor(loop.clock, delay);
      if (!slept.ok()) co_return slept;
    }
    if (!fault.ok()) co_return fault;
    co_return now;
  };
};

TEST_F(ShardListsTest, WhatWasAnsweredAMomentAgoIsNotAskedAgain) {
  EXPECT_THAT(Get(Values()), ElementsAre("api", "db"));
  now.items = {"web"};
  loop.clock.AdvanceMillis(options.fresh_ms - 1);
  EXPECT_THAT(Get(Values()), ElementsAre("api", "db"));
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(memory->stats().hits, 1);
  EXPECT_EQ(memory->stats().stale, 0);
}

TEST_F(ShardListsTest, WhatIsOlderIsShownWhileItIsAskedForAnew) {
  Get(Values());
  now.items = {"web"};
  loop.clock.AdvanceMillis(options.fresh_ms);
  EXPECT_THAT(Get(Values()), ElementsAre("api", "db"));
  Settle();
  EXPECT_EQ(asked, 2);
  EXPECT_THAT(Get(Values()), ElementsAre("web"));
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(memory->stats().stale, 1);
}

TEST_F(ShardListsTest, WhatIsOldIsAskedForFirst) {
  Get(Values());
  now.items = {"web"};
  loop.clock.AdvanceMillis(options.stale_ms);
  EXPECT_THAT(Get(Values()), ElementsAre("web"));
  EXPECT_EQ(asked, 2);
}

TEST_F(ShardListsTest, ThatThereIsNothingServesForAMomentOnly) {
  now.items = {};
  EXPECT_THAT(Get(Values()), IsEmpty());
  now.items = {"web"};
  loop.clock.AdvanceMillis(options.nothing_ms - 1);
  EXPECT_THAT(Get(Values()), IsEmpty());
  loop.clock.AdvanceMillis(1);
  EXPECT_THAT(Get(Values()), ElementsAre("web")) << "nothing is not shown while it is asked for";
}

TEST_F(ShardListsTest, PartialAnswersAreNotKept) {
  now.info.warnings = {"a store is away"};
  Get(Values());
  Get(Values());
  EXPECT_EQ(asked, 2);
  now.info.warnings.clear();
  now.info.coverage = "partial; missing=us(down)";
  Get(Values());
  Get(Values());
  EXPECT_EQ(asked, 4);
  now.info.coverage.clear();
  now.info.warnings = {"results truncated due to limit"};
  Get(Values());
  Get(Values());
  EXPECT_EQ(asked, 5) << "cut off at the limit of its key";
}

TEST_F(ShardListsTest, AShardThatFailsIsNotRemembered) {
  Get(Values());
  fault = absl::UnavailableError("refused");
  loop.clock.AdvanceMillis(options.fresh_ms);
  Get(Values());  // old, and asked for anew: in vain
  Settle();
  EXPECT_THAT(Get(Values()), ElementsAre("!", "refused"));
  Get(Values("instance"));
  fault = absl::OkStatus();
  now.items = {"web"};
  EXPECT_THAT(Get(Values()), ElementsAre("web"));
}

TEST_F(ShardListsTest, AFailureForgetsTheShardsOtherListsAndNobodyElses) {
  const auto us = Door("us");
  Get(Values("job"));
  GetOf(*us, Values("job"));
  EXPECT_EQ(asked, 2);
  fault = absl::DeadlineExceededError("late");
  Get(Values("instance"));
  fault = absl::OkStatus();
  Get(Values("job"));
  EXPECT_EQ(asked, 4);
  GetOf(*us, Values("job"));
  EXPECT_EQ(asked, 4);
}

TEST_F(ShardListsTest, OfWhoCannotBeReachedNothingIsShown) {
  Get(Values());
  reachable = false;
  fault = absl::UnavailableError("breaker open");
  EXPECT_THAT(Get(Values()), ElementsAre("!", "breaker open"));
}

TEST_F(ShardListsTest, WhatIsForgottenWhileItIsAskedForIsNotKept) {
  delay = std::chrono::seconds(1);
  auto slot =
      loop.Start(lists->Get<Names>(Values(), ask, true, background, Deadline::Infinite(), nullptr));
  loop.Poll();
  ASSERT_EQ(asked, 1);
  lists->Forget();
  loop.Advance(1'000);
  ASSERT_TRUE(slot->has_value());
  EXPECT_EQ(memory->stats().lists, 0);
}

TEST_F(ShardListsTest, WhoAsksAfterAllWasForgottenDoesNotGetWhatWasAskedBefore) {
  for (const bool purged : {false, true}) {
    delay = std::chrono::seconds(1);
    now.items = {"old"};
    auto before = loop.Start(
        lists->Get<Names>(Values(), ask, true, background, Deadline::Infinite(), nullptr));
    loop.Poll();
    purged ? void(memory->Purge("")) : lists->Forget();
    auto after = loop.Start(
        lists->Get<Names>(Values(), ask, true, background, Deadline::Infinite(), nullptr));
    loop.Advance(1'000);
    ASSERT_TRUE(before->has_value());
    EXPECT_THAT((**before)->items, ElementsAre("old"));
    now.items = {"new"};
    loop.Advance(1'000);
    ASSERT_TRUE(after->has_value()) << purged;
    EXPECT_THAT((**after)->items, ElementsAre("new")) << purged;
    memory->Purge("");
  }
}

TEST_F(ShardListsTest, OneShardThatIsAwayCostsNoOtherItsLists) {
  const auto us = Door("us");
  delay = std::chrono::seconds(1);
  auto slot =
      loop.Start(lists->Get<Names>(Values(), ask, true, background, Deadline::Infinite(), nullptr));
  loop.Poll();
  us->Forget();
  loop.Advance(1'000);
  ASSERT_TRUE(slot->has_value());
  EXPECT_EQ(memory->stats().lists, 1);
}

TEST_F(ShardListsTest, WhoComesBackIsAskedAnew) {
  Get(Values());
  reachable = false;
  fault = absl::UnavailableError("breaker open");
  Get(Values("instance"));
  reachable = true;
  fault = absl::OkStatus();
  now.items = {"web"};
  EXPECT_THAT(Get(Values()), ElementsAre("web"));
}

TEST_F(ShardListsTest, ARefusalForgetsWhatWasRefusedAndNothingElse) {
  Get(Values("job"));
  Get(Values("instance"));
  fault = absl::PermissionDeniedError("HTTP 403");
  loop.clock.AdvanceMillis(options.fresh_ms);
  Get(Values("job"));  // old, and asked for anew: in vain
  Settle();
  EXPECT_THAT(Get(Values("job")), ElementsAre("!", "HTTP 403"));
  EXPECT_THAT(Get(Values("instance")), ElementsAre("api", "db"));
}

TEST_F(ShardListsTest, ACallerWithLittleTimeForgetsNothing) {
  Get(Values("job"));
  delay = std::chrono::milliseconds(2);
  fault = absl::DeadlineExceededError("no answer before the deadline");
  auto slot = loop.Start(
      lists->Get<Names>(Values("instance"), ask, true, background,
                        Deadline::After(loop.clock, std::chrono::milliseconds(1)), nullptr));
  loop.Poll();
  loop.Advance(2);
  ASSERT_TRUE(slot->has_value());
  EXPECT_FALSE((*slot)->ok());
  EXPECT_EQ(memory->stats().lists, 1);
}

TEST_F(ShardListsTest, ThoseWhoAskAtOnceShareOneAsking) {
  delay = std::chrono::seconds(1);
  auto first =
      loop.Start(lists->Get<Names>(Values(), ask, true, background, Deadline::Infinite(), nullptr));
  auto second =
      loop.Start(lists->Get<Names>(Values(), ask, true, background, Deadline::Infinite(), nullptr));
  loop.Poll();
  loop.Advance(1'000);
  ASSERT_TRUE(first->has_value() && second->has_value());
  EXPECT_EQ(asked, 1);
  EXPECT_THAT((**second)->items, ElementsAre("api", "db"));
}

TEST_F(ShardListsTest, AFailingLeaderDoesNotFailThoseWhoWait) {
  delay = std::chrono::seconds(1);
  fault = absl::UnavailableError("refused");
  auto first =
      loop.Start(lists->Get<Names>(Values(), ask, true, background, Deadline::Infinite(), nullptr));
  auto second =
      loop.Start(lists->Get<Names>(Values(), ask, true, background, Deadline::Infinite(), nullptr));
  loop.Poll();
  loop.Advance(1'000);
  ASSERT_TRUE(first->has_value());
  EXPECT_FALSE((*first)->ok());
  EXPECT_FALSE(second->has_value());
  fault = absl::OkStatus();
  loop.Advance(1'000);
  ASSERT_TRUE(second->has_value());
  EXPECT_TRUE((*second)->ok());
}

TEST_F(ShardListsTest, ACopyIsChargedToWhoGetsIt) {
  Get(Values());
  MemoryBudget small("query memory", 3);
  const auto refused =
      loop.Run(lists->Get<Names>(Values(), ask, true, background, Deadline::Infinite(), &small));
  EXPECT_TRUE(absl::IsResourceExhausted(refused.status()));
  MemoryBudget enough("query memory", 1'000);
  const auto answer =
      loop.Run(lists->Get<Names>(Values(), ask, true, background, Deadline::Infinite(), &enough));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->info.charged_bytes, enough.used());
  EXPECT_GT(enough.used(), 0);
}

// Every part of a question that changes its answer is in the key.
TEST(ListKey, TellsAllQuestionsApart) {
  constexpr int64_t kNow = 1'700'000'000'000;
  const ShardIdentity eu{"eu", "main", "f"};
  const LabelsRequest past{{}, kNow - 3 * kHour, kNow - kHour, 0, ""};
  const auto with = [&](auto change) {
    ListQuestion question{Kind::kValues, "http://a", "job", past};
    change(question);
    return ListKey(eu, question, kNow);
  };
  const Matcher a = *Matcher::Create(MatchOp::kEqual, "a", "1");
  const Matcher b = *Matcher::Create(MatchOp::kRegex, "b", "2|3");
  std::vector<std::string> keys = {
      with([](ListQuestion&) {}),
      with([](ListQuestion& q) { q.kind = Kind::kNames; }),
      with([](ListQuestion& q) { q.kind = Kind::kSeries; }),
      with([](ListQuestion& q) { q.kind = Kind::kDocument; }),
      with([](ListQuestion& q) { q.store = "http://b"; }),
      with([](ListQuestion& q) { q.what = "instance"; }),
      with([](ListQuestion& q) { q.request.via = "x"; }),
      with([](ListQuestion& q) { q.request.limit = 1; }),
      with([](ListQuestion& q) { ++q.request.min_t; }),
      with([](ListQuestion& q) { ++q.request.max_t; }),
      with([](ListQuestion& q) { q.request.min_t = 0; }),
      with([&](ListQuestion& q) { q.request.max_t = kNow; }),
      with([&](ListQuestion& q) { q.request.min_t = 0, q.request.max_t = kNow; }),
      with([&](ListQuestion& q) { q.request.max_t = kNow + kHour; }),
      with([&](ListQuestion& q) { q.request.selectors = {{a}}; }),
      with([&](ListQuestion& q) { q.request.selectors = {{b}}; }),
      with([&](ListQuestion& q) { q.request.selectors = {{a, b}}; }),
      with([&](ListQuestion& q) { q.request.selectors = {{a}, {b}}; }),
      ListKey({"us", "main", "f"}, {Kind::kValues, "http://a", "job", past}, kNow),
      ListKey({"eu", "b", "f"}, {Kind::kValues, "http://a", "job", past}, kNow),
      ListKey({"eu", "main", "g"}, {Kind::kValues, "http://a", "job", past}, kNow),
  };
  for (size_t i = 0; i < keys.size(); ++i) {
    for (size_t j = 0; j < i; ++j) EXPECT_NE(keys[i], keys[j]) << i << " and " << j;
  }
}

TEST(ListKey, OneQuestionHasOneKey) {
  constexpr int64_t kNow = 1'700'000'000'000;
  const ShardIdentity eu{"eu", "main", "f"};
  const Matcher a = *Matcher::Create(MatchOp::kEqual, "a", "1");
  const Matcher b = *Matcher::Create(MatchOp::kRegex, "b", "2|3");
  const auto key = [&](std::vector<std::vector<Matcher>> selectors, int64_t now, int64_t end) {
    return ListKey(eu, {Kind::kSeries, "", "", {std::move(selectors), end - kHour, end, 0, ""}},
                   now);
  };
  EXPECT_EQ(key({{a, b}}, kNow, kNow), key({{b, a}}, kNow, kNow));
  EXPECT_EQ(key({{a}, {b}, {a}}, kNow, kNow), key({{b}, {a}}, kNow, kNow));
  EXPECT_EQ(key({{a}}, kNow, kNow), key({{a}}, kNow + 30'000, kNow + 30'000))
      << "the last hour, a moment later";
  EXPECT_NE(key({{a}}, kNow, kNow - kHour), key({{a}}, kNow + 30'000, kNow + 30'000 - kHour));
}

TEST(ListMemory, KeepsWithinItsBytesWhatWasUsedLast) {
  ListMemory memory(8'000);
  const auto list = [] { return KeptList{std::make_shared<const Names>(), 0, false}; };
  for (const char* key : {"a", "b", "c"}) memory.Put(key, "eu", "main", list(), 1'500);
  EXPECT_TRUE(memory.Get("a"));
  memory.Put("d", "eu", "main", list(), 1'500);
  memory.Put("e", "eu", "main", list(), 1'500);
  EXPECT_TRUE(memory.Get("a"));
  EXPECT_FALSE(memory.Get("b"));
  EXPECT_LE(memory.stats().bytes, 8'000);
  EXPECT_GT(memory.stats().evictions, 0);
  memory.Put("large", "eu", "main", list(), 2'001);
  EXPECT_FALSE(memory.Get("large"));
  memory.Put("a", "eu", "main", list(), 2'001);
  EXPECT_FALSE(memory.Get("a")) << "what it was before is not what it is";
  EXPECT_EQ(memory.Drop("us", ""), 0);
  EXPECT_GT(memory.Drop("eu", "main"), 0);
  EXPECT_EQ(memory.stats().bytes, 0);
  EXPECT_EQ(memory.stats().lists, 0);
}

}  // namespace
}  // namespace synoptic::aggregator
// NOLINTEND(cppcoreguidelines-avoid-capturing-lambda-coroutines)
