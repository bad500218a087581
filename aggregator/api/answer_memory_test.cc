// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/answer_memory.h"

#include <gtest/gtest.h>

#include "base/status.h"
#include "net/async/testing.h"
#include "net/async/timer.h"

namespace synoptic::aggregator {
namespace {

class AnswerMemoryTest : public ::testing::Test {
 protected:
  AnswerMemory::Make Make(std::string body, std::string coverage = "complete") {
    return [this, body = std::move(body), coverage = std::move(coverage)] {
      return MakeOne(body, coverage);
    };
  }
  Task<MadeAnswer> MakeOne(std::string body, std::string coverage) {
    ++made;
    if (delay > MonoDuration::zero()) CO_RETURN_IF_ERROR(co_await SleepFor(loop.clock, delay));
    CO_RETURN_IF_ERROR(fault);
    net::HttpResponse response;
    response.body = std::move(body);
    response.headers.Set("Synoptic-Coverage", std::move(coverage));
    co_return MadeAnswer{std::move(response), brief};
  }
  Keep For(std::string key) { return {std::move(key), std::chrono::seconds(15)}; }
  absl::StatusOr<net::HttpResponse> Ask(std::string key, std::string body,
                                        std::string coverage = "complete") {
    return loop.Run(memory.Answer(For(std::move(key)), Make(std::move(body), std::move(coverage)),
                                  Deadline::Infinite()));
  }

  AsyncTest loop;
  AnswerMemory memory{100'000, loop.clock};
  int made = 0;
  bool brief = false;
  MonoDuration delay{};
  absl::Status fault = absl::OkStatus();
};

TEST_F(AnswerMemoryTest, AnAnswerServesForItsTime) {
  EXPECT_EQ(Ask("k", "one")->plain(), "one");
  loop.clock.AdvanceMillis(14'999);
  const auto again = Ask("k", "two");
  EXPECT_EQ(again->plain(), "one");
  EXPECT_EQ(again->headers.Get("Synoptic-Coverage"), "complete");
  loop.clock.AdvanceMillis(1);
  EXPECT_EQ(Ask("k", "two")->plain(), "two");
  EXPECT_EQ(Ask("other", "three")->plain(), "three");
}

TEST_F(AnswerMemoryTest, WhatMaySoonBeOtherwiseServesForASecond) {
  brief = true;
  EXPECT_EQ(Ask("k", "nothing yet")->plain(), "nothing yet");
  loop.clock.AdvanceMillis(999);
  EXPECT_EQ(Ask("k", "something")->plain(), "nothing yet");
  loop.clock.AdvanceMillis(1);
  EXPECT_EQ(Ask("k", "something")->plain(), "something");
}

TEST_F(AnswerMemoryTest, WhatIsNotWholeIsNotKept) {
  EXPECT_EQ(Ask("dark", "history", "complete; stale=eu(43s)")->plain(), "history");
  EXPECT_EQ(Ask("dark", "live")->plain(), "live");
  made = 0;
  EXPECT_EQ(Ask("k", "part", "partial; missing=eu(timeout)")->plain(), "part");
  fault = absl::UnavailableError("dark");
  EXPECT_FALSE(Ask("k", "").ok());
  fault = absl::OkStatus();
  EXPECT_EQ(Ask("k", "whole")->plain(), "whole");
  EXPECT_EQ(made, 3);
}

TEST_F(AnswerMemoryTest, WithoutAKeyNothingIsKept) {
  Ask("", "one").IgnoreError();
  Ask("", "two").IgnoreError();
  EXPECT_EQ(made, 2);
  EXPECT_EQ(memory.stats().answers, 0);
}

TEST_F(AnswerMemoryTest, RequestsThatComeTogetherAreAnsweredOnce) {
  delay = std::chrono::milliseconds(100);
  std::vector<std::shared_ptr<std::optional<absl::StatusOr<net::HttpResponse>>>> answers;
  for (int i = 0; i < 500; ++i) {
    answers.push_back(loop.Start(memory.Answer(For("k"), Make("one"), Deadline::Infinite())));
  }
  loop.Poll();
  loop.Advance(100);
  EXPECT_EQ(made, 1);
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer->has_value());
    EXPECT_EQ((**answer)->shared, (**answers[0])->shared) << "one body for all";
  }
}

TEST_F(AnswerMemoryTest, AFailingLeaderLeavesTheQuestionToTheNext) {
  delay = std::chrono::milliseconds(100);
  fault = absl::UnavailableError("dark");
  auto leader = loop.Start(memory.Answer(For("k"), Make("one"), Deadline::Infinite()));
  loop.Poll();
  auto next = loop.Start(memory.Answer(For("k"), Make("two"), Deadline::Infinite()));
  auto third = loop.Start(memory.Answer(For("k"), Make("three"), Deadline::Infinite()));
  loop.Poll();
  loop.Advance(100);
  EXPECT_FALSE((*leader)->ok());
  fault = absl::OkStatus();
  loop.Advance(100);
  ASSERT_TRUE(next->has_value() && third->has_value());
  EXPECT_EQ((**next)->plain(), "two");
  EXPECT_EQ((**third)->plain(), "two");
  EXPECT_EQ(made, 2);
}

TEST_F(AnswerMemoryTest, SomebodyWhoWaitsLeavesAtTheirDeadline) {
  delay = std::chrono::seconds(10);
  auto leader = loop.Start(memory.Answer(For("k"), Make("one"), Deadline::Infinite()));
  loop.Poll();
  auto waits = loop.Start(memory.Answer(
      For("k"), Make("two"), Deadline::After(loop.clock, std::chrono::milliseconds(50))));
  loop.Poll();
  loop.Advance(50);
  ASSERT_TRUE(waits->has_value());
  EXPECT_EQ((*waits)->status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(leader->has_value());
}

TEST_F(AnswerMemoryTest, TheOldestGoesWhenThereIsNoRoom) {
  for (int i = 0; i < 50; ++i) Ask("k" + std::to_string(i), std::string(10'000, 'x')).IgnoreError();
  EXPECT_LE(memory.stats().bytes, 100'000);
  EXPECT_GT(memory.stats().answers, 3);
  made = 0;
  Ask("k49", "").IgnoreError();
  EXPECT_EQ(made, 0);
  Ask("k0", "").IgnoreError();
  EXPECT_EQ(made, 1);
  Ask("huge", std::string(90'000, 'x')).IgnoreError();
  EXPECT_GT(memory.stats().answers, 3) << "one answer pushed out the others";
  memory.Clear();
  EXPECT_EQ(memory.stats().bytes, 0);
}

}  // namespace
}  // namespace synoptic::aggregator
