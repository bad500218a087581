// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/async/compute_pool.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "base/status.h"
#include "net/async/testing.h"

namespace synoptic {
namespace {

struct Threads {
  std::thread::id before, inside, after;
};

Task<Threads> Hop(ComputePool& pool) {
  Threads threads;
  threads.before = std::this_thread::get_id();
  CO_RETURN_IF_ERROR(
      co_await RunOn(pool, [&threads] { threads.inside = std::this_thread::get_id(); }));
  threads.after = std::this_thread::get_id();
  co_return threads;
}

TEST(RunOn, RunsOnThePoolAndComesBack) {
  AsyncTest loop;
  ComputePool pool(1);
  auto threads = loop.Run(Hop(pool));
  ASSERT_TRUE(threads.ok());
  EXPECT_EQ(threads->before, threads->after);
  EXPECT_NE(threads->before, threads->inside);
}

TEST(RunOn, PassesStatusesOnAndTurnsExceptionsIntoThem) {
  AsyncTest loop;
  ComputePool pool(2);
  EXPECT_EQ(loop.Run(RunOn(pool, [] { return absl::StatusOr<int>(3); })).value(), 3);
  EXPECT_TRUE(absl::IsNotFound(loop.Run(RunOn(pool, [] { return absl::NotFoundError("x"); }))));
  EXPECT_TRUE(absl::IsResourceExhausted(
      loop.Run(RunOn(pool, []() -> int { throw std::bad_alloc(); })).status()));
  EXPECT_EQ(MessageOf(loop.Run(RunOn(pool, [] { throw std::runtime_error("boom"); }))),
            "exception: boom");
}

}  // namespace
}  // namespace synoptic
