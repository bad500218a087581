// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Running what waits for nothing: coroutines over memory, at a time that the caller says.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "net/async/exception.h"
#include "net/async/task.h"

namespace synoptic::alerting {

// The time of the run; its monotonic clock stands still, so that no deadline passes.
class VirtualClock final : public Clock {
 public:
  int64_t WallMillis() const override { return now_ms_; }
  MonoTime Mono() const override { return MonoTime(); }
  void Set(int64_t now_ms) { now_ms_ = now_ms; }

 private:
  int64_t now_ms_ = 0;
};

// Runs a task that needs no timer, socket or pool, to its end.
template <class Result>
Result RunHere(boost::asio::awaitable<Result> task) {
  boost::asio::io_context context(1);
  std::optional<Result> slot;
  boost::asio::co_spawn(context, std::move(task),
                        [&slot](const std::exception_ptr& exception, Result result) {
                          if (exception) {
                            slot.emplace(StatusOfException(exception));
                          } else {
                            slot.emplace(std::move(result));
                          }
                        });
  context.run();
  return *std::move(slot);
}

}  // namespace synoptic::alerting
