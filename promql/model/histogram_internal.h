// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The steps that histogram arithmetic is made of. Private to promql/model.
//
// Bucket indexes are int64 while they are worked on: offsets that an upstream made up may add up to
// more than an int32, and then nothing worse than a wrong offset comes out.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "promql/model/histogram.h"

namespace synoptic::promql::internal {

using Spans = SharedVector<HistogramSpan>;
using Counts = std::vector<double>;

// One side of a histogram that is changed. `c`, where not null, holds what rounding lost of each
// bucket and keeps the layout of `counts`.
struct Side {
  Spans& spans;
  Counts& counts;
  Counts* c;
};

// One side that is read; `c` is empty or as long as `counts`.
struct SideView {
  const Spans& spans;
  std::span<const double> counts;
  std::span<const double> c = {};
};

// Upper bound of a bucket in whichever schema `h` has.
inline double UpperBound(const FloatHistogram& h, int64_t index) {
  if (!h.UsesCustomBuckets()) return ExponentialBound(index, h.schema);
  if (index < 0) return -std::numeric_limits<double>::infinity();
  const size_t i = static_cast<size_t>(index);
  return i < h.custom_values.size() ? h.custom_values[i] : std::numeric_limits<double>::infinity();
}

inline size_t CountBuckets(std::span<const HistogramSpan> spans) {
  size_t buckets = 0;
  for (const HistogramSpan& span : spans) buckets += span.length;
  return buckets;
}

// The bucket of a coarser schema that bucket `index` belongs to.
inline int64_t CoarserIndex(int64_t index, int64_t schema, int64_t target) {
  const int64_t shift = schema - target;
  return ((index - 1) >> (shift < 63 ? shift : 63)) + 1;
}

// Calls visit(index, position) for each bucket of a side, outwards, until it returns false.
template <class Visit>
void ForBuckets(std::span<const HistogramSpan> spans, size_t count, Visit visit) {
  int64_t index = 0;
  size_t position = 0;
  for (const HistogramSpan& span : spans) {
    index += span.offset;
    for (uint32_t i = 0; i < span.length && position < count; ++i, ++index, ++position) {
      if (!visit(index, position)) return;
    }
  }
}

// Builds spans from bucket indexes that rise.
class SpanBuilder {
 public:
  explicit SpanBuilder(std::vector<HistogramSpan>& out) : out_(out) {}
  // Extends the last span where the index follows it, else opens a new one.
  void Add(int64_t index) {
    if (!out_.empty() && index == end_) {
      ++out_.back().length;
    } else {
      out_.push_back({static_cast<int32_t>(index - end_), 1});
    }
    end_ = index + 1;
  }

 private:
  std::vector<HistogramSpan>& out_;
  int64_t end_ = 0;
};

// Adds (or subtracts) b's buckets to a's of the same schema, making what is missing in `a`. Buckets
// of `b` up to `threshold` are taken to be in the zero bucket. With a.c, sums are compensated.
void AddBuckets(Side a, SideView b, int32_t schema, double threshold, bool subtract);

// How many of a side's first buckets end inside the zero bucket. REQUIRES: an exponential schema.
size_t CoveredByZero(std::span<const HistogramSpan> spans, size_t counts, int32_t schema,
                     double threshold);

// Merges buckets into those of a coarser schema.
void ReduceSide(Side side, int32_t schema, int32_t target);

// See Compact. A bucket whose lost part is not zero is not empty.
void CompactSide(Side side, int64_t max_empty);

// Widens a's zero bucket until it covers b's and no populated bucket of either is cut by its edge.
// Gives b's zero count at that width, and what rounding lost of it.
struct ZeroBucket {
  double count;
  double threshold;
  double c;
};
ZeroBucket ReconcileZeroBuckets(FloatHistogram& a, const FloatHistogram& b, FloatHistogram* c);
// h's zero bucket were its threshold `threshold`, which is not smaller than it is.
ZeroBucket WidenedZeroBucket(const FloatHistogram& h, double threshold, const FloatHistogram* c);

bool SameBounds(const SharedVector<double>& a, const SharedVector<double>& b);
// Custom bounds that both have.
Counts CommonBounds(const Counts& a, const Counts& b);
// Maps both to `bounds`, adds, and leaves out what is empty.
void AddOverCommonBounds(FloatHistogram& a, const FloatHistogram& b, Counts bounds, bool subtract,
                         FloatHistogram* c);

}  // namespace synoptic::promql::internal
