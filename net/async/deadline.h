// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A point in monotonic time by which work must end. Created by whoever owns the time (the fan-out,
// a server session, a rule group) and handed inward; callees only ever shorten it.
#pragma once

#include <algorithm>

#include "base/clock.h"

namespace synoptic {

class Deadline {
 public:
  static Deadline Infinite() { return Deadline(MonoTime::max()); }
  static Deadline At(MonoTime at) { return Deadline(at); }
  static Deadline After(const Clock& clock, MonoDuration duration) {
    return Deadline(clock.Mono() + duration);
  }

  MonoTime at() const { return at_; }
  bool infinite() const { return at_ == MonoTime::max(); }
  // Never negative.
  MonoDuration Remaining(const Clock& clock) const {
    if (infinite()) return MonoDuration::max();
    return std::max(at_ - clock.Mono(), MonoDuration::zero());
  }
  bool Expired(const Clock& clock) const { return !infinite() && clock.Mono() >= at_; }
  Deadline Earlier(Deadline other) const { return Deadline(std::min(at_, other.at_)); }

 private:
  explicit Deadline(MonoTime at) : at_(at) {}
  MonoTime at_;
};

}  // namespace synoptic
