// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A clock that stands still until told to advance. For tests and the simulator.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace synoptic {

// Thread-safe. Timers of net/async that wait on this clock fire when it is advanced past them.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(int64_t wall_ms = 1'700'000'000'000) : wall_ms_(wall_ms) {}
  int64_t WallMillis() const override { return wall_ms_; }
  MonoTime Mono() const override { return MonoTime(std::chrono::milliseconds(mono_ms_.load())); }
  // Moves both clocks forward.
  void AdvanceMillis(int64_t ms) {
    wall_ms_ += ms;
    mono_ms_ += ms;
    FireDue();
  }
  // Moves both clocks to the earliest waiting timer; false when nothing waits.
  bool AdvanceToNextWake() {
    int64_t step = 0;
    {
      std::lock_guard lock(mutex_);
      if (wakes_.empty()) return false;
      const auto wait = wakes_.begin()->first.first - Mono();
      step = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
    }
    AdvanceMillis(step > 0 ? step : 0);
    return true;
  }
  uint64_t WakeAt(MonoTime at, std::function<void()> wake) const override {
    uint64_t id = 0;
    {
      std::lock_guard lock(mutex_);
      id = ++last_id_;
      if (at > Mono()) {
        wakes_.emplace(std::pair(at, id), std::move(wake));
        return id;
      }
    }
    wake();
    return id;
  }
  void CancelWake(uint64_t id) const override {
    std::lock_guard lock(mutex_);
    std::erase_if(wakes_, [id](const auto& entry) { return entry.first.second == id; });
  }

 private:
  void FireDue() {
    std::vector<std::function<void()>> due;
    {
      std::lock_guard lock(mutex_);
      while (!wakes_.empty() && wakes_.begin()->first.first <= Mono()) {
        due.push_back(std::move(wakes_.begin()->second));
        wakes_.erase(wakes_.begin());
      }
    }
    for (auto& wake : due) wake();
  }

  std::atomic<int64_t> wall_ms_;
  std::atomic<int64_t> mono_ms_{1'000'000};
  mutable std::mutex mutex_;
  mutable uint64_t last_id_ = 0;
  mutable std::map<std::pair<MonoTime, uint64_t>, std::function<void()>> wakes_;
};

}  // namespace synoptic
