// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Time as a dependency. Nothing below `app` asks the system for the time: it takes a Clock, so that
// tests and the simulator decide what time it is.
//
// Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace synoptic {

using MonoTime = std::chrono::steady_clock::time_point;
using MonoDuration = std::chrono::steady_clock::duration;

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock, milliseconds since the Unix epoch (Prometheus' time unit). May jump.
  virtual int64_t WallMillis() const = 0;
  // Monotonic clock: for deadlines, intervals and measuring. Never steps back.
  virtual MonoTime Mono() const = 0;

  // Waiting in virtual time: calls `wake` once when Mono() reaches `at`, from the thread that moves
  // the time, and returns an id for CancelWake. The machine's clock returns 0 and never calls:
  // there the event loop's own timers wait. Used by net/async/timer.h only.
  virtual uint64_t WakeAt(MonoTime /*at*/, std::function<void()> /*wake*/) const { return 0; }
  virtual void CancelWake(uint64_t /*id*/) const {}
};

// The machine's clocks; created in `app` only.
class SystemClock final : public Clock {
 public:
  int64_t WallMillis() const override;
  MonoTime Mono() const override;
};

}  // namespace synoptic
