// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The buckets of a native histogram in order, without their bounds: those cost more than the rest
// and are mostly needed of one bucket alone. Private to promql/functions.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "promql/model/histogram.h"

namespace synoptic::promql {

enum class BucketSide : uint8_t { kNegative, kZero, kPositive };

struct BucketAt {
  BucketSide side = BucketSide::kZero;
  int64_t index = 0;
  double count = 0;
};

namespace internal {

template <class F>
bool WalkUp(BucketSide side, const std::vector<HistogramSpan>& spans,
            const std::vector<double>& counts, F& f) {
  int64_t index = 0;
  size_t k = 0;
  for (const HistogramSpan& span : spans) {
    index += span.offset;
    for (uint32_t i = 0; i < span.length && k < counts.size(); ++i, ++index) {
      if (!f(BucketAt{side, index, counts[k++]})) return false;
    }
  }
  return true;
}

template <class F>
bool WalkDown(BucketSide side, const std::vector<HistogramSpan>& spans,
              const std::vector<double>& counts, F& f) {
  int64_t end = 0;  // index behind the span
  for (const HistogramSpan& span : spans) end += int64_t{span.offset} + span.length;
  size_t k = counts.size();
  for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
    for (uint32_t i = 0; i < span->length && k > 0; ++i) {
      if (!f(BucketAt{side, --end, counts[--k]})) return false;
    }
    end -= span->offset;
  }
  return true;
}

}  // namespace internal

// f(bucket) from the most negative bucket up, or down from the highest; the zero bucket only if it
// counts something. Stops when `f` says false, and returns that.
template <class F>
bool ForEachBucket(const FloatHistogram& h, bool ascending, F f) {
  using internal::WalkDown, internal::WalkUp;
  const auto zero = [&] {
    return !(h.zero_count > 0) || f(BucketAt{BucketSide::kZero, 0, h.zero_count});
  };
  if (ascending) {
    return WalkDown(BucketSide::kNegative, h.negative_spans, h.negative_buckets, f) && zero() &&
           WalkUp(BucketSide::kPositive, h.positive_spans, h.positive_buckets, f);
  }
  return WalkDown(BucketSide::kPositive, h.positive_spans, h.positive_buckets, f) && zero() &&
         WalkUp(BucketSide::kNegative, h.negative_spans, h.negative_buckets, f);
}

struct BucketBounds {
  double lower;
  double upper;
};

// A bucket that reaches into the zero bucket ends where that begins.
inline BucketBounds BoundsOf(const FloatHistogram& h, const BucketAt& bucket) {
  if (bucket.side == BucketSide::kZero) return {-h.zero_threshold, h.zero_threshold};
  const auto bound = [&](int64_t index) {
    if (!h.UsesCustomBuckets()) return ExponentialBound(index, h.schema);
    constexpr double kInf = std::numeric_limits<double>::infinity();
    if (index < 0) return -kInf;
    const auto i = static_cast<size_t>(index);
    return i < h.custom_values.size() ? h.custom_values[i] : kInf;
  };
  BucketBounds bounds = bucket.side == BucketSide::kPositive
                            ? BucketBounds{bound(bucket.index - 1), bound(bucket.index)}
                            : BucketBounds{-bound(bucket.index), -bound(bucket.index - 1)};
  if (bounds.upper < 0 && bounds.upper > -h.zero_threshold) {
    bounds.upper = -h.zero_threshold;
  } else if (bounds.lower > 0 && bounds.lower < h.zero_threshold) {
    bounds.lower = h.zero_threshold;
  }
  return bounds;
}

}  // namespace synoptic::promql
