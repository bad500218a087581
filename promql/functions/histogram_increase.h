// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// later - earlier for histograms of the same buckets, without empty buckets: what Subtract and
// Compact of histogram_math.h give, bit for bit, in one go. Private to promql/functions.
#pragma once

#include <memory>
#include <vector>

#include "promql/model/histogram.h"
#include "promql/model/histogram_pool.h"

namespace synoptic::promql {

class HistogramIncrease {
 public:
  // Results are taken from `pool` if there is one.
  explicit HistogramIncrease(HistogramPool* pool) : pool_(pool) {}

  // Both have the same buckets, and none of them lies within the zero bucket.
  bool CanDo(const FloatHistogram& later, const FloatHistogram& earlier);
  // REQUIRES: CanDo. The result has the hint of a gauge.
  std::shared_ptr<FloatHistogram> Between(const FloatHistogram& later,
                                          const FloatHistogram& earlier);

 private:
  using Spans = SharedVector<HistogramSpan>;
  bool IsRegular(const FloatHistogram& h);
  void Side(const Spans& spans, const std::vector<double>& later,
            const std::vector<double>& earlier, Spans& out_spans, std::vector<double>& out);

  HistogramPool* pool_;
  std::vector<HistogramSpan> scratch_;
  // The layout that was last found regular.
  Spans positive_, negative_;
  double zero_threshold_ = 0;
  int32_t schema_ = 0;
  bool checked_ = false;
};

}  // namespace synoptic::promql
