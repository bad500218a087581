// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A native histogram with float counts, as Prometheus stores it: the value type, its validation and
// its text. Arithmetic is in histogram_math.h, chunks of them in chunk.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "promql/model/shared_vector.h"

namespace synoptic::promql {

// Exponential schemas: a bucket's upper bound is 2^(2^-schema) times its lower one.
inline constexpr int32_t kExponentialSchemaMin = -4;
inline constexpr int32_t kExponentialSchemaMax = 8;
// Bounds are listed in custom_values; only the positive side is used.
inline constexpr int32_t kCustomBucketsSchema = -53;

enum class CounterResetHint : uint8_t { kUnknown = 0, kReset = 1, kNotReset = 2, kGauge = 3 };

// A run of buckets with successive indexes. The first span's offset is the index of its first
// bucket, later ones are the gap behind the span before.
struct HistogramSpan {
  int32_t offset = 0;
  uint32_t length = 0;
  friend bool operator==(const HistogramSpan&, const HistogramSpan&) = default;
};

struct HistogramBucket {
  double lower;
  double upper;
  bool lower_inclusive;
  bool upper_inclusive;
  double count;
  friend bool operator==(const HistogramBucket&, const HistogramBucket&) = default;
};

// A plain value; any content is allowed until Validate has looked at it.
struct FloatHistogram {
  int32_t schema = 0;
  double zero_threshold = 0;  // the zero bucket is [-zero_threshold, zero_threshold]
  double zero_count = 0;
  double count = 0;
  double sum = 0;  // the stale NaN marks a stale sample
  SharedVector<HistogramSpan> positive_spans;
  SharedVector<HistogramSpan> negative_spans;
  std::vector<double> positive_buckets;  // absolute counts, one per index in the spans
  std::vector<double> negative_buckets;
  SharedVector<double> custom_values;  // upper bounds, without +Inf; kCustomBucketsSchema only
  CounterResetHint hint = CounterResetHint::kUnknown;

  bool UsesCustomBuckets() const { return schema == kCustomBucketsSchema; }

  // InvalidArgument in Prometheus' words. That counts add up to `count` is not
  // required, as for float histograms in Prometheus.
  absl::Status Validate() const;

  // All buckets from the most negative up, the zero bucket only if it counts something; buckets
  // that reach into the zero bucket end where it begins. REQUIRES: Validate().ok().
  std::vector<HistogramBucket> Buckets() const;

  // {count:3, sum:4.5, [-1,-0.5):1, (1,2]:2}: buckets that count something. Prometheus' form.
  // REQUIRES: Validate().ok().
  std::string ToString() const;
};

// A sample or a result. Shared and never changed once it is: whoever computes makes a copy.
using HistogramPtr = std::shared_ptr<const FloatHistogram>;

// Upper bound of bucket `index` of an exponential schema: bit for bit Prometheus' table, which does
// not always hold the nearest double.
double ExponentialBound(int64_t index, int32_t schema);

}  // namespace synoptic::promql
