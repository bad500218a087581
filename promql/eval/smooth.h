// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// `smoothed` instant selectors: what a series would be between two samples, if it went straight
// from one to the other; the sample before where none follows within the lookback.
#pragma once

#include "promql/eval/raw_reader.h"
#include "promql/functions/range_notes.h"

namespace synoptic::promql::internal {

// One series, at times that never go back.
class Smoother {
 public:
  // Live samples of everything within the lookback of all times.
  Smoother(const SeriesSamples& samples, int64_t lookback_ms)
      : samples_(samples), lookback_ms_(lookback_ms) {}

  // Absent() and null where there is nothing.
  struct Value {
    double v;
    HistogramPtr h;
  };
  Value At(int64_t t, RangeNotes& notes);

 private:
  // Samples [low, high) are within the lookback of the time, `next` is the first at or behind it.
  struct Place {
    size_t low = 0, high = 0, next = 0;
    void Move(std::span<const int64_t> times, int64_t t, int64_t lookback_ms);
    bool empty() const { return low == high; }
    bool has_next() const { return next < high; }
    bool has_previous() const { return next > low; }
  };
  double Float(int64_t t) const;
  HistogramPtr Histogram(int64_t t, RangeNotes& notes) const;

  const SeriesSamples& samples_;
  const int64_t lookback_ms_;
  Place floats_, histograms_;
};

}  // namespace synoptic::promql::internal
