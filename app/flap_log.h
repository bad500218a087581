// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which changes between up and down of one thing are worth a line in the log: the first at once;
// then, for a while, none; then one that says how often it changed, should it be other than was
// said last.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace synoptic::app {

class FlapLog {
 public:
  static constexpr MonoDuration kQuiet = std::chrono::seconds(10);

  void Changed() { ++changes_; }
  // The number of changes since the last line, when a line is due that says `up`.
  std::optional<int> Due(bool up, MonoTime now) {
    if (up == said_ || (said_at_ && now - *said_at_ < kQuiet)) return std::nullopt;
    said_ = up;
    said_at_ = now;
    const int changes = changes_;
    changes_ = 0;
    return changes;
  }
  // Whether a line is to come, if nothing changes.
  bool Owes(bool up) const { return up != said_; }

 private:
  bool said_ = true;
  std::optional<MonoTime> said_at_;
  int changes_ = 0;
};

}  // namespace synoptic::app
