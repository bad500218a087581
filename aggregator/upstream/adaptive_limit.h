// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How many requests one server bears at once, learned from how it answers: additive increase,
// multiplicative decrease.
//   - It grows by one a window (a second) in which the places were used up and answers came as
//     quickly as they do at best.
//   - It shrinks to seven tenths when the server says that it has too much to do or lets a request
//     run out of its time, and to eight tenths when the places were used up and the median latency
//     of the window is more than twice the best one's: then requests wait there instead of here.
// "At best" is the least median of the last half minute, so that heavier questions are taken for
// the new normal soon. Pure; not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "base/clock.h"

namespace synoptic::aggregator {

class AdaptiveLimit {
 public:
  struct Options {
    int least = 4;
    int start = 16;
    int most = 20;  // may be below `least`: then it is always that
    MonoDuration window = std::chrono::seconds(1);
    MonoDuration noise = std::chrono::milliseconds(25);  // latencies closer than this are equal
  };

  explicit AdaptiveLimit(const Options& options);

  int places() const { return static_cast<int>(limit_); }
  // A request that was started then was answered; `in_flight` others ran beside it.
  void OnAnswer(MonoTime started, MonoTime now, int in_flight);
  // It was refused for load, or not answered in its time.
  void OnOverload(MonoTime started, MonoTime now);

 private:
  static constexpr size_t kWindows = 30;
  static constexpr size_t kEnough = 8;  // answers that make a median

  void EndWindow(MonoTime now);
  void Shrink(double factor, MonoTime now);

  const Options options_;
  double limit_;
  MonoTime window_start_ = MonoTime::min();
  MonoTime shrunk_at_ = MonoTime::min();
  bool used_up_ = false;
  std::vector<MonoDuration> latencies_;           // of this window
  std::array<MonoDuration, kWindows> medians_{};  // of the last ones, a ring
  size_t median_count_ = 0;
};

}  // namespace synoptic::aggregator
