// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/async/task_group.h"

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/status.h"
#include "base/strings.h"
#include "net/async/event.h"
#include "net/async/exception.h"

namespace synoptic {

namespace asio = boost::asio;

namespace internal {

struct TaskEntry {
  TaskEntry(asio::any_io_executor e, std::string n) : executor(std::move(e)), name(std::move(n)) {}
  const asio::any_io_executor executor;
  const std::string name;
  asio::cancellation_signal signal;  // touched on `executor` only
  std::atomic<bool> done{false};
};

struct TaskGroupState {
  explicit TaskGroupState(TaskGroup::OnError error) : on_error(std::move(error)) {}

  void Remove(uint64_t id, const absl::Status& status) {
    std::vector<std::pair<asio::any_io_executor, std::weak_ptr<Event>>> wake;
    std::shared_ptr<TaskEntry> entry;
    {
      std::lock_guard lock(mutex);
      auto it = tasks.find(id);
      entry = it->second;
      tasks.erase(it);
      if (tasks.empty()) wake = waiters;
    }
    if (on_error && !status.ok() && !absl::IsCancelled(status)) on_error(entry->name, status);
    for (auto& [executor, waiter] : wake) {
      asio::post(executor, [weak = std::move(waiter)] {
        if (auto event = weak.lock()) event->Set();
      });
    }
  }

  std::vector<std::shared_ptr<TaskEntry>> Running() {
    std::lock_guard lock(mutex);
    std::vector<std::shared_ptr<TaskEntry>> running;
    for (const auto& [id, entry] : tasks) running.push_back(entry);
    return running;
  }

  const TaskGroup::OnError on_error;
  std::mutex mutex;
  std::map<uint64_t, std::shared_ptr<TaskEntry>> tasks;
  std::vector<std::pair<asio::any_io_executor, std::weak_ptr<Event>>> waiters;
  uint64_t last_id = 0;
  bool stopping = false;
};

}  // namespace internal

void TaskHandle::Cancel() const {
  if (entry_ == nullptr || entry_->done) return;
  asio::post(entry_->executor, [entry = entry_] {
    if (!entry->done) entry->signal.emit(asio::cancellation_type::terminal);
  });
}

bool TaskHandle::done() const { return entry_ == nullptr || entry_->done; }

TaskGroup::TaskGroup(OnError on_error)
    : state_(std::make_shared<internal::TaskGroupState>(std::move(on_error))) {}

TaskGroup::~TaskGroup() {
  for (auto& entry : state_->Running()) TaskHandle(entry).Cancel();
}

TaskHandle TaskGroup::Spawn(const asio::any_io_executor& executor, std::string name, Task<> task) {
  auto entry = std::make_shared<internal::TaskEntry>(executor, std::move(name));
  uint64_t id = 0;
  {
    std::lock_guard lock(state_->mutex);
    if (state_->stopping) return TaskHandle();
    id = ++state_->last_id;
    state_->tasks.emplace(id, entry);
  }
  asio::co_spawn(
      executor, std::move(task),
      asio::bind_cancellation_slot(
          entry->signal.slot(),
          [state = state_, entry, id](const std::exception_ptr& exception, absl::Status status) {
            entry->done = true;
            state->Remove(id, exception ? StatusOfException(exception) : status);
          }));
  return TaskHandle(std::move(entry));
}

Task<> TaskGroup::Stop(const Clock& clock, Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  const auto state = state_;
  const auto empty = std::make_shared<Event>(executor);
  {
    std::lock_guard lock(state->mutex);
    state->stopping = true;
    state->waiters.emplace_back(executor, empty);
    if (state->tasks.empty()) empty->Set();
  }
  while (!empty->is_set() && !deadline.Expired(clock)) {
    for (auto& entry : state->Running()) TaskHandle(entry).Cancel();
    const MonoTime turn = clock.Mono() + std::chrono::milliseconds(100);
    absl::Status status = co_await empty->WaitUntil(clock, std::min(turn, deadline.at()));
    if (absl::IsCancelled(status)) co_return status;
  }
  std::vector<std::string> left;
  for (const auto& entry : state->Running()) left.push_back(entry->name);
  if (left.empty()) co_return absl::OkStatus();
  co_return MakeStatus(absl::StatusCode::kDeadlineExceeded, "{} tasks did not stop in time: {}",
                       left.size(), Join(left, ", "));
}

bool TaskGroup::stopping() const {
  std::lock_guard lock(state_->mutex);
  return state_->stopping;
}

size_t TaskGroup::size() const {
  std::lock_guard lock(state_->mutex);
  return state_->tasks.size();
}

}  // namespace synoptic
