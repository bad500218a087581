// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/histogram_math.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "promql/model/histogram_internal.h"

namespace synoptic::promql {
namespace {

using internal::Counts;
using internal::Spans;

bool SameBits(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

bool SameBits(const Counts& a, const Counts& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return SameBits(x, y); });
}

// The next span that holds a bucket, with the offsets of empty ones before it; length 0 at the end.
HistogramSpan NextSpan(const Spans& spans, size_t& i) {
  HistogramSpan next;
  int64_t offset = 0;
  while (i < spans.size() && next.length == 0) {
    offset += spans[i].offset;
    next.length = spans[i++].length;
  }
  next.offset = static_cast<int32_t>(offset);
  return next;
}

bool SameLayout(const Spans& a, const Spans& b) {
  if (a == b) return true;
  for (size_t i = 0, j = 0;;) {
    const HistogramSpan x = NextSpan(a, i);
    const HistogramSpan y = NextSpan(b, j);
    if (x.length == 0 && y.length == 0) return true;
    if (x != y) return false;
  }
}

bool AnyInfinite(const Counts& values) {
  return std::any_of(values.begin(), values.end(), [](double v) { return std::isinf(v); });
}

template <class F>
void ForAllCounts(FloatHistogram& h, F change) {
  change(h.zero_count);
  change(h.count);
  change(h.sum);
  for (double& count : h.positive_buckets) change(count);
  for (double& count : h.negative_buckets) change(count);
}

// But for empty buckets, which what is in them tells.
bool AreCanonical(std::span<const HistogramSpan> spans) {
  for (size_t i = 0; i < spans.size(); ++i) {
    if (spans[i].length == 0 || (i > 0 && spans[i].offset <= 0)) return false;
  }
  return true;
}

}  // namespace

void Multiply(FloatHistogram& h, double factor) {
  ForAllCounts(h, [factor](double& v) { v *= factor; });
  if (factor < 0) h.hint = CounterResetHint::kGauge;
}

void Divide(FloatHistogram& h, double scalar) {
  if (scalar == 0) {
    h.positive_buckets.clear();
    h.negative_buckets.clear();
    h.positive_spans.clear();
    h.negative_spans.clear();
  }
  ForAllCounts(h, [scalar](double& v) { v /= scalar; });
  if (scalar < 0) h.hint = CounterResetHint::kGauge;
}

bool Equal(const FloatHistogram& a, const FloatHistogram& b) {
  return a.schema == b.schema && SameBits(a.count, b.count) && SameBits(a.sum, b.sum) &&
         (!a.UsesCustomBuckets() || internal::SameBounds(a.custom_values, b.custom_values)) &&
         a.zero_threshold == b.zero_threshold && SameBits(a.zero_count, b.zero_count) &&
         SameLayout(a.negative_spans, b.negative_spans) &&
         SameBits(a.negative_buckets, b.negative_buckets) &&
         SameLayout(a.positive_spans, b.positive_spans) &&
         SameBits(a.positive_buckets, b.positive_buckets);
}

bool HasOverflow(const FloatHistogram& h) {
  return std::isinf(h.zero_count) || std::isinf(h.count) || std::isinf(h.sum) ||
         AnyInfinite(h.positive_buckets) || AnyInfinite(h.negative_buckets) ||
         AnyInfinite(h.custom_values);
}

bool HasRegularBuckets(int32_t schema, double zero_threshold,
                       std::span<const HistogramSpan> positive,
                       std::span<const HistogramSpan> negative) {
  if (!AreCanonical(positive) || !AreCanonical(negative)) return false;
  const auto begins_outside = [&](std::span<const HistogramSpan> spans) {
    return spans.empty() || ExponentialBound(spans.front().offset, schema) > zero_threshold;
  };
  return schema == kCustomBucketsSchema || (begins_outside(positive) && begins_outside(negative));
}

int64_t SizeInSamples(const FloatHistogram& h) {
  // What Go's value takes without its slices, and the time beside it.
  constexpr size_t kFixed = 168 + 8;
  const size_t words = h.positive_spans.size() + h.negative_spans.size() +
                       h.positive_buckets.size() + h.negative_buckets.size() +
                       h.custom_values.size();
  return static_cast<int64_t>((kFixed + 8 * words) / 16);
}

}  // namespace synoptic::promql
