// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Samples and the two special NaNs. Times are int64 milliseconds since the Unix epoch.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "promql/model/histogram.h"

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

// Float samples of one series in parallel columns, times strictly rising.
struct SampleColumns {
  std::vector<int64_t> t;
  std::vector<double> v;
  // Start timestamps, 0 where unknown; empty when none is known, else as long as `t`.
  std::vector<int64_t> st = {};

  size_t size() const { return t.size(); }
  bool empty() const { return t.empty(); }
  void clear() {
    t.clear();
    v.clear();
    st.clear();
  }
  void push_back(int64_t time, double value, int64_t start = 0) {
    if (start != 0 && st.empty()) st.resize(t.size(), 0);
    t.push_back(time);
    v.push_back(value);
    if (start != 0 || !st.empty()) st.push_back(start);
  }
};

class HistogramPool;  // histogram_pool.h

// Native histogram samples of one series, times strictly rising. A stale marker is a histogram
// whose sum is the stale NaN.
struct HistogramColumns {
  std::vector<int64_t> t;
  std::vector<HistogramPtr> h;   // none is null
  std::vector<int64_t> st = {};  // as in SampleColumns
  // Where those who read chunks take histograms from; null: they make new ones.
  HistogramPool* pool = nullptr;

  size_t size() const { return t.size(); }
  bool empty() const { return t.empty(); }
  void clear() {
    t.clear();
    h.clear();
    st.clear();
  }
  void push_back(int64_t time, HistogramPtr value, int64_t start = 0) {
    if (start != 0 && st.empty()) st.resize(t.size(), 0);
    t.push_back(time);
    h.push_back(std::move(value));
    if (start != 0 || !st.empty()) st.push_back(start);
  }
};

}  // namespace synoptic::promql
