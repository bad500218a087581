// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The evaluation times of a query: start, start + step, ... <= end. An instant query has one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace synoptic::promql {

struct Grid {
  int64_t start = 0;  // ms
  int64_t end = 0;    // ms, inclusive
  int64_t step = 1;   // ms, > 0

  static Grid Instant(int64_t t) { return {t, t, 1}; }
  // Number of evaluation times; 0 when end < start.
  size_t size() const { return end < start ? 0 : static_cast<size_t>((end - start) / step) + 1; }
  int64_t at(size_t i) const { return start + static_cast<int64_t>(i) * step; }
  friend bool operator==(const Grid&, const Grid&) = default;
};

// Go's Duration.Seconds, as Prometheus divides by ranges and gives step() and range(): whole
// seconds and nanoseconds are converted apart, which may round differently from one division.
inline double DurationSeconds(int64_t ms) {
  const int64_t seconds = ms / 1000;
  const int64_t nanoseconds = ms % 1000 * 1'000'000;
  return static_cast<double>(seconds) + static_cast<double>(nanoseconds) / 1e9;
}

}  // namespace synoptic::promql
