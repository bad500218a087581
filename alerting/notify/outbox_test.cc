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
    int calls = 0;
    int failures_left = 0;
    std::string poison;  // value of label `a` that makes a batch faulty
  };
  explicit FakeReceiver(Log& log) : log_(log) {}
  const std::string& name() const override { return name_; }
  Task<> Send(std::vector<OutgoingAlert> alerts, Deadline) override {
    ++log_.calls;
    if (log_.failures_left > 0) {
      --log_.failures_left;
      co_return absl::UnavailableError("HTTP 503");
    }
    for (const OutgoingAlert& alert : alerts) {
      if (!log_.poison.empty() && alert.labels.Get("a") == log_.poison) {
        co_return InvalidArgument("HTTP 400");
      }
    }
    for (const OutgoingAlert& alert : alerts) {
      log_.accepted.push_back(fmt::format("{}@{}", alert.labels.Get("a"), alert.ends_at_ms));
    }
    co_return absl::OkStatus();
  }

 private:
  Log& log_;
  const std::string name_ = "fake";
};

OutgoingAlert Alert(const std::string& a, int64_t ends_at = 0) {
  OutgoingAlert alert;
  alert.labels = promql::Labels::From({{"alertname", "X"}, {"a", a}});
  alert.ends_at_ms = ends_at;
  return alert;
}

struct Fixture {
  AsyncTest loop;
  SeededRng rng{1};
  FakeReceiver::Log log;
  std::vector<std::string> problems;
  Outbox outbox{loop.executor(),
                std::make_unique<FakeReceiver>(log),
                loop.clock,
                rng,
                {},
                [this](std::string_view, std::string_view what) { problems.emplace_back(what); }};
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

}  // namespace
}  // namespace synoptic::alerting
