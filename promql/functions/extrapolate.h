// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How rate(), increase() and delta() extend what they saw to the whole window: the rules of
// Prometheus' extrapolatedRate, operation for operation. Private to promql/functions.
#pragma once

#include <cstdint>
#include <optional>

#include "promql/functions/window.h"

namespace synoptic::promql {

inline double SecondsBetween(int64_t from, int64_t to) {
  return static_cast<double>(to - from) / 1000;
}

struct Sampled {
  int64_t first_t;
  int64_t last_t;
  size_t count;
  // Where the first sample says it was started, if that is inside the window: nothing was counted
  // before, so nothing is extended to there.
  std::optional<int64_t> start;
};

// What to multiply the increase with. `to_zero`: the share of the increase that the first sample
// had already, for counters that grew: they are not extended to where they would be negative.
// `rate_seconds` is 0 unless a rate is wanted.
inline double ExtrapolationFactor(const Sampled& sampled, const Window& w,
                                  std::optional<double> to_zero, double rate_seconds) {
  double interval = SecondsBetween(sampled.first_t, sampled.last_t);
  const double average = sampled.count > 1 ? interval / static_cast<double>(sampled.count - 1) : 0;
  const double threshold = average * 1.1;
  double to_start = 0;
  if (sampled.start.has_value()) {
    interval = SecondsBetween(*sampled.start, sampled.last_t);
  } else {
    to_start = SecondsBetween(w.start, sampled.first_t);
    if (to_start >= threshold) to_start = average / 2;
    if (to_zero.has_value() && interval * *to_zero < to_start) to_start = interval * *to_zero;
  }
  double to_end = SecondsBetween(sampled.last_t, w.end);
  if (to_end >= threshold) to_end = average / 2;
  double factor = interval != 0 ? (interval + to_start + to_end) / interval : 1.0;
  if (rate_seconds != 0) factor /= rate_seconds;
  return factor;
}

}  // namespace synoptic::promql
