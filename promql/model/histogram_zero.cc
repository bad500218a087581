// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Brings two zero buckets to one width.
#include "promql/model/histogram_internal.h"
#include "promql/model/kahan.h"

namespace synoptic::promql::internal {
namespace {

// Takes the buckets of one side that begin inside `threshold` into `zero`. Gives the far edge of a
// populated bucket that `threshold` would cut, else `threshold`.
double TakeSide(const FloatHistogram& h, const Spans& spans, const Counts& counts,
                const Counts* lost, double threshold, KahanSum& zero) {
  double edge = threshold;
  ForBuckets(spans, counts.size(), [&](int64_t index, size_t i) {
    if (UpperBound(h, index - 1) >= threshold) return false;
    zero.Add(counts[i]);
    if (lost != nullptr) zero.Add((*lost)[i]);
    const double upper = UpperBound(h, index);
    if (!(upper > threshold)) return true;
    if (counts[i] != 0) edge = upper;
    return false;
  });
  return edge;
}

void EmptySideWithin(const FloatHistogram& h, Side side) {
  ForBuckets(side.spans, side.counts.size(), [&](int64_t index, size_t i) {
    if (UpperBound(h, index - 1) >= h.zero_threshold) return false;
    side.counts[i] = 0;
    if (side.c != nullptr) (*side.c)[i] = 0;
    return true;
  });
  CompactSide(side, 0);
}

}  // namespace

ZeroBucket WidenedZeroBucket(const FloatHistogram& h, double threshold, const FloatHistogram* c) {
  KahanSum zero{h.zero_count, c == nullptr ? 0 : c->zero_count};
  if (threshold == h.zero_threshold) return {zero.sum, threshold, zero.c};
  const Counts* const lost_positive = c == nullptr ? nullptr : &c->positive_buckets;
  const Counts* const lost_negative = c == nullptr ? nullptr : &c->negative_buckets;
  for (;;) {
    // Only the sum begins anew: what the rounds before lost stays, as in Prometheus.
    zero.sum = h.zero_count;
    threshold = TakeSide(h, h.positive_spans, h.positive_buckets, lost_positive, threshold, zero);
    const double edge =
        TakeSide(h, h.negative_spans, h.negative_buckets, lost_negative, threshold, zero);
    // What was taken of the positive side no longer holds when the negative one moves the edge.
    if (!(edge > threshold)) return {zero.sum, threshold, zero.c};
    threshold = edge;
  }
}

ZeroBucket ReconcileZeroBuckets(FloatHistogram& a, const FloatHistogram& b, FloatHistogram* c) {
  ZeroBucket other{b.zero_count, b.zero_threshold, 0};
  while (other.threshold != a.zero_threshold) {
    if (a.zero_threshold > other.threshold) other = WidenedZeroBucket(b, a.zero_threshold, nullptr);
    if (other.threshold == a.zero_threshold) break;
    if (!(other.threshold > a.zero_threshold)) break;  // a threshold that is no number
    const ZeroBucket own = WidenedZeroBucket(a, other.threshold, c);
    a.zero_count = own.count;
    a.zero_threshold = own.threshold;
    if (c != nullptr) c->zero_count = own.c;
    EmptySideWithin(
        a, {a.positive_spans, a.positive_buckets, c == nullptr ? nullptr : &c->positive_buckets});
    EmptySideWithin(
        a, {a.negative_spans, a.negative_buckets, c == nullptr ? nullptr : &c->negative_buckets});
  }
  return other;
}

}  // namespace synoptic::promql::internal
