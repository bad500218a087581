// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/notify/notifier.h"

#include <gtest/gtest.h>

#include "base/status.h"
#include "net/async/testing.h"
#include "net/async/timer.h"

namespace synoptic::alerting {
namespace {

// Counts what it accepts, or hangs until its deadline.
class FakeReceiver final : public Receiver {
 public:
  FakeReceiver(std::string name, const Clock& clock, bool hangs, int& accepted)
      : name_(std::move(name)), clock_(clock), hangs_(hangs), accepted_(accepted) {}
  const std::string& name() const override { return name_; }
  Task<> Send(std::vector<OutgoingAlert> alerts, Deadline deadline) override {
    if (hangs_) {
      CO_RETURN_IF_ERROR(co_await SleepUntil(clock_, deadline.at()));
      co_return absl::DeadlineExceededError("no answer");
    }
    accepted_ += static_cast<int>(alerts.size());
    co_return absl::OkStatus();
  }

 private:
  const std::string name_;
  const Clock& clock_;
  const bool hangs_;
  int& accepted_;
};

struct Fixture {
  AsyncTest loop;
  SeededRng rng{1};
  TaskGroup tasks;
  Notifier notifier{loop.executor(), tasks, loop.clock, rng};
  int old_accepted = 0;
  int accepted = 0;

  std::unique_ptr<Receiver> Make(std::string name, bool hangs, int& count) {
    return std::make_unique<FakeReceiver>(std::move(name), loop.clock, hangs, count);
  }
  void Set(std::unique_ptr<Receiver> a, std::unique_ptr<Receiver> b = nullptr) {
    std::vector<std::unique_ptr<Receiver>> receivers;
    receivers.push_back(std::move(a));
    if (b != nullptr) receivers.push_back(std::move(b));
    notifier.SetReceivers(std::move(receivers));
  }
  void Deliver() {
    OutgoingAlert alert;
    alert.labels = promql::Labels::From({{"alertname", "X"}});
    ASSERT_TRUE(loop.RunInVirtualTime(notifier.Deliver({alert}, {})).ok());
  }
};

TEST(Notifier, AReceiverThatHangsTakesNoTimeFromTheOthersAtTheEnd) {
  Fixture f;
  f.Set(f.Make("dark", true, f.accepted), f.Make("well", false, f.accepted));
  EXPECT_TRUE(f.loop.RunInVirtualTime(f.tasks.Stop(f.loop.clock, Deadline::Infinite())).ok());
  f.Deliver();
  const auto deadline = Deadline::After(f.loop.clock, std::chrono::seconds(5));
  EXPECT_FALSE(f.loop.RunInVirtualTime(f.notifier.Drain(deadline)).ok());
  EXPECT_EQ(f.accepted, 1);
}

// New credentials come with a new receiver of the same name.
TEST(Notifier, AReloadedReceiverTakesOverWhatWaits) {
  Fixture f;
  f.Set(f.Make("am", true, f.old_accepted));
  f.Deliver();
  f.Set(f.Make("am", false, f.accepted));
  for (int second = 0; second < 30; ++second) f.loop.Advance(1000);
  EXPECT_EQ(f.old_accepted, 0);
  EXPECT_EQ(f.accepted, 1);
}

}  // namespace
}  // namespace synoptic::alerting
