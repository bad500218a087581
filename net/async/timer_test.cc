// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/async/timer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/status.h"
#include "net/async/event.h"
#include "net/async/testing.h"

namespace synoptic {
namespace {

TEST(Sleep, EndsWhenTheClockIsMovedThereAndNotBefore) {
  AsyncTest loop;
  auto done = loop.Start(SleepFor(loop.clock, std::chrono::seconds(5)));
  loop.Poll();
  EXPECT_FALSE(done->has_value());
  loop.Advance(4999);
  EXPECT_FALSE(done->has_value());
  loop.Advance(1);
  ASSERT_TRUE(done->has_value());
  EXPECT_TRUE((*done)->ok());
}

TEST(Sleep, WorksOnTheRealClockToo) {
  SystemClock clock;
  const MonoTime start = clock.Mono();
  EXPECT_TRUE(RunForTest(SleepFor(clock, std::chrono::milliseconds(5))).ok());
  EXPECT_GE(clock.Mono() - start, std::chrono::milliseconds(5));
}

TEST(Timer, FiresOnceAndNeverAfterCancel) {
  AsyncTest loop;
  int fired = 0;
  Timer timer(loop.executor(), loop.clock);
  timer.Start(loop.clock.Mono() + std::chrono::seconds(1), [&] { ++fired; });
  timer.Start(loop.clock.Mono() + std::chrono::seconds(2), [&] { fired += 10; });
  loop.Advance(1000);
  EXPECT_EQ(fired, 0) << "replaced by the second start";
  loop.Advance(1000);
  EXPECT_EQ(fired, 10);
  loop.Advance(5000);
  EXPECT_EQ(fired, 10);
  timer.Start(loop.clock.Mono() + std::chrono::seconds(1), [&] { ++fired; });
  loop.clock.AdvanceMillis(1000);  // due, but the loop has not run yet
  timer.Cancel();
  loop.Poll();
  EXPECT_EQ(fired, 10);
}

Task<std::vector<int64_t>> Ticks(const FakeClock& clock, PeriodicTimer& timer, int n) {
  std::vector<int64_t> at;
  const MonoTime start = clock.Mono();
  for (int i = 0; i < n; ++i) {
    auto missed = co_await timer.Next();
    if (!missed.ok()) co_return missed.status();
    at.push_back(
        std::chrono::duration_cast<std::chrono::milliseconds>(clock.Mono() - start).count());
  }
  co_return at;
}

TEST(PeriodicTimer, TicksOnAGrid) {
  AsyncTest loop;
  PeriodicTimer timer(loop.clock, std::chrono::seconds(1));
  auto at = loop.RunInVirtualTime(Ticks(loop.clock, timer, 3));
  ASSERT_TRUE(at.ok());
  EXPECT_THAT(*at, testing::ElementsAre(1000, 2000, 3000));
}

TEST(PeriodicTimer, JitterMovesTicksButNotTheGrid) {
  AsyncTest loop;
  SeededRng rng(7);
  PeriodicTimer timer(loop.clock, std::chrono::seconds(10), 0.2, &rng);
  auto at = loop.RunInVirtualTime(Ticks(loop.clock, timer, 20));
  ASSERT_TRUE(at.ok());
  int moved = 0;
  for (size_t i = 0; i < at->size(); ++i) {
    const int64_t grid = static_cast<int64_t>(i + 1) * 10'000;
    EXPECT_NEAR(static_cast<double>((*at)[i]), static_cast<double>(grid), 2001);
    if (std::abs((*at)[i] - grid) > 100) ++moved;
  }
  EXPECT_GT(moved, 10);
}

TEST(PeriodicTimer, SkipsMissedTicksAndCountsThem) {
  AsyncTest loop;
  PeriodicTimer timer(loop.clock, std::chrono::seconds(1));
  loop.clock.AdvanceMillis(3500);  // ticks 1, 2 and 3 are past; 3 is due now
  auto missed = loop.Start(timer.Next());
  loop.Poll();
  ASSERT_TRUE(missed->has_value());
  EXPECT_EQ((*missed)->value(), 2);
  auto next = loop.Start(timer.Next());
  loop.Poll();
  EXPECT_FALSE(next->has_value());
  loop.Advance(500);
  ASSERT_TRUE(next->has_value());
  EXPECT_EQ((*next)->value(), 0);
}

TEST(Event, WakesEveryWaiterAndAWaitWithADeadlineEndsAlone) {
  AsyncTest loop;
  Event event(loop.executor());
  auto a = loop.Start(event.Wait());
  auto b = loop.Start(event.WaitUntil(loop.clock, loop.clock.Mono() + std::chrono::seconds(1)));
  loop.Advance(1000);
  ASSERT_TRUE(b->has_value());
  EXPECT_TRUE(absl::IsDeadlineExceeded(**b));
  EXPECT_FALSE(a->has_value());
  event.Set();
  loop.Poll();
  ASSERT_TRUE(a->has_value());
  EXPECT_TRUE((*a)->ok());
}

}  // namespace
}  // namespace synoptic
