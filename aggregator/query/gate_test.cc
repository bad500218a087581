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
             Deadline deadline = Deadline::Infinite(), Lane lane = Lane::kDashboards) {
  CO_ASSIGN_OR_RETURN(const Gate::Place place, co_await gate.Enter(clock, deadline, lane));
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

// Starts visits of these lanes in this order: r(ules), m(etadata), d(ashboards), p(reports).
std::string OrderOfVisits(int places, std::string_view lanes) {
  Gate gate(places);  // outlives the coroutines that the loop holds
  std::string log;
  AsyncTest loop;
  for (const char c : lanes) {
    const Lane lane = c == 'r'   ? Lane::kRules
                      : c == 'm' ? Lane::kMetadata
                      : c == 'd' ? Lane::kDashboards
                                 : Lane::kReports;
    loop.Start(Visit(gate, loop.clock, std::string(1, c), log, Deadline::Infinite(), lane));
  }
  loop.Poll();
  while (gate.waiting() > 0) {
    log += " ";
    loop.Advance(1000);
  }
  loop.Advance(1000);
  return log;
}

TEST(Gate, KeepsPlacesForRulesThatNobodyElseTakes) {
  EXPECT_EQ(OrderOfVisits(2, "dddd"), "dd dd");
  EXPECT_EQ(OrderOfVisits(2, "dddr"), "ddr d");
  EXPECT_EQ(OrderOfVisits(8, "ddddddddddrrr"), "ddddddddrr rdd") << "two are theirs; then first";
}

TEST(Gate, RulesGoFirstAndMayTakeEveryPlace) { EXPECT_EQ(OrderOfVisits(1, "ddrrr"), "dr rr d"); }

TEST(Gate, LanesTakeTurnsByWeight) {
  EXPECT_EQ(OrderOfVisits(1, "ddddddddpp"), "d d p d d d d p d d");
  EXPECT_EQ(OrderOfVisits(1, "ppppddd"), "p d p d d p p")
      << "behind a busy lane none waits for ever";
  EXPECT_EQ(OrderOfVisits(1, "ddddmmmm"), "d m d m d m d m");
}

}  // namespace
}  // namespace synoptic::aggregator
