// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// h </ x and h >/ x: the observations on one side of x. Inside a bucket they are taken to be spread
// evenly, on a logarithmic scale for exponential buckets; the sum is that of the midpoints.
#include <cmath>

#include "promql/model/go_math.h"
#include "promql/model/histogram_internal.h"
#include "promql/model/histogram_math.h"

namespace synoptic::promql {
namespace {

struct Cut {
  double bound;
  bool below;   // what is below is kept
  bool linear;  // custom buckets
};

struct Kept {
  double count;
  double midpoint;
};

double Finite(double v) { return std::isinf(v) ? 0 : v; }

double Midpoint(double lower, double upper, bool positive, bool linear) {
  if (std::isinf(lower)) {
    if (std::isinf(upper)) return 0;
    return upper > 0 ? upper / 2 : upper;
  }
  if (std::isinf(upper)) return lower;
  if (linear) return (lower + upper) / 2;
  const double mean = std::sqrt(std::fabs(lower * upper));
  return positive ? mean : -mean;
}

// How much of a bucket's width lies below `v`, which is inside.
double FractionBelow(double lower, double upper, double v, bool linear) {
  if (linear) return (v - lower) / (upper - lower);
  const double log_lower = GoLog2(std::fabs(lower));
  const double log_upper = GoLog2(std::fabs(upper));
  const double log_v = GoLog2(std::fabs(v));
  if (v > 0) return (log_v - log_lower) / (log_upper - log_lower);
  return 1 - (log_v - log_upper) / (log_lower - log_upper);
}

// From -Inf on: custom buckets only, or the first of the negative ones. One that ends above 0 is
// taken to begin there; nothing is known of others.
Kept CutFromMinusInf(double upper, double count, const Cut& cut) {
  const double x = cut.bound;
  const bool begins_at_zero = upper > 0 && !std::isinf(upper);
  if (cut.below) {
    if (x >= upper) return {count, 0};
    if (x > 0 && begins_at_zero) return {count * x / upper, x / 2};
    if (upper <= 0) return {count, x};
    return {0, Finite(upper)};
  }
  if (x <= -std::numeric_limits<double>::infinity()) return {count, 0};
  if (x >= 0 && upper > x && begins_at_zero) {
    return {count * (1 - x / upper), (x + upper) / 2};
  }
  return {0, Finite(upper)};
}

Kept CutToInf(double lower, double count, const Cut& cut) {
  if (!cut.below && cut.bound >= lower) return {count, cut.bound};
  return {0, Finite(lower)};
}

// A bucket that the bound is inside of.
Kept CutInside(double lower, double upper, double count, bool positive, const Cut& cut) {
  if (lower == -std::numeric_limits<double>::infinity()) return CutFromMinusInf(upper, count, cut);
  if (upper == std::numeric_limits<double>::infinity()) return CutToInf(lower, count, cut);
  const double x = cut.bound;
  double below = count;
  if (x <= lower) {
    below = 0;
  } else if (!(x >= upper)) {
    below = count * FractionBelow(lower, upper, x, cut.linear);
  }
  if (cut.below) return {below, Midpoint(lower, x, positive, cut.linear)};
  return {count - below, Midpoint(x, upper, positive, cut.linear)};
}

Kept CutBucket(double lower, double upper, double count, bool positive, const Cut& cut) {
  const double x = cut.bound;
  if (cut.below ? upper <= x : lower >= x) {
    return {count, Midpoint(lower, upper, positive, cut.linear)};
  }
  if (cut.below ? lower < x : upper > x) return CutInside(lower, upper, count, positive, cut);
  return {0, 0};
}

// Where only one side has observations, the zero bucket's are taken to be on it too.
Kept CutZeroBucket(const FloatHistogram& h, bool has_negative, bool has_positive, const Cut& cut) {
  const double lower = has_positive && !has_negative ? 0 : -h.zero_threshold;
  const double upper = has_negative && !has_positive ? 0 : h.zero_threshold;
  const double x = cut.bound;
  const Kept all = {h.zero_count, (lower + upper) / 2};
  if (x <= lower) return cut.below ? Kept{0, 0} : all;
  if (x >= upper) return cut.below ? all : Kept{0, 0};
  if (cut.below) {
    return {h.zero_count * ((x - lower) / (upper - lower)), (lower + x) / 2};
  }
  return {h.zero_count * ((upper - x) / (upper - lower)), (x + upper) / 2};
}

struct Totals {
  double count = 0;
  double sum = 0;
  bool changed = false;

  // Gives what is left.
  void Take(const Kept& kept, double& count_in_out) {
    count += kept.count;
    sum += kept.midpoint * kept.count;
    if (count_in_out != kept.count) {
      count_in_out = kept.count;
      changed = true;
    }
  }
};

// Gives whether the side has observations.
bool CutSide(const FloatHistogram& h, const internal::Spans& spans, internal::Counts& counts,
             bool positive, const Cut& cut, Totals& totals) {
  bool populated = false;
  internal::ForBuckets(spans, counts.size(), [&](int64_t index, size_t i) {
    if (counts[i] == 0) return true;
    populated = true;
    const double far = internal::UpperBound(h, index);
    const double near = internal::UpperBound(h, index - 1);
    totals.Take(positive ? CutBucket(near, far, counts[i], true, cut)
                         : CutBucket(-far, -near, counts[i], false, cut),
                counts[i]);
    return true;
  });
  return populated;
}

}  // namespace

void TrimBuckets(FloatHistogram& h, double bound, bool upper) {
  const Cut cut{bound, upper, h.UsesCustomBuckets()};
  Totals totals;
  const bool has_positive = CutSide(h, h.positive_spans, h.positive_buckets, true, cut, totals);
  const bool has_negative = CutSide(h, h.negative_spans, h.negative_buckets, false, cut, totals);
  if (h.zero_count > 0) {
    totals.Take(CutZeroBucket(h, has_negative, has_positive, cut), h.zero_count);
  }
  if (!totals.changed) return;
  h.count = totals.count;
  h.sum = totals.sum;
  Compact(h, 0);
}

}  // namespace synoptic::promql
