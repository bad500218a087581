// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/notify/notifier.h"

#include <gtest/gtest.h>

#include "alerting/notify/outbox_record.h"
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
  Task<> Send(SendRequest request, Deadline deadline) override {
    if (hangs_) {
      CO_RETURN_IF_ERROR(co_await SleepUntil(clock_, deadline.at()));
      co_return absl::DeadlineExceededError("no answer");
    }
    accepted_ += static_cast<int>(request.alerts.size());
    co_return absl::OkStatus();
  }

 private:
  const std::string name_;
  const Clock& clock_;
  const bool hangs_;
  int& accepted_;
};

// Accepts after half a second.
class SlowReceiver final : public Receiver {
 public:
  SlowReceiver(const Clock& clock, int& accepted) : clock_(clock), accepted_(accepted) {}
  const std::string& name() const override { return name_; }
  Task<> Send(SendRequest request, Deadline) override {
    CO_RETURN_IF_ERROR(co_await SleepFor(clock_, std::chrono::milliseconds(500)));
    accepted_ += static_cast<int>(request.alerts.size());
    co_return absl::OkStatus();
  }

 private:
  const std::string name_ = "slow";
  const Clock& clock_;
  int& accepted_;
};

// A disk that is as fast, or as stuck, as told.
class FakeStore final : public StateStore {
 public:
  explicit FakeStore(const Clock& clock) : clock_(clock) {}
  void Write(Records records) override {
    for (Record& r : records) {
      if (r.body.empty()) {
        disk.erase({r.kind, r.key});
      } else {
        disk[{r.kind, r.key}] = r.body;
      }
    }
  }
  Task<> Flush(Deadline deadline) override {
    if (!stuck) co_return absl::OkStatus();
    CO_RETURN_IF_ERROR(co_await SleepUntil(clock_, deadline.at()));
    co_return absl::DeadlineExceededError("slow disk");
  }
  void SetSnapshot(Snapshot) override {}
  bool durable() const override { return true; }
  const std::string& problem() const override { return words_; }
  const std::string& damage() const override { return words_; }
  Records All() const {
    Records records;
    for (const auto& [key, body] : disk) records.push_back({key.first, key.second, body});
    return records;
  }

  std::map<std::pair<RecordKind, std::string>, std::string> disk;
  bool stuck = false;

 private:
  const Clock& clock_;
  const std::string words_;
};

struct Fixture {
  AsyncTest loop;
  SeededRng rng{1};
  TaskGroup tasks;
  FakeStore store{loop.clock};
  Notifier notifier{loop.executor(), tasks, loop.clock, rng};
  int old_accepted = 0;
  int accepted = 0;

  std::unique_ptr<Receiver> Make(std::string name, bool hangs, int& count) {
    return std::make_unique<FakeReceiver>(std::move(name), loop.clock, hangs, count);
  }
  void Set(std::unique_ptr<Receiver> a, std::unique_ptr<Receiver> b = nullptr, int standby = 0) {
    std::vector<Route> routes;
    routes.push_back({.receiver = std::move(a)});
    if (b != nullptr) routes.push_back({.receiver = std::move(b), .standby = standby});
    notifier.SetRoutes(std::move(routes));
  }
  static OutgoingAlert Alert(Tier tier = Tier::kGlobal) {
    OutgoingAlert alert;
    alert.labels = promql::Labels::From({{"alertname", "X"}});
    alert.tier = tier;
    alert.transition = true;
    return alert;
  }
  void Deliver(Tier tier = Tier::kGlobal) {
    ASSERT_TRUE(loop.RunInVirtualTime(notifier.Deliver({Alert(tier)}, {})).ok());
  }
  void Seconds(int count) {
    for (int second = 0; second < count; ++second) loop.Advance(1000);
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
  f.Seconds(30);
  EXPECT_EQ(f.old_accepted, 0);
  EXPECT_EQ(f.accepted, 1);
}

TEST(Notifier, WhatNobodyAcceptedIsSentByTheNextProcess) {
  FakeStore disk(AsyncTest().clock);
  {
    Fixture f;
    f.notifier.SetStore(&f.store, {});
    f.Set(f.Make("dark", true, f.accepted), f.Make("well", false, f.accepted));
    f.Deliver();
    f.Seconds(5);
    EXPECT_EQ(f.accepted, 1);
    EXPECT_EQ(f.store.disk.size(), 1u);  // what the one that hangs still lacks
    disk.disk = f.store.disk;
  }
  Fixture f;
  f.store.disk = disk.disk;
  f.notifier.SetStore(&f.store, f.store.All());
  f.Set(f.Make("dark", false, f.accepted), f.Make("well", false, f.old_accepted));
  f.loop.Poll();
  EXPECT_EQ(f.accepted, 1);
  EXPECT_EQ(f.old_accepted, 0);
  EXPECT_TRUE(f.store.disk.empty());
}

TEST(Notifier, ADiskThatIsStuckDelaysAPageByOneSecond) {
  Fixture f;
  f.notifier.SetStore(&f.store, {});
  f.Set(f.Make("am", false, f.accepted));
  f.store.stuck = true;
  auto delivered = f.loop.Start(f.notifier.Deliver({Fixture::Alert()}, {}));
  f.loop.Poll();
  f.loop.Advance(900);
  EXPECT_EQ(f.accepted, 0);
  f.loop.Advance(100);
  f.loop.Poll();
  EXPECT_EQ(f.accepted, 1);
}

// The two have one place on disk. Were it forgotten with the first, a crash now would lose the
// second, of which the rule's state says that it is on its way.
TEST(Notifier, AnAlertAcceptedWhileTheNextOfItGoesToDiskLeavesThatOnesRecord) {
  Fixture f;
  f.notifier.SetStore(&f.store, {});
  f.Set(std::make_unique<SlowReceiver>(f.loop.clock, f.accepted));
  f.Deliver();
  OutgoingAlert next = Fixture::Alert();
  next.starts_at_ms = 60'000;
  f.store.stuck = true;  // for a second
  auto delivered = f.loop.Start(f.notifier.Deliver({next}, {}));
  f.loop.Poll();
  f.loop.Advance(500);
  f.loop.Poll();
  ASSERT_EQ(f.accepted, 1);
  ASSERT_FALSE(delivered->has_value());
  ASSERT_EQ(f.store.disk.size(), 1u);
  EXPECT_EQ(ReadWaiting(f.store.All()[0])->second.starts_at_ms, 60'000);
  f.Seconds(2);
  EXPECT_EQ(f.accepted, 2);
  EXPECT_TRUE(f.store.disk.empty());
}

TEST(Notifier, WhatArrivesAfterItsEndIsLeftOnTheDiskForTheNextProcess) {
  Fixture f;
  auto notifier = std::make_unique<Notifier>(f.loop.executor(), f.tasks, f.loop.clock, f.rng);
  notifier->SetStore(&f.store, {});
  std::vector<Route> routes;
  routes.push_back({.receiver = f.Make("dark", true, f.accepted)});
  notifier->SetRoutes(std::move(routes));
  OutgoingAlert end = Fixture::Alert();
  end.valid_for_ms = 0;
  OutgoingAlert beginning = end;
  beginning.valid_for_ms = 60'000;
  ASSERT_TRUE(f.loop.RunInVirtualTime(notifier->Deliver({std::move(beginning)}, {})).ok());
  // The end, which takes the beginning's place in the queue, is on its way through the disk.
  f.store.stuck = true;
  f.tasks.Spawn(f.loop.executor(), "deliver", notifier->Deliver({std::move(end)}, {}));
  f.loop.Advance(1);
  ASSERT_EQ(f.store.disk.size(), 2U);
  notifier.reset();
  f.Seconds(3);
  EXPECT_EQ(f.store.disk.size(), 2U);
}

// A file that is made anew gets what is on its way to an outbox, too.
TEST(Notifier, WhatGoesToDiskIsPartOfASnapshot) {
  Fixture f;
  f.notifier.SetStore(&f.store, {});
  f.Set(f.Make("am", true, f.accepted));
  f.store.stuck = true;
  auto delivered = f.loop.Start(f.notifier.Deliver({Fixture::Alert()}, {}));
  f.loop.Poll();
  Records records;
  f.notifier.Snapshot(records);
  ASSERT_EQ(records.size(), 1u);
  f.loop.Advance(1000);
  f.loop.Poll();
  ASSERT_TRUE(delivered->has_value());
  records.clear();
  f.notifier.Snapshot(records);
  EXPECT_EQ(records.size(), 1u);
}

TEST(Notifier, TheOneThatStandsByIsToldOnlyWhileTheFirstIsBroken) {
  Fixture f;
  f.Set(f.Make("near", true, f.accepted), f.Make("far", false, f.old_accepted), 1);
  f.Deliver();
  f.Seconds(5);
  EXPECT_EQ(f.old_accepted, 0);
  f.Seconds(60);  // three attempts of ten seconds
  EXPECT_EQ(f.old_accepted, 1);
  f.Set(f.Make("near", false, f.accepted), f.Make("far", false, f.old_accepted), 1);
  f.Seconds(60);
  EXPECT_EQ(f.accepted, 1);
  f.Deliver();
  f.Seconds(5);
  EXPECT_EQ(f.accepted, 2);
  EXPECT_EQ(f.old_accepted, 1);
}

TEST(Notifier, ATierGoesWhereItsRouteLeads) {
  Fixture f;
  std::vector<Route> routes;
  routes.push_back({.receiver = f.Make("am", false, f.accepted), .tiers = {true, true, false}});
  routes.push_back(
      {.receiver = f.Make("global", false, f.old_accepted), .tiers = {false, false, true}});
  f.notifier.SetRoutes(std::move(routes));
  f.Deliver(Tier::kLocal);
  f.Deliver(Tier::kGlobal);
  f.loop.Poll();
  EXPECT_EQ(f.accepted, 1);
  EXPECT_EQ(f.old_accepted, 1);
}

TEST(Notifier, WhoIsIsolatedLeavesGlobalPagesToTheOthers) {
  Fixture f;
  f.notifier.SetIsolated(true);
  EXPECT_TRUE(f.notifier.Mutes(Tier::kGlobal));
  EXPECT_FALSE(f.notifier.Mutes(Tier::kRegional));
  f.notifier.SetIsolated(false);
  EXPECT_FALSE(f.notifier.Mutes(Tier::kGlobal));
}

// A webhook that is slow or refuses as told, and remembers what it accepted.
class Hook final : public Receiver {
 public:
  struct Log {
    std::vector<std::string> told;
    int64_t delay_ms = 0;
    double failing = 0;  // share of the requests
  };
  Hook(const Clock& clock, SeededRng& rng, Log& log) : clock_(clock), rng_(rng), log_(log) {}
  const std::string& name() const override { return name_; }
  size_t max_batch() const override { return 1; }
  size_t at_once() const override { return 8; }
  bool wants_repetitions() const override { return false; }
  static std::string TransitionOf(const OutgoingAlert& alert) {
    return fmt::format("{} {} {}", alert.labels.Get("id"), alert.starts_at_ms,
                       alert.firing() ? "begins" : "ends");
  }
  Task<> Send(SendRequest request, Deadline) override {
    const auto delay = std::chrono::milliseconds(log_.delay_ms);
    const bool fails = rng_.Uniform() < log_.failing;
    CO_RETURN_IF_ERROR(co_await SleepFor(clock_, delay));
    if (fails) co_return absl::UnavailableError("HTTP 503");
    log_.told.push_back(TransitionOf(*request.alerts.at(0)));
    co_return absl::OkStatus();
  }

 private:
  const std::string name_ = "hook";
  const Clock& clock_;
  SeededRng& rng_;
  Log& log_;
};

// Ten alerts that come and go, a receiver that is slow and fails, and a process that is killed
// every few seconds: whatever is not told in the end is old news, for its alert began anew after
// it.
TEST(Notifier, OverAnyCrashesATransitionIsToldUnlessItsAlertBeganAnew) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SeededRng rng(seed);
    Hook::Log log;
    std::map<std::pair<RecordKind, std::string>, std::string> disk;
    std::map<std::string, std::vector<std::string>> due;  // by alert, in order
    std::map<std::string, OutgoingAlert> alerts;
    int64_t wall_ms = 1'000'000;
    constexpr int kProcesses = 12;
    for (int process = 0; process < kProcesses; ++process) {
      Fixture f;
      f.store.disk = disk;
      const bool last = process == kProcesses - 1;
      log.delay_ms = last ? 1 : static_cast<int64_t>(rng.Uniform() * 1500);
      log.failing = last ? 0 : rng.Uniform() * 0.5;
      f.notifier.SetStore(&f.store, f.store.All());
      f.Set(std::make_unique<Hook>(f.loop.clock, rng, log));
      f.loop.Poll();
      std::vector<std::shared_ptr<std::optional<absl::Status>>> delivering;
      for (int step = 0; step < (last ? 0 : 30); ++step) {
        const std::string id = std::to_string(static_cast<int>(rng.Uniform() * 10));
        OutgoingAlert& alert = alerts[id];
        wall_ms += 1000;
        const bool begins = !alert.firing();
        alert.labels = promql::Labels::From({{"alertname", "X"}, {"id", id}});
        if (begins) alert.starts_at_ms = wall_ms;
        alert.valid_for_ms = begins ? 60'000 : 0;
        alert.ends_at_ms = wall_ms;
        alert.transition = true;
        due[id].push_back(Hook::TransitionOf(alert));
        f.store.stuck = rng.Uniform() < 0.3;  // then it takes a second until it is in the outbox
        delivering.push_back(f.loop.Start(f.notifier.Deliver({alert}, {})));
        f.loop.Poll();
        f.loop.Advance(static_cast<int64_t>(rng.Uniform() * 700));
        f.loop.Poll();
      }
      if (last) f.Seconds(300);
      disk = f.store.disk;  // the process ends here; what it still tells, nobody writes down
      f.Seconds(2);
    }
    EXPECT_TRUE(disk.empty()) << seed;
    for (const auto& [id, transitions] : due) {
      for (size_t i = 0; i < transitions.size(); ++i) {
        const bool told =
            std::find(log.told.begin(), log.told.end(), transitions[i]) != log.told.end();
        const bool began_anew = i + 2 < transitions.size() ||
                                (i + 1 < transitions.size() && transitions[i].ends_with("ends"));
        EXPECT_TRUE(told || began_anew) << seed << ": " << transitions[i];
      }
    }
  }
}

}  // namespace
}  // namespace synoptic::alerting
