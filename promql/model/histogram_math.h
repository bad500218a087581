// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic of native histograms, bit for bit as Prometheus 3.15 does it
// (model/histogram/float_histogram.go).
//
// Operands are valid (FloatHistogram::Validate). Schemas, zero buckets and custom bounds that
// differ are reconciled: the result has the lower resolution. Functions change their first argument
// in place. Exponential and custom buckets do not mix: InvalidArgument.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "promql/model/histogram.h"

namespace synoptic::promql {

// What an addition or subtraction has to tell the user.
struct HistogramOutcome {
  bool counter_reset_collision = false;  // one side says reset, the other says not
  bool bounds_reconciled = false;        // custom bounds differed: their intersection was taken
};

// "cannot ... exponential and custom buckets" is told by this code and nothing else here fails so.
absl::StatusOr<HistogramOutcome> Add(FloatHistogram& a, const FloatHistogram& b);
absl::StatusOr<HistogramOutcome> Subtract(FloatHistogram& a, const FloatHistogram& b);
// Kahan's sum: `c` holds what rounding lost so far, bucket by bucket, in `a`'s layout; made by the
// first call when empty.
absl::StatusOr<HistogramOutcome> KahanAdd(FloatHistogram& a, const FloatHistogram& b,
                                          std::optional<FloatHistogram>& c);
void Multiply(FloatHistogram& h, double factor);
// By zero: all counts become infinite or NaN and the buckets go, as in Prometheus.
void Divide(FloatHistogram& h, double scalar);

// Spans without empty buckets at the ends, and without runs of more than `max_empty` inside. Gaps
// up to `max_empty` are filled with empty buckets, so a large one may cost much memory.
void Compact(FloatHistogram& h, int max_empty);
// InvalidArgument for custom buckets or a finer target.
absl::Status ReduceResolution(FloatHistogram& h, int32_t target_schema);
// A copy in a coarser schema, the hint unknown; REQUIRES: exponential, target_schema <= h.schema.
FloatHistogram CopyToSchema(const FloatHistogram& h, int32_t target_schema);

// What is left of two hints where histograms are added, in `a`. True: one says reset, the other
// says not.
bool CombineResetHints(CounterResetHint& a, CounterResetHint b);
// Spans as Compact leaves them where no bucket is empty, and no bucket within the zero bucket.
bool HasRegularBuckets(int32_t schema, double zero_threshold,
                       std::span<const HistogramSpan> positive,
                       std::span<const HistogramSpan> negative);

// A counter was reset between `previous` and `h`.
bool DetectReset(const FloatHistogram& h, const FloatHistogram& previous);
// Same buckets bit for bit, spans that differ only in spelling included; hints do not count.
bool Equal(const FloatHistogram& a, const FloatHistogram& b);
// Some count or sum is infinite.
bool HasOverflow(const FloatHistogram& h);
// The part below `bound` (`upper`: </) or above it (>/), shares interpolated.
void TrimBuckets(FloatHistogram& h, double bound, bool upper);
// Prometheus' size of a histogram in samples of 16 bytes: what limits are counted in.
int64_t SizeInSamples(const FloatHistogram& h);

}  // namespace synoptic::promql
