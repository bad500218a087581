// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The threads of a process: one that runs the event loop (all I/O and all coroutines) and a pool
// for CPU work. Created in `app` (and in tests) only; everything else takes an executor.
//
// One event-loop thread makes its executor serial: coroutines never run at the same time, so state
// shared between them needs no lock as long as it is not touched from the pool.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <future>
#include <memory>

#include "net/async/compute_pool.h"
#include "net/async/task.h"

namespace synoptic {

class Runtime {
 public:
  virtual ~Runtime() = default;
  virtual boost::asio::any_io_executor executor() = 0;
  virtual ComputePool& compute() = 0;
  // Ends the event loop: what is still suspended is destroyed without being resumed. Stop servers
  // and task groups first. Called by the destructor.
  virtual void Shutdown() = 0;
};

// `compute_threads` 0: one per core.
std::unique_ptr<Runtime> StartRuntime(int compute_threads = 0);

// Runs a task on `executor` and blocks the calling thread (not one of the runtime's) for its
// result.
template <class Result>
Result BlockOn(const boost::asio::any_io_executor& executor, boost::asio::awaitable<Result> task) {
  std::promise<Result> promise;
  boost::asio::co_spawn(executor, std::move(task),
                        [&promise](const std::exception_ptr& exception, Result result) {
                          if (exception) {
                            promise.set_value(StatusOfException(exception));
                          } else {
                            promise.set_value(std::move(result));
                          }
                        });
  return promise.get_future().get();
}

}  // namespace synoptic
