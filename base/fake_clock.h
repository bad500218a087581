// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A clock that stands still until told to advance. For tests and the simulator.
#pragma once

#include <atomic>

#include "base/clock.h"

namespace synoptic {

// Thread-safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(int64_t wall_ms = 1'700'000'000'000) : wall_ms_(wall_ms) {}
  int64_t WallMillis() const override { return wall_ms_; }
  MonoTime Mono() const override { return MonoTime(std::chrono::milliseconds(mono_ms_.load())); }
  // Moves both clocks forward.
  void AdvanceMillis(int64_t ms) {
    wall_ms_ += ms;
    mono_ms_ += ms;
  }
  // Steps the wall clock alone, as an administrator or NTP would.
  void JumpWallMillis(int64_t ms) { wall_ms_ += ms; }

 private:
  std::atomic<int64_t> wall_ms_;
  std::atomic<int64_t> mono_ms_{1'000'000};
};

}  // namespace synoptic
