// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// By how much another clock differs from ours, from what its answers say of the time to a second.
// An answer dated D that was asked for at s and came at r (our time) was written while that clock
// showed [D, D+1) and ours something between s and r: the difference lies in (D - r, D + 1 - s].
// Several answers at different moments narrow that down well below a second. A clock that was set
// contradicts what was known: then only the newest answer counts. Pure; not thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "domain/verdict/interval.h"

namespace synoptic::domain {

class ClockSkew {
 public:
  // Milliseconds of our clock; `date_s` what the other one said, in whole seconds.
  void Observe(int64_t sent_ms, int64_t received_ms, int64_t date_s);
  // Between what seconds the other clock is ahead of ours; negative: behind. Nothing: not known.
  std::optional<Interval> bounds() const;
  // The middle of that.
  std::optional<double> seconds() const;

 private:
  // What was learned within one stretch of time; old ones are forgotten, as clocks drift.
  struct Stretch {
    int64_t since_ms = 0;
    Interval bounds = kUnseen;
  };
  Stretch now_;
  Stretch before_;
  bool known_ = false;
};

}  // namespace synoptic::domain
