// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "net/async/task_group.h"
#include "net/async/testing.h"
#include "net/async/timer.h"

namespace synoptic::aggregator {
namespace {

using std::chrono::seconds;

// Enters, writes its name down, stays a second.
Task<> Visit(Gate& gate, const Clock& clock, std::string name, std::string& log,
             Deadline deadline = Deadline::Infinite()) {
  CO_ASSIGN_OR_RETURN(const Gate::Place place, co_await gate.Enter(clock, deadline));
  log += name;
  co_return co_await SleepFor(clock, seconds(1));
}

TEST(Gate, LetsInFirstComeFirstServed) {
  Gate gate(2);  // outlives the coroutines that the loop holds
  std::string log;
  AsyncTest loop;
  auto a = loop.Start(Visit(gate, loop.clock, "a", log));
  auto b = loop.Start(Visit(gate, loop.clock, "b", log));
  auto c = loop.Start(Visit(gate, loop.clock, "c", log));
  auto d = loop.Start(Visit(gate, loop.clock, "d", log));
  loop.Poll();
  EXPECT_EQ(log, "ab");
  EXPECT_EQ(gate.waiting(), 2u);
  loop.Advance(1000);
  EXPECT_EQ(log, "abcd");
  loop.Advance(1000);
  EXPECT_TRUE(a->has_value() && b->has_value() && c->has_value() && d->has_value());
}

TEST(Gate, GivesUpAtTheDeadlineAndForgetsTheWaiter) {
  Gate gate(1);  // outlives the coroutines that the loop holds
  std::string log;
  AsyncTest loop;
  auto a = loop.Start(Visit(gate, loop.clock, "a", log));
  auto b = loop.Start(Visit(gate, loop.clock, "b", log,
                            Deadline::After(loop.clock, std::chrono::milliseconds(300))));
  auto c = loop.Start(Visit(gate, loop.clock, "c", log));
  loop.Poll();
  loop.Advance(300);
  ASSERT_TRUE(b->has_value());
  EXPECT_TRUE(absl::IsDeadlineExceeded(**b));
  EXPECT_EQ(gate.waiting(), 1u);
  loop.Advance(700);
  EXPECT_EQ(log, "ac");
}

TEST(Gate, SurvivesACancelledWaiter) {
  Gate gate(1);  // outlives the coroutines that the loop holds
  std::string log;
  AsyncTest loop;
  TaskGroup group;
  auto a = loop.Start(Visit(gate, loop.clock, "a", log));
  loop.Poll();
  const TaskHandle waiting =
      group.Spawn(loop.executor(), "waiter", Visit(gate, loop.clock, "b", log));
  loop.Poll();
  waiting.Cancel();
  loop.Poll();
  EXPECT_TRUE(waiting.done());
  EXPECT_EQ(gate.waiting(), 0u);
  auto c = loop.Start(Visit(gate, loop.clock, "c", log));
  loop.Advance(1000);
  EXPECT_EQ(log, "ac");
}

}  // namespace
}  // namespace synoptic::aggregator
