// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether a place that failed should be asked again yet: after a few failures in a row it is left
// alone for a second, then longer and longer. Thread-safe.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>

#include "base/clock.h"

namespace synoptic::aggregator {

class TierBreaker {
 public:
  bool Closed(MonoTime now) const { return now.time_since_epoch().count() >= open_until_; }

  void Succeeded() {
    failures_ = 0;
    opened_ = 0;
  }
  void Failed(MonoTime now) {
    // One that was open and is tried again has no more chances.
    if (++failures_ < kFailures && opened_ == 0) return;
    failures_ = 0;
    const MonoDuration pause = std::min<MonoDuration>(kLeast * (1 << opened_), kMost);
    if (opened_ < 10) ++opened_;
    open_until_ = (now + pause).time_since_epoch().count();
  }

 private:
  static constexpr int kFailures = 3;
  static constexpr MonoDuration kLeast = std::chrono::seconds(1);
  static constexpr MonoDuration kMost = std::chrono::seconds(30);

  std::atomic<int> failures_{0};
  std::atomic<int> opened_{0};
  std::atomic<MonoTime::rep> open_until_{0};
};

}  // namespace synoptic::aggregator
