// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/async/fan_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/status.h"
#include "net/async/compute_pool.h"
#include "net/async/testing.h"
#include "net/async/timer.h"

namespace synoptic {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Task<int> After(const Clock& clock, MonoDuration wait, absl::StatusOr<int> result) {
  CO_RETURN_IF_ERROR(co_await SleepFor(clock, wait));
  co_return result;
}

Task<int> Throwing(const Clock& clock) {
  CO_RETURN_IF_ERROR(co_await SleepFor(clock, seconds(1)));
  throw std::bad_alloc();
}

// Shows when its frame goes away.
Task<int> Guarded(const Clock& clock, std::shared_ptr<int> guard) {
  CO_RETURN_IF_ERROR(co_await SleepFor(clock, std::chrono::hours(1)));
  co_return *guard;
}

struct Fixture {
  AsyncTest loop;
  TaskGroup group;
  Deadline In(MonoDuration d) { return Deadline::After(loop.clock, d); }
};

Task<std::vector<absl::StatusOr<int>>> RunAll(Fixture& f, std::vector<Leg<int>> legs) {
  co_return co_await FanOut(f.group, f.loop.clock, std::move(legs));
}

template <class... L>
std::vector<Leg<int>> Legs(L... legs) {
  std::vector<Leg<int>> result;
  (result.push_back(std::move(legs)), ...);
  return result;
}

TEST(FanOut, ReturnsEveryLegInOrder) {
  Fixture f;
  const Clock& clock = f.loop.clock;
  auto results = f.loop.RunInVirtualTime(RunAll(
      f, Legs(Leg<int>{After(clock, seconds(3), 1), f.In(seconds(5))},
              Leg<int>{After(clock, seconds(1), absl::UnavailableError("reset")), f.In(seconds(5))},
              Leg<int>{Throwing(clock), f.In(seconds(5))},
              Leg<int>{After(clock, seconds(0), 4), f.In(seconds(5))})));
  ASSERT_TRUE(results.ok());
  ASSERT_EQ(results->size(), 4u);
  EXPECT_EQ((*results)[0].value(), 1);
  EXPECT_TRUE(absl::IsUnavailable((*results)[1].status()));
  EXPECT_TRUE(absl::IsResourceExhausted((*results)[2].status())) << (*results)[2].status();
  EXPECT_EQ((*results)[3].value(), 4);
  EXPECT_EQ(f.group.size(), 0u);
}

TEST(FanOut, NoLegsIsAnEmptyAnswer) {
  Fixture f;
  auto results = f.loop.RunInVirtualTime(RunAll(f, {}));
  ASSERT_TRUE(results.ok());
  EXPECT_TRUE(results->empty());
}

TEST(FanOut, EachLegHasItsOwnDeadlineAndOthersAreNotCut) {
  Fixture f;
  const Clock& clock = f.loop.clock;
  const MonoTime start = clock.Mono();
  auto results = f.loop.RunInVirtualTime(
      RunAll(f, Legs(Leg<int>{After(clock, seconds(10), 1), f.In(seconds(2))},
                     Leg<int>{After(clock, seconds(4), 2), f.In(seconds(5))})));
  ASSERT_TRUE(results.ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded((*results)[0].status()));
  EXPECT_EQ((*results)[1].value(), 2);
  EXPECT_EQ(clock.Mono() - start, seconds(4));
  EXPECT_EQ(f.group.size(), 0u) << "the cancelled leg has ended too";
}

TEST(FanOut, ReturnsAtTheDeadlineEvenWhenALegIgnoresCancellation) {
  Fixture f;
  ComputePool pool(1);
  std::promise<void> release;
  auto function = [gate = std::make_shared<std::future<void>>(release.get_future())] {
    gate->wait();
    return 7;
  };
  auto results = f.loop.Start(RunAll(f, Legs(Leg<int>{RunOn(pool, function), f.In(seconds(2))})));
  f.loop.Poll();
  EXPECT_FALSE(results->has_value());
  f.loop.Advance(2000);
  ASSERT_TRUE(results->has_value());
  EXPECT_TRUE(absl::IsDeadlineExceeded((**results)->at(0).status()));
  EXPECT_EQ(f.group.size(), 1u) << "the straggler belongs to the group";
  release.set_value();
  EXPECT_TRUE(f.loop.Run(f.group.Stop(f.loop.clock, f.In(seconds(1)))).ok());
  EXPECT_EQ(f.group.size(), 0u);
}

TEST(FanOut, CancellingTheCallerCancelsTheLegs) {
  Fixture f;
  auto guard = std::make_shared<int>(1);
  TaskGroup callers;
  auto handle =
      callers.Spawn(f.loop.executor(), "caller", [](Fixture& fx, std::shared_ptr<int> g) -> Task<> {
        auto legs = Legs(Leg<int>{Guarded(fx.loop.clock, std::move(g))});
        auto results = co_await FanOut(fx.group, fx.loop.clock, std::move(legs));
        co_return results[0].status();
      }(f, guard));
  f.loop.Poll();
  EXPECT_EQ(guard.use_count(), 2);
  handle.Cancel();
  f.loop.Poll();
  EXPECT_TRUE(handle.done());
  EXPECT_EQ(guard.use_count(), 1);
}

TEST(FanOut, AGroupThatStopsRefusesTheLegs) {
  Fixture f;
  ASSERT_TRUE(f.loop.Run(f.group.Stop(f.loop.clock, f.In(seconds(1)))).ok());
  auto results = f.loop.RunInVirtualTime(
      RunAll(f, Legs(Leg<int>{After(f.loop.clock, seconds(1), 1), f.In(seconds(2))})));
  ASSERT_TRUE(results.ok());
  EXPECT_TRUE(absl::IsCancelled((*results)[0].status()));
}

}  // namespace
}  // namespace synoptic
