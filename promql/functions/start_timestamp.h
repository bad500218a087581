// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What start timestamps say about two neighbouring samples of a counter (0: unknown). Rules of
// Prometheus 3.15, promql/functions.go.
#pragma once

#include <cstdint>

namespace synoptic::promql {

struct StampedTime {
  int64_t st;
  int64_t t;
};

// The counter was started anew between the two.
inline bool IsStartReset(StampedTime previous, StampedTime current) {
  // Unchanged, unknown, or nonsense: a start behind the sample itself.
  if (previous.st == current.st || current.st == 0 || current.st >= current.t) return false;
  if (current.st != previous.t) return current.st > previous.t;
  // Started at the sample before: so do delta series, and cumulative ones of unknown start. It is
  // the former when the sample before has a start that makes sense.
  return previous.st <= previous.t && previous.st != 0 && previous.st != previous.t;
}

// The sample claims to have counted since before the one in front of it, which counted apart.
inline bool StartOverlaps(StampedTime previous, StampedTime current) {
  return current.st != 0 && current.st < previous.t && current.st != previous.st;
}

}  // namespace synoptic::promql
