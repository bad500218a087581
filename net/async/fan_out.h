// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Running several tasks at once, each with a deadline.
//
// Coroutines called here run on the caller's executor, which must be serial.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "net/async/deadline.h"
#include "net/async/event.h"
#include "net/async/keep.h"
#include "net/async/task.h"
#include "net/async/task_group.h"

namespace synoptic {

template <class T>
using TaskResultOf = typename internal::TaskResult<T>::type;

// One leg of a fan-out. The task must own (by value or shared pointer) whatever it touches, or
// touch only what outlives the group: see FanOut.
template <class T>
struct Leg {
  Task<T> task;
  Deadline deadline = Deadline::Infinite();
};

namespace internal {

template <class Result>
struct FanOutState {
  FanOutState(const boost::asio::any_io_executor& executor, size_t n)
      : progress(executor), results(n), running(n) {}
  void Decide(size_t leg, Result result) {
    if (results[leg].has_value()) return;
    results[leg].emplace(std::move(result));
    ++decided;
    progress.Set();
  }

  Event progress;
  std::vector<std::optional<Result>> results;
  size_t decided = 0;
  size_t running;
};

}  // namespace internal

// Runs all legs at once and returns every leg's result, in their order, none lost. A leg that is
// not done at its deadline is cancelled and its result is DeadlineExceeded; FanOut returns at the
// latest deadline even when a leg does not react to being cancelled (it waits for a pool function,
// say). Such a straggler lives on in `group`, which owns every leg; hence a leg must not refer to
// the caller's frame. If the caller is cancelled, all legs are, and those not done are Cancelled.
template <class T>
boost::asio::awaitable<std::vector<TaskResultOf<T>>> FanOut(TaskGroup& group, const Clock& clock,
                                                            std::vector<Leg<T>> legs) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto state =
      std::make_shared<internal::FanOutState<TaskResultOf<T>>>(executor, legs.size());
  std::vector<TaskHandle> handles;
  for (size_t i = 0; i < legs.size(); ++i) {
    const auto keep = [state, i](TaskResultOf<T> result) {
      state->Decide(i, std::move(result));
      --state->running;
    };
    handles.push_back(
        group.Spawn(executor, "fan-out leg", RunAndKeep(std::move(legs[i].task), keep)));
    if (!handles.back()) state->Decide(i, absl::CancelledError("shutting down"));
  }
  bool cancelled = false;
  while (state->decided < legs.size()) {
    state->progress.Reset();
    Deadline next = Deadline::Infinite();
    for (size_t i = 0; i < legs.size(); ++i) {
      if (!state->results[i].has_value()) next = next.Earlier(legs[i].deadline);
    }
    const absl::Status wait = co_await state->progress.WaitUntil(clock, next.at());
    cancelled = absl::IsCancelled(wait);
    for (size_t i = 0; i < legs.size(); ++i) {
      if (state->results[i].has_value()) continue;
      if (!cancelled && !legs[i].deadline.Expired(clock)) continue;
      handles[i].Cancel();
      state->Decide(i, cancelled ? absl::CancelledError("cancelled")
                                 : absl::DeadlineExceededError("no answer before the deadline"));
    }
  }
  // Legs that do react need a few turns of the loop to unwind: let them, so that as a rule nothing
  // of the fan-out is left when it returns.
  for (int turn = 0; turn < 8 && state->running > 0 && !cancelled; ++turn) {
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
  }
  std::vector<TaskResultOf<T>> results;
  results.reserve(legs.size());
  for (auto& result : state->results) results.push_back(*std::move(result));
  co_return results;
}

}  // namespace synoptic
