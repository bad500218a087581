// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/notify/turns.h"

#include <gtest/gtest.h>

#include <set>

#include "alerting/notify/outbox.h"
#include "base/status.h"
#include "net/async/testing.h"
#include "net/async/timer.h"

namespace synoptic::alerting {
namespace {

// A webhook that takes `delay_ms` for each alert; knows how many came at once.
class FakeHook final : public Receiver {
 public:
  struct Log {
    std::vector<std::string> accepted;  // as KeyOf
    std::set<std::string> under_way;    // labels
    size_t most_at_once = 0;
    bool pair_at_once = false;
    bool fails = false;
    int calls = 0;
    int64_t delay_ms = 0;
  };
  FakeHook(const Clock& clock, Log& log) : clock_(clock), log_(log) {}
  const std::string& name() const override { return name_; }
  size_t max_batch() const override { return 1; }
  size_t at_once() const override { return 8; }
  bool wants_repetitions() const override { return false; }
  std::string KeyOf(const OutgoingAlert& alert) const override {
    return fmt::format("{}{}", alert.labels.Get("a"), alert.firing() ? "" : " over");
  }
  Task<> Send(SendRequest request, Deadline) override {
    const OutgoingAlert& alert = *request.alerts.at(0);
    const std::string labels = alert.labels.ToString();
    ++log_.calls;
    log_.pair_at_once |= !log_.under_way.insert(labels).second;
    log_.most_at_once = std::max(log_.most_at_once, log_.under_way.size());
    const absl::Status slept = co_await SleepFor(clock_, std::chrono::milliseconds(log_.delay_ms));
    log_.under_way.erase(labels);
    CO_RETURN_IF_ERROR(slept);
    if (log_.fails) co_return absl::UnavailableError("HTTP 503");
    log_.accepted.push_back(KeyOf(alert));
    co_return absl::OkStatus();
  }

 private:
  const Clock& clock_;
  Log& log_;
  const std::string name_ = "hook";
};

class FakeTurns final : public Turns {
 public:
  MonoDuration Wait() const override { return wait; }
  bool DeliveredByOther(const std::string& key) const override { return others.contains(key); }
  void Delivered(std::string key) override { own.insert(std::move(key)); }
  MonoDuration wait = MonoDuration::zero();
  std::set<std::string> others;
  std::set<std::string> own;
};

SharedAlert Alert(const std::string& a, bool firing = true) {
  auto alert = std::make_shared<OutgoingAlert>();
  alert->labels = promql::Labels::From({{"alertname", "X"}, {"a", a}});
  alert->valid_for_ms = firing ? 60'000 : 0;
  alert->transition = true;
  return alert;
}

using Keys = std::vector<std::string>;

struct Fixture {
  AsyncTest loop;
  SeededRng rng{1};
  FakeHook::Log log;
  FakeTurns turns;
  int done = 0;
  Outbox outbox{
      loop.executor(),
      std::make_unique<FakeHook>(loop.clock, log),
      loop.clock,
      rng,
      {},
      {.on_problem = {}, .on_done = [this](const auto&, bool) { ++done; }, .on_broken = {}}};
  void Seconds(int count) {
    for (int i = 0; i < count * 10; ++i) loop.Advance(100);
  }
};

TEST(Singles, GoSeveralAtOnceAndTheEndAfterItsBeginning) {
  Fixture f;
  f.log.delay_ms = 100;
  for (int i = 0; i < 40; ++i) {
    f.outbox.Add(Alert(fmt::format("{}", i)), true);
    f.outbox.Add(Alert(fmt::format("{}", i), false), true);
  }
  auto run = f.loop.Start(f.outbox.Run());
  f.Seconds(3);  // one after the other it would take eight
  EXPECT_EQ(f.log.accepted.size(), 80u);
  EXPECT_EQ(f.log.most_at_once, 8u);
  EXPECT_FALSE(f.log.pair_at_once);
  const auto at = [&f](const std::string& key) {
    return std::find(f.log.accepted.begin(), f.log.accepted.end(), key);
  };
  for (int i = 0; i < 40; ++i) {
    EXPECT_LT(at(fmt::format("{}", i)), at(fmt::format("{} over", i))) << i;
  }
  EXPECT_EQ(f.done, 80);
  EXPECT_EQ(f.outbox.waiting(), 0u);
}

TEST(Singles, AReceiverThatFailsIsAskedOneAtATime) {
  Fixture f;
  f.log.fails = true;
  for (int i = 0; i < 20; ++i) f.outbox.Add(Alert(fmt::format("{}", i)), true);
  auto run = f.loop.Start(f.outbox.Run());
  f.loop.Poll();
  EXPECT_EQ(f.log.calls, 8);
  f.Seconds(60);
  EXPECT_LT(f.log.calls, 40);
  EXPECT_TRUE(f.outbox.broken());
  f.log.fails = false;
  f.Seconds(12);
  EXPECT_EQ(f.log.accepted.size(), 20u);
  EXPECT_EQ(f.done, 20);
}

TEST(Turns, WhoIsFirstSendsAtOnceAndTellsTheOthers) {
  Fixture f;
  f.outbox.SetTurns(&f.turns);
  f.outbox.Add(Alert("a"));
  auto run = f.loop.Start(f.outbox.Run());
  f.loop.Poll();
  EXPECT_EQ(f.log.accepted, Keys{"a"});
  EXPECT_EQ(f.turns.own, std::set<std::string>{"a"});
}

TEST(Turns, WhoIsNotFirstDropsWhatAnotherDeliveredAndNothingStaysOnDisk) {
  Fixture f;
  f.turns.wait = std::chrono::seconds(15);
  f.outbox.SetTurns(&f.turns);
  for (const char* a : {"a", "b", "c"}) f.outbox.Add(Alert(a), true);
  auto run = f.loop.Start(f.outbox.Run());
  f.Seconds(3);
  EXPECT_EQ(f.outbox.waiting(), 3u);
  EXPECT_EQ(f.outbox.OldestWaiting(), MonoDuration::zero());  // no reason to call it degraded
  f.turns.others = {"a", "c"};
  f.Seconds(3);
  EXPECT_EQ(f.outbox.waiting(), 2u);
  f.Seconds(12);
  EXPECT_EQ(f.log.accepted, Keys{"b"});
  EXPECT_EQ(f.outbox.waiting(), 0u);
  EXPECT_EQ(f.outbox.stats().by_others, 2);
  EXPECT_EQ(f.done, 3);
}

TEST(Turns, WhenThoseBeforeAreGoneItIsOurTurnAtOnce) {
  Fixture f;
  f.turns.wait = std::chrono::seconds(30);
  f.outbox.SetTurns(&f.turns);
  f.outbox.Add(Alert("a"));
  auto run = f.loop.Start(f.outbox.Run());
  f.Seconds(5);
  EXPECT_TRUE(f.log.accepted.empty());
  f.turns.wait = MonoDuration::zero();
  f.Seconds(1);
  EXPECT_EQ(f.log.accepted, Keys{"a"});
}

// It is on disk, and others are there to send it: a stop does not wait, and does not send it twice.
TEST(Turns, AStopLeavesWhatIsAnothersToSend) {
  Fixture f;
  f.turns.wait = std::chrono::seconds(15);
  f.outbox.SetTurns(&f.turns);
  f.outbox.Add(Alert("a"), true);
  EXPECT_TRUE(f.loop.RunInVirtualTime(f.outbox.Drain(Deadline::Infinite())).ok());
  EXPECT_TRUE(f.log.accepted.empty());
  EXPECT_EQ(f.outbox.waiting(), 1u);
  EXPECT_EQ(f.done, 0);
}

}  // namespace
}  // namespace synoptic::alerting
