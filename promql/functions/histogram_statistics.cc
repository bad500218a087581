// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/histogram_statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "promql/functions/bucket_walk.h"
#include "promql/functions/go_exp2.h"
#include "promql/model/go_math.h"
#include "promql/model/kahan.h"
#include "promql/model/sample.h"

namespace synoptic::promql {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

// Where values of one sign only were seen, the zero bucket ends at zero.
void ClipZeroBucket(const FloatHistogram& h, BucketBounds& bounds) {
  if (h.negative_buckets.empty() && !h.positive_buckets.empty()) {
    bounds.lower = 0;
  } else if (h.positive_buckets.empty() && !h.negative_buckets.empty()) {
    bounds.upper = 0;
  }
}

double CountOfBuckets(const FloatHistogram& h) {
  double count = 0;
  ForEachBucket(h, true, [&](const BucketAt& bucket) {
    count += bucket.count;
    return true;
  });
  return count;
}

// Where `share` of the bucket's observations lie below.
double Interpolate(const FloatHistogram& h, const BucketBounds& bounds, double share) {
  if (h.UsesCustomBuckets() || (bounds.lower <= 0 && bounds.upper >= 0)) {
    return bounds.lower + (bounds.upper - bounds.lower) * share;
  }
  const double lower = GoLog2(std::fabs(bounds.lower));
  const double upper = GoLog2(std::fabs(bounds.upper));
  if (bounds.lower > 0) return GoExp2(lower + (upper - lower) * share);
  return -GoExp2(upper + (lower - upper) * (1 - share));
}

// How much of a bucket lies below `v`, which is inside of it.
double ShareBelow(const BucketBounds& bounds, double v, bool linear) {
  if (linear) return (v - bounds.lower) / (bounds.upper - bounds.lower);
  const double lower = GoLog2(std::fabs(bounds.lower));
  const double upper = GoLog2(std::fabs(bounds.upper));
  const double at = GoLog2(std::fabs(v));
  if (v > 0) return (at - lower) / (upper - lower);
  return 1 - (at - upper) / (lower - upper);
}

// The rank that one end of a fraction has: how many observations lie below it.
class RankOfBound {
 public:
  explicit RankOfBound(double bound) : bound_(bound) {}

  bool found() const { return found_; }
  void ReachedBy(const BucketBounds& bounds, double below) {
    if (!found_ && bounds.lower >= bound_) Found(below);
  }
  void InsideOf(const BucketBounds& bounds, double below, double count, bool linear) {
    if (found_ || !(bounds.lower < bound_ && bounds.upper > bound_)) return;
    // A bucket without an end cannot be divided.
    const bool endless = linear && bounds.lower == -kInf;
    Found(endless ? count : below + count * ShareBelow(bounds, bound_, linear));
  }
  double AtMost(double count) const { return !found_ || rank_ > count ? count : rank_; }

 private:
  void Found(double rank) {
    rank_ = rank;
    found_ = true;
  }
  double bound_;
  double rank_ = 0;
  bool found_ = false;
};

}  // namespace

HistogramAnswer QuantileOfHistogram(double q, const FloatHistogram& h) {
  if (q < 0) return {-kInf};
  if (q > 1) return {kInf};
  if (h.count == 0 || std::isnan(q)) return {NormalNaN()};

  // NaN observations are in no bucket: the rank can only be found from below.
  const bool may_hold_nan = std::isnan(h.sum);
  const bool ascending = may_hold_nan || q < 0.5;
  double rank = (ascending ? q : 1 - q) * h.count;

  BucketAt bucket;
  bool any = false;
  double count = 0;
  ForEachBucket(h, ascending, [&](const BucketAt& b) {
    bucket = b;
    any = true;
    if (b.count == 0) return true;
    count += b.count;
    return !(count >= rank);
  });
  BucketBounds bounds = any ? BoundsOf(h, bucket) : BucketBounds{0, 0};
  if (!h.UsesCustomBuckets()) {
    if (bounds.lower < 0 && bounds.upper > 0) ClipZeroBucket(h, bounds);
  } else if (bounds.lower == -kInf) {
    if (bounds.upper <= 0) return {bounds.upper};
    bounds.lower = 0;
  } else if (bounds.upper == kInf) {
    return {bounds.lower};
  }
  if (count > h.count) count = h.count;  // rounding
  if (count < rank) {
    if (may_hold_nan) return {NormalNaN(), NaNObservations::kResultIsNaN};
    return {bounds.upper};
  }
  rank = ascending ? rank - (count - bucket.count) : count - rank;
  NaNObservations nan = NaNObservations::kNone;
  double counted = bucket.count;
  if (may_hold_nan) {
    // What follows the bucket found; the last one of all is then what the result is taken from.
    bool behind = false;
    const BucketAt found = bucket;
    ForEachBucket(h, true, [&](const BucketAt& b) {
      if (behind) {
        count += b.count;
        bucket = b;
      }
      behind = behind || (b.side == found.side && b.index == found.index);
      return true;
    });
    if (bucket.side != found.side || bucket.index != found.index) {
      bounds = BoundsOf(h, bucket);
      counted = bucket.count;
    }
    if (count < h.count) nan = NaNObservations::kSkewed;
  }
  return {Interpolate(h, bounds, rank / counted), nan};
}

HistogramAnswer FractionOfHistogram(double lower, double upper, const FloatHistogram& h) {
  if (h.count == 0 || std::isnan(lower) || std::isnan(upper)) return {NormalNaN()};
  if (lower >= upper) return {0};

  RankOfBound from(lower), to(upper);
  double below = 0;
  ForEachBucket(h, true, [&](const BucketAt& bucket) {
    BucketBounds bounds = BoundsOf(h, bucket);
    const bool around_zero = bounds.lower <= 0 && bounds.upper >= 0;
    if (around_zero) ClipZeroBucket(h, bounds);
    from.ReachedBy(bounds, below);
    to.ReachedBy(bounds, below);
    if (from.found() && to.found()) return false;
    const bool linear = h.UsesCustomBuckets() || around_zero;
    from.InsideOf(bounds, below, bucket.count, linear);
    to.InsideOf(bounds, below, bucket.count, linear);
    if (from.found() && to.found()) return false;
    below += bucket.count;
    return true;
  });
  double count = h.count;
  NaNObservations nan = NaNObservations::kNone;
  if (std::isnan(h.sum)) {
    count = CountOfBuckets(h);
    if (count < h.count) nan = NaNObservations::kSkewed;
  }
  return {(to.AtMost(count) - from.AtMost(count)) / h.count, nan};
}

double VarianceOfHistogram(const FloatHistogram& h) {
  const double mean = h.sum / h.count;
  KahanSum squares;
  ForEachBucket(h, true, [&](const BucketAt& bucket) {
    if (bucket.count == 0) return true;
    const BucketBounds bounds = BoundsOf(h, bucket);
    double middle = 0;
    if (h.UsesCustomBuckets()) {
      middle = (bounds.upper + bounds.lower) / 2.0;
    } else if (!(bounds.lower <= 0 && bounds.upper >= 0)) {
      middle = std::sqrt(bounds.upper * bounds.lower);
      if (bounds.upper < 0) middle = -middle;
    }
    const double delta = middle - mean;
    squares.Add(bucket.count * delta * delta);
    return true;
  });
  return squares.Total() / h.count;
}

}  // namespace synoptic::promql
