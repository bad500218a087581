// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// TaskGroup: the owner of everything that runs beside its caller. Nobody is detached: a background
// task belongs to a group, and the group's owner stops it before what the tasks use goes away.
//
// Thread-safe. Tasks run on the executor they were given, which must be serial (an io_context run
// by one thread, or a strand), as everything in net/ assumes.
//
// Cancelling a task ends its current wait; from then on each of its co_await throws Asio's
// operation_aborted, which unwinds the coroutine and is turned into a Cancelled status where the
// task was spawned. So clean up by destructors, not by code after a co_await.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/async/deadline.h"
#include "net/async/task.h"

namespace synoptic {

namespace internal {
struct TaskEntry;
struct TaskGroupState;
}  // namespace internal

// Lets the one who spawned a task cancel it. May outlive the task.
class TaskHandle {
 public:
  TaskHandle() = default;
  explicit TaskHandle(std::shared_ptr<internal::TaskEntry> entry) : entry_(std::move(entry)) {}
  // False for a task the group refused because it is stopping.
  explicit operator bool() const { return entry_ != nullptr; }
  // Safe at any time, from any thread.
  void Cancel() const;
  bool done() const;

 private:
  std::shared_ptr<internal::TaskEntry> entry_;
};

class TaskGroup {
 public:
  // `on_error` hears every task that ends in a status other than OK or Cancelled (for the log).
  using OnError = std::function<void(std::string_view name, const absl::Status&)>;
  explicit TaskGroup(OnError on_error = nullptr);
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  // Cancels what still runs, without waiting. Call Stop() first.
  ~TaskGroup();

  // The task must own, by value or shared pointer, what it uses, or use only what outlives Stop().
  TaskHandle Spawn(const boost::asio::any_io_executor& executor, std::string name, Task<> task);

  // Refuses new tasks, cancels all (asks), waits until `deadline`, asking again ten times a second
  // (insists). DeadlineExceeded names the tasks that did not end.
  Task<> Stop(const Clock& clock, Deadline deadline);

  bool stopping() const;
  size_t size() const;

 private:
  std::shared_ptr<internal::TaskGroupState> state_;
};

}  // namespace synoptic
