// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Samples and the two special NaNs. Times are int64 milliseconds since the Unix epoch.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

namespace synoptic::promql {

// Prometheus' staleness marker: a NaN told from others by its bits alone.
inline constexpr uint64_t kStaleNaNBits = 0x7ff0000000000002;
// The NaN that expressions produce.
inline constexpr uint64_t kNormalNaNBits = 0x7ff8000000000001;

inline double StaleNaN() { return std::bit_cast<double>(kStaleNaNBits); }
inline double NormalNaN() { return std::bit_cast<double>(kNormalNaNBits); }
inline bool IsStaleNaN(double v) { return std::bit_cast<uint64_t>(v) == kStaleNaNBits; }

// In a column of results the same bits mean "no sample at this step": they can never be a result,
// since selectors drop stale markers and arithmetic turns signalling NaNs quiet.
inline double Absent() { return StaleNaN(); }
inline bool IsAbsent(double v) { return IsStaleNaN(v); }

struct Sample {
  int64_t t;
  double v;
};

// Samples of one series in two parallel columns, times strictly rising.
struct SampleColumns {
  std::vector<int64_t> t;
  std::vector<double> v;

  size_t size() const { return t.size(); }
  bool empty() const { return t.empty(); }
  void clear() {
    t.clear();
    v.clear();
  }
  void push_back(int64_t time, double value) {
    t.push_back(time);
    v.push_back(value);
  }
};

}  // namespace synoptic::promql
