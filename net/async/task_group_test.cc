// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/async/task_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/status.h"
#include "net/async/compute_pool.h"
#include "net/async/runtime.h"
#include "net/async/testing.h"
#include "net/async/timer.h"

namespace synoptic {
namespace {

using std::chrono::seconds;

Task<> Fails() { co_return absl::DataLossError("disk full"); }

// Works in short steps for ever, swallowing errors as careless code does.
Task<> Loops(const Clock& clock, std::shared_ptr<int> guard) {
  while (true) {
    CO_RETURN_IF_ERROR(co_await SleepFor(clock, seconds(1)));
    ++*guard;
  }
}

TEST(TaskGroup, StopCancelsWaitsAndRefusesNewTasks) {
  AsyncTest loop;
  TaskGroup group;
  auto guard = std::make_shared<int>(0);
  group.Spawn(loop.executor(), "loop", Loops(loop.clock, guard));
  group.Spawn(loop.executor(), "loop", Loops(loop.clock, guard));
  loop.Poll();
  loop.Advance(1000);
  EXPECT_EQ(*guard, 2);
  EXPECT_EQ(group.size(), 2u);
  EXPECT_TRUE(loop.Run(group.Stop(loop.clock, Deadline::After(loop.clock, seconds(1)))).ok());
  EXPECT_EQ(guard.use_count(), 1);
  EXPECT_FALSE(group.Spawn(loop.executor(), "late", Fails()));
}

TEST(TaskGroup, StopNamesWhatDidNotEnd) {
  AsyncTest loop;
  TaskGroup group;
  ComputePool pool(1);
  std::promise<void> release;
  group.Spawn(loop.executor(), "stubborn",
              RunOn(pool, [f = release.get_future().share()] { f.wait(); }));
  loop.Poll();
  auto stopped = loop.Start(group.Stop(loop.clock, Deadline::After(loop.clock, seconds(3))));
  for (int i = 0; i < 40 && !stopped->has_value(); ++i) loop.Advance(100);
  ASSERT_TRUE(stopped->has_value());
  EXPECT_EQ(MessageOf(**stopped), "1 tasks did not stop in time: stubborn");
  release.set_value();
  EXPECT_TRUE(loop.Run(group.Stop(loop.clock, Deadline::After(loop.clock, seconds(3)))).ok());
}

TEST(TaskGroup, ReportsErrorsButNotCancellation) {
  AsyncTest loop;
  std::vector<std::string> errors;
  TaskGroup group([&](std::string_view name, const absl::Status& status) {
    errors.push_back(std::string(name) + ": " + std::string(MessageOf(status)));
  });
  group.Spawn(loop.executor(), "writer", Fails());
  auto handle = group.Spawn(loop.executor(), "loop", Loops(loop.clock, std::make_shared<int>(0)));
  loop.Poll();
  handle.Cancel();
  loop.Poll();
  EXPECT_TRUE(handle.done());
  EXPECT_THAT(errors, testing::ElementsAre("writer: disk full"));
}

TEST(Runtime, RunsTasksAndSurvivesShutdownWithSuspendedOnes) {
  SystemClock clock;
  auto guard = std::make_shared<int>(0);
  {
    auto runtime = StartRuntime(1);
    auto result = BlockOn(runtime->executor(), RunOn(runtime->compute(), [] { return 42; }));
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(*result, 42);
    boost::asio::co_spawn(runtime->executor(), Loops(clock, guard),
                          [](const std::exception_ptr&, const absl::Status&) {});
    EXPECT_TRUE(BlockOn(runtime->executor(), SleepFor(clock, std::chrono::milliseconds(1))).ok());
    runtime->Shutdown();
  }
  EXPECT_EQ(guard.use_count(), 1);
}

}  // namespace
}  // namespace synoptic
