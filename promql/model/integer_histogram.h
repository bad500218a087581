// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A native histogram with integer counts, as it is scraped, stored and sent. Expressions see its
// float form only.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "promql/model/histogram.h"

namespace synoptic::promql {

// As FloatHistogram, but for the type of counts and the buckets: each is the difference to the one
// before it on its side, the first to 0.
struct IntegerHistogram {
  int32_t schema = 0;
  double zero_threshold = 0;
  uint64_t zero_count = 0;
  uint64_t count = 0;
  double sum = 0;
  SharedVector<HistogramSpan> positive_spans;
  SharedVector<HistogramSpan> negative_spans;
  std::vector<int64_t> positive_deltas;
  std::vector<int64_t> negative_deltas;
  SharedVector<double> custom_values;
  CounterResetHint hint = CounterResetHint::kUnknown;

  bool UsesCustomBuckets() const { return schema == kCustomBucketsSchema; }
  FloatHistogram ToFloat() const;
};

// The same in integers, bit for bit on the way back; nullopt where a count is none from 0 (buckets:
// any sign) to 2^53, or is -0.
std::optional<IntegerHistogram> ToInteger(const FloatHistogram& h);

}  // namespace synoptic::promql
