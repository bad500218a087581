// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Waiting by a Clock: in real time with the event loop's timers, in virtual time (FakeClock, the
// simulator) when the clock is moved.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/rng.h"
#include "net/async/task.h"

namespace synoptic {

// Suspends until then. OK, or Cancelled. `clock` must outlive the wait.
Task<> SleepUntil(const Clock& clock, MonoTime at);
Task<> SleepFor(const Clock& clock, MonoDuration duration);

// Calls a function once, later. For watchdogs inside a component; coroutines sleep instead.
// Not thread-safe: used, fired and destroyed on its (serial) executor.
class Timer {
 public:
  Timer(const boost::asio::any_io_executor& executor, const Clock& clock);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer();

  // Replaces what was started before. After Cancel() or destruction `fire` is never called.
  void Start(MonoTime at, std::function<void()> fire);
  void Cancel();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// The ticks of something repeated: rule groups, probes. Ticks lie on a grid that starts one
// interval (or less, see `phase`) after creation and never drifts; each is moved by its own jitter.
//
//   PeriodicTimer ticks(clock, std::chrono::seconds(5), 0.2, &rng);
//   while (true) {
//     CO_ASSIGN_OR_RETURN(int64_t missed, co_await ticks.Next());
//     ...
//   }
class PeriodicTimer {
 public:
  // Each tick moves by up to +-`jitter` of the interval; with `rng` null or jitter 0 by nothing.
  PeriodicTimer(const Clock& clock, MonoDuration interval, double jitter = 0, Rng* rng = nullptr)
      : PeriodicTimer(clock, interval, jitter, rng, clock.Mono() + interval) {}
  PeriodicTimer(const Clock& clock, MonoDuration interval, double jitter, Rng* rng, MonoTime first)
      : clock_(clock), interval_(interval), jitter_(jitter), rng_(rng), next_(first) {}

  // Waits for the next tick. Returns how many ticks passed unseen since the last call (work that
  // took longer than the interval): they are skipped, never queued up.
  Task<int64_t> Next();

 private:
  const Clock& clock_;
  const MonoDuration interval_;
  const double jitter_;
  Rng* const rng_;
  MonoTime next_;
};

}  // namespace synoptic
