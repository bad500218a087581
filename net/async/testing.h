// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Running coroutines in unit tests. `Result` is the StatusOr<T> or Status of a Task.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "base/fake_clock.h"
#include "net/async/exception.h"
#include "net/async/task.h"

namespace synoptic {

// An event loop of its own, driven by the test's thread.
//
//   AsyncTest loop;
//   auto result = loop.Run(Fetch(loop.clock));
class AsyncTest {
 public:
  FakeClock clock;  // first: what is still suspended when the loop goes away uses it
  boost::asio::io_context context{1};

  boost::asio::any_io_executor executor() { return context.get_executor(); }

  // Runs until the task is done, in real time. DeadlineExceeded after ten seconds (must not fire).
  template <class Result>
  Result Run(boost::asio::awaitable<Result> task) {
    auto result = Start(std::move(task));
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!result->has_value() && std::chrono::steady_clock::now() < end) {
      context.restart();
      context.run_one_for(std::chrono::milliseconds(100));
    }
    return Take(*result);
  }

  // Runs until the task is done, moving the fake clock to the next timer whenever nothing else is
  // left to do. Only for tasks that wait for timers and each other, not for sockets or pools.
  template <class Result>
  Result RunInVirtualTime(boost::asio::awaitable<Result> task) {
    auto result = Start(std::move(task));
    while (!result->has_value()) {
      Poll();
      if (!result->has_value() && !clock.AdvanceToNextWake()) break;
    }
    return Take(*result);
  }

  // Moves the fake clock in steps of `step_ms`, with a little real time for sockets after each,
  // until the task is done. Returns how far the clock was moved, or `limit_ms` when it was not done
  // then.
  template <class Result>
  int64_t AdvanceUntil(const std::shared_ptr<std::optional<Result>>& done, int64_t step_ms,
                       int64_t limit_ms) {
    int64_t moved = 0;
    Settle();
    while (!done->has_value() && moved < limit_ms) {
      clock.AdvanceMillis(step_ms);
      moved += step_ms;
      Settle();
    }
    return moved;
  }
  // Runs until nothing has happened for two real milliseconds: local sockets have settled.
  void Settle() {
    context.restart();
    while (context.run_one_for(std::chrono::milliseconds(2)) > 0) {
    }
  }

  // Starts a task; the slot gets its result while Run, RunInVirtualTime or Poll turn the loop.
  template <class Result>
  std::shared_ptr<std::optional<Result>> Start(boost::asio::awaitable<Result> task) {
    auto slot = std::make_shared<std::optional<Result>>();
    boost::asio::co_spawn(context, std::move(task),
                          [slot](const std::exception_ptr& exception, Result result) {
                            if (exception) {
                              slot->emplace(StatusOfException(exception));
                            } else {
                              slot->emplace(std::move(result));
                            }
                          });
    return slot;
  }

  // Runs what is ready and returns.
  void Poll() {
    context.restart();
    context.poll();
  }
  // Moves the fake clock and runs what became ready.
  void Advance(int64_t ms) {
    clock.AdvanceMillis(ms);
    Poll();
  }

 private:
  template <class Result>
  static Result Take(std::optional<Result>& slot) {
    if (slot.has_value()) return *std::move(slot);
    return absl::DeadlineExceededError("the task under test did not end");
  }
};

// Runs one task on an event loop of its own (must end within ten seconds).
template <class Result>
Result RunForTest(boost::asio::awaitable<Result> task) {
  AsyncTest loop;
  return loop.Run(std::move(task));
}

}  // namespace synoptic
