// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The floats and histograms of one series as one sequence in the order of time: what changes() and
// resets() walk along.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "promql/functions/histogram_range.h"

namespace synoptic::promql {

class MergedSamples {
 public:
  // The spans of both are kept.
  MergedSamples(const RangeInput& floats, const HistogramInput& histograms);

  std::span<const int64_t> t() const { return t_; }
  // Between samples i - 1 and i. REQUIRES: 0 < i < t().size().
  bool IsChange(size_t i) const;
  bool IsReset(size_t i) const;

 private:
  struct Place {
    bool is_histogram;
    size_t index;  // in its column
  };
  int64_t StartOf(const Place& place) const;

  std::span<const double> v_;
  std::span<const HistogramPtr> h_;
  std::span<const int64_t> float_st_, histogram_st_;
  std::vector<int64_t> t_;
  std::vector<Place> places_;
};

}  // namespace synoptic::promql
