// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/notify/outbox.h"

#include <gtest/gtest.h>

#include "base/status.h"
#include "net/async/testing.h"

namespace synoptic::alerting {
namespace {

// Accepts, fails or faults as told; remembers what it accepted.
class FakeReceiver final : public Receiver {
 public:
  struct Log {
    std::vector<std::string> accepted;
    std::vector<int> attempts;
    int calls = 0;
    bool repetitions = true;
    size_t too_many = 1000;
    std::string retry_after;
    int failures_left = 0;
    std::string poison;  // value of label `a` that makes a batch faulty
  };
  explicit FakeReceiver(Log& log) : log_(log) {}
  const std::string& name() const override { return name_; }
  bool wants_repetitions() const override { return log_.repetitions; }
  Task<> Send(SendRequest request, Deadline) override {
    ++log_.calls;
    log_.attempts.push_back(request.attempt);
    if (request.alerts.size() > log_.too_many) {
      co_return absl::ResourceExhaustedError("HTTP 413");
    }
    if (log_.failures_left > 0) {
      --log_.failures_left;
      co_return WithRetryAfter(absl::UnavailableError("HTTP 503"), log_.retry_after);
    }
    for (const SharedAlert& alert : request.alerts) {
      if (!log_.poison.empty() && alert->labels.Get("a") == log_.poison) {
        co_return InvalidArgument("HTTP 400");
      }
    }
    for (const SharedAlert& alert : request.alerts) {
      log_.accepted.push_back(fmt::format("{}@{}", alert->labels.Get("a"), alert->ends_at_ms));
    }
    co_return absl::OkStatus();
  }

 private:
  Log& log_;
  const std::string name_ = "fake";
};

SharedAlert Alert(const std::string& a, int64_t ends_at = 0, bool transition = false) {
  auto alert = std::make_shared<OutgoingAlert>();
  alert->labels = promql::Labels::From({{"alertname", "X"}, {"a", a}});
  alert->ends_at_ms = ends_at;
  alert->transition = transition;
  return alert;
}

struct Fixture {
  AsyncTest loop;
  SeededRng rng{1};
  FakeReceiver::Log log;
  std::vector<std::string> problems;
  std::vector<std::string> done;
  int broken = 0;
  Outbox outbox{
      loop.executor(),
      std::make_unique<FakeReceiver>(log),
      loop.clock,
      rng,
      {},
      {.on_problem = [this](std::string_view,
                            std::string_view what) { problems.emplace_back(what); },
       .on_done = [this](const promql::Labels& l, bool) { done.emplace_back(l.Get("a")); },
       .on_broken = [this] { ++broken; }}};
};

TEST(Outbox, SendsInOrderOfArrivalAndForgetsWhatWasAccepted) {
  Fixture f;
  for (const char* a : {"c", "a", "b"}) f.outbox.Add(Alert(a));
  EXPECT_TRUE(f.loop.RunInVirtualTime(f.outbox.Drain(Deadline::Infinite())).ok());
  EXPECT_EQ(f.log.accepted, (std::vector<std::string>{"c@0", "a@0", "b@0"}));
  EXPECT_EQ(f.log.calls, 1);
  EXPECT_EQ(f.outbox.waiting(), 0u);
}

TEST(Outbox, NewerStateReplacesWhatWaits) {
  Fixture f;
  f.outbox.Add(Alert("a", 1));
  f.outbox.Add(Alert("a", 2));
  EXPECT_TRUE(f.loop.RunInVirtualTime(f.outbox.Drain(Deadline::Infinite())).ok());
  EXPECT_EQ(f.log.accepted, (std::vector<std::string>{"a@2"}));
}

TEST(Outbox, RetriesUntilTheReceiverReturns) {
  Fixture f;
  f.log.failures_left = 20;
  auto run = f.loop.Start(f.outbox.Run());
  f.outbox.Add(Alert("a"));
  for (int second = 0; second < 600 && f.log.accepted.empty(); ++second) f.loop.Advance(1000);
  EXPECT_EQ(f.log.accepted, (std::vector<std::string>{"a@0"}));
  EXPECT_EQ(f.outbox.stats().failed, 20);
  EXPECT_EQ(f.problems, (std::vector<std::string>{"HTTP 503"}));
}

TEST(Outbox, FindsThePoisonAlertAndDeliversTheOthers) {
  Fixture f;
  f.log.poison = "p";
  for (const char* a : {"a", "b", "p", "c", "d"}) f.outbox.Add(Alert(a));
  EXPECT_TRUE(f.loop.RunInVirtualTime(f.outbox.Drain(Deadline::Infinite())).ok());
  EXPECT_EQ(f.log.accepted, (std::vector<std::string>{"a@0", "b@0", "c@0", "d@0"}));
  EXPECT_EQ(f.outbox.stats().dropped, 1);
  ASSERT_EQ(f.problems.size(), 1u);
  EXPECT_EQ(f.problems[0], "refused {a=\"p\", alertname=\"X\"}: HTTP 400");
}

// One request for the batch, then one for each halving: the last two are told apart by elimination.
TEST(Outbox, FindsOnePoisonAlertOf64InSevenRequests) {
  for (const int poison : {0, 1, 31, 32, 63}) {
    Fixture f;
    f.log.poison = fmt::format("{}", poison);
    for (int i = 0; i < 64; ++i) f.outbox.Add(Alert(fmt::format("{}", i)));
    auto run = f.loop.Start(f.outbox.Run());
    while (f.outbox.stats().dropped == 0) f.loop.Advance(1);
    EXPECT_EQ(f.outbox.parked(), 1u);
    EXPECT_LE(f.log.calls, 8) << poison;  // the loop may have sent the rest by now
    EXPECT_EQ(f.log.accepted.size(), 63u);
  }
}

TEST(Outbox, WhatWasRefusedWaitsForANewState) {
  Fixture f;
  f.log.poison = "p";
  f.outbox.Add(Alert("p", 1, true));
  ASSERT_TRUE(f.loop.RunInVirtualTime(f.outbox.Drain(Deadline::Infinite())).ok());
  f.outbox.Add(Alert("p", 2));
  EXPECT_EQ(f.outbox.waiting(), 0u);
  f.log.poison.clear();
  f.outbox.Add(Alert("p", 3, true));
  ASSERT_TRUE(f.loop.RunInVirtualTime(f.outbox.Drain(Deadline::Infinite())).ok());
  EXPECT_EQ(f.log.accepted, (std::vector<std::string>{"p@3"}));
}

TEST(Outbox, HalvesWhatIsTooLargeAndLosesNothing) {
  Fixture f;
  f.log.too_many = 10;
  for (int i = 0; i < 200; ++i) f.outbox.Add(Alert(fmt::format("{}", i)));
  EXPECT_TRUE(f.loop.RunInVirtualTime(f.outbox.Drain(Deadline::Infinite())).ok());
  EXPECT_EQ(f.log.accepted.size(), 200u);
  EXPECT_EQ(f.outbox.stats().dropped, 0);
}

TEST(Outbox, WaitsAsLongAsItIsAskedTo) {
  Fixture f;
  f.log.failures_left = 1;
  f.log.retry_after = "30";
  auto run = f.loop.Start(f.outbox.Run());
  f.outbox.Add(Alert("a"));
  f.loop.Poll();
  f.loop.Advance(29'900);
  EXPECT_EQ(f.log.calls, 1);
  f.loop.Advance(200);
  EXPECT_EQ(f.log.calls, 2);
  EXPECT_EQ(f.log.attempts, (std::vector<int>{1, 2}));
}

TEST(Outbox, SaysOnceThatItIsBrokenAndIsWholeAgainAfterASuccess) {
  Fixture f;
  f.log.failures_left = 6;
  auto run = f.loop.Start(f.outbox.Run());
  f.outbox.Add(Alert("a"), true);
  for (int second = 0; second < 60 && !f.outbox.broken(); ++second) f.loop.Advance(1000);
  EXPECT_TRUE(f.outbox.broken());
  EXPECT_TRUE(f.done.empty());
  for (int second = 0; second < 60; ++second) f.loop.Advance(1000);
  EXPECT_FALSE(f.outbox.broken());
  EXPECT_EQ(f.broken, 1);
  EXPECT_EQ(f.done, (std::vector<std::string>{"a"}));
}

SharedAlert Begins(int64_t valid_for_ms, int64_t ends_at) {
  auto alert = std::make_shared<OutgoingAlert>(*Alert("a", ends_at, true));
  alert->valid_for_ms = valid_for_ms;
  alert->starts_at_ms = (ends_at - 1) / 2;  // 1 and 2 are of one time that it fires, 3 and 4, ...
  return alert;
}

TEST(Outbox, WhoHearsBeginningsAndEndsGetsTheBeginningBeforeTheEnd) {
  Fixture f;
  f.log.repetitions = false;
  f.outbox.Add(Begins(60'000, 1), true);
  f.outbox.Add(Begins(0, 2), true);
  EXPECT_TRUE(f.loop.RunInVirtualTime(f.outbox.Drain(Deadline::Infinite())).ok());
  EXPECT_EQ(f.log.accepted, (std::vector<std::string>{"a@1", "a@2"}));
  EXPECT_EQ(f.done.size(), 2u);
  // A newer beginning makes both of the old ones stale.
  f.outbox.Add(Begins(60'000, 3), true);
  f.outbox.Add(Begins(0, 4), true);
  f.outbox.Add(Begins(60'000, 5), true);
  EXPECT_TRUE(f.loop.RunInVirtualTime(f.outbox.Drain(Deadline::Infinite())).ok());
  EXPECT_EQ(f.log.accepted, (std::vector<std::string>{"a@1", "a@2", "a@5"}));
}

TEST(Outbox, OfAStateThatWasReplacedNothingStaysOnDisk) {
  Fixture f;
  f.outbox.Add(Begins(60'000, 1), true);
  f.outbox.Add(Begins(0, 2), true);
  EXPECT_EQ(f.done.size(), 1u);
  EXPECT_TRUE(f.loop.RunInVirtualTime(f.outbox.Drain(Deadline::Infinite())).ok());
  EXPECT_EQ(f.log.accepted, (std::vector<std::string>{"a@2"}));
  EXPECT_EQ(f.done.size(), 2u);
}

// A hundred thousand at once: no step may look at all of them.
TEST(Outbox, AStormIsSentInLinearTime) {
  Fixture f;
  for (int i = 0; i < 100'000; ++i) f.outbox.Add(Alert(fmt::format("{}", i)));
  EXPECT_TRUE(f.loop.RunInVirtualTime(f.outbox.Drain(Deadline::Infinite())).ok());
  EXPECT_EQ(f.log.accepted.size(), 100'000u);
  EXPECT_EQ(f.log.calls, 1563);
}

}  // namespace
}  // namespace synoptic::alerting
