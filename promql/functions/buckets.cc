// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// histogram_quantile and histogram_fraction of classic buckets.
#include <algorithm>
#include <cmath>
#include <limits>

#include "promql/functions/go_sort.h"
#include "promql/functions/math.h"

namespace synoptic::promql {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
// Counts that differ by less, relative to their sum, differ by rounding.
constexpr double kTolerance = 1e-12;

bool AlmostEqual(double a, double b) {
  if (IsStaleNaN(a) || IsStaleNaN(b)) return IsStaleNaN(a) && IsStaleNaN(b);
  if (std::isnan(a) && std::isnan(b)) return true;
  if (a == b) return true;
  constexpr double kMinNormal = std::numeric_limits<double>::min();
  const double sum = std::fabs(a) + std::fabs(b);
  const double difference = std::fabs(a - b);
  if (a == 0 || b == 0 || sum < kMinNormal) return difference < kTolerance * kMinNormal;
  return difference / GoMin(sum, std::numeric_limits<double>::max()) < kTolerance;
}

// Sorts by bound and adds up buckets of equal bound; empty when the last one is not +Inf.
std::span<Bucket> SortAndMerge(std::span<Bucket> buckets) {
  if (buckets.empty()) return {};
  // Where there is a NaN among the bounds, it may stay in the way of what is on either side.
  internal::SortLikeGo(
      buckets, [](const Bucket& a, const Bucket& b) { return a.upper_bound < b.upper_bound; });
  if (buckets.back().upper_bound != kInf) return {};
  size_t last = 0;
  for (size_t i = 1; i < buckets.size(); ++i) {
    if (buckets[i].upper_bound == buckets[last].upper_bound) {
      buckets[last].count += buckets[i].count;
    } else {
      buckets[++last] = buckets[i];
    }
  }
  return buckets.first(last + 1);
}

// Raises counts that are below the one before, as cumulative counts cannot be; tells of it only
// where the difference is no rounding error.
void MakeMonotonic(std::span<Bucket> buckets, BucketQuantile& result) {
  result.min_bucket = kInf;
  result.max_bucket = -kInf;
  double previous = buckets[0].count;
  for (Bucket& bucket : buckets.subspan(1)) {
    const double count = bucket.count;
    if (count == previous) continue;
    const bool rounding = AlmostEqual(previous, count);
    if (!rounding && !(count < previous)) {
      previous = count;
      continue;
    }
    bucket.count = previous;
    if (rounding) continue;
    result.forced_monotonic = true;
    result.min_bucket = std::min(result.min_bucket, bucket.upper_bound);
    result.max_bucket = std::max(result.max_bucket, bucket.upper_bound);
    result.max_difference = std::max(result.max_difference, previous - count);
  }
}

double Interpolate(double phi, std::span<const Bucket> buckets) {
  const size_t last = buckets.size() - 1;
  if (last == 0 || buckets[last].count == 0) return NormalNaN();
  double rank = phi * buckets[last].count;
  const auto found =
      std::partition_point(buckets.begin(), buckets.begin() + static_cast<ptrdiff_t>(last),
                           [&](const Bucket& b) { return !(b.count >= rank); });
  const size_t b = static_cast<size_t>(found - buckets.begin());
  if (b == last) return buckets[last - 1].upper_bound;
  if (b == 0 && buckets[0].upper_bound <= 0) return buckets[0].upper_bound;
  double start = 0;  // of the first bucket: observations are taken to be positive
  double count = buckets[b].count;
  if (b > 0) {
    start = buckets[b - 1].upper_bound;
    count -= buckets[b - 1].count;
    rank -= buckets[b - 1].count;
  }
  return start + (buckets[b].upper_bound - start) * (rank / count);
}

// Cumulative counts at `lower` and `upper`, found in one pass over the buckets.
class FractionRanks {
 public:
  FractionRanks(double lower, double upper) : lower_{lower, 0, false}, upper_{upper, 0, false} {}

  // False when both are known.
  bool Visit(double bucket_lower, const Bucket& bucket) {
    VisitEdge(lower_, bucket_lower, bucket);
    VisitEdge(upper_, bucket_lower, bucket);
    rank_ = bucket.count;
    return !(lower_.set && upper_.set);
  }
  double Lower(double total) const { return Clamp(lower_, total); }
  double Upper(double total) const { return Clamp(upper_, total); }

 private:
  struct Edge {
    double value;
    double rank;
    bool set;
  };

  void VisitEdge(Edge& edge, double bucket_lower, const Bucket& bucket) const {
    if (edge.set) return;
    if (bucket_lower >= edge.value) {
      edge.rank = rank_;
      edge.set = true;
    } else if (bucket_lower < edge.value && bucket.upper_bound > edge.value) {
      edge.rank = RankInside(edge.value, bucket_lower, bucket);
      edge.set = true;
    }
  }

  double RankInside(double value, double bucket_lower, const Bucket& bucket) const {
    if (bucket_lower == -kInf) return bucket.count;  // no interpolation over an infinite width
    return rank_ +
           (bucket.count - rank_) * (value - bucket_lower) / (bucket.upper_bound - bucket_lower);
  }

  static double Clamp(const Edge& edge, double total) {
    return !edge.set || edge.rank > total ? total : edge.rank;
  }

  Edge lower_;
  Edge upper_;
  double rank_ = 0;
};

}  // namespace

BucketQuantile QuantileOfBuckets(double phi, std::span<Bucket> buckets) {
  BucketQuantile result{.value = NormalNaN()};
  if (std::isnan(phi)) return result;
  if (phi < 0 || phi > 1) {
    result.value = phi < 0 ? -kInf : kInf;
    return result;
  }
  const std::span<Bucket> merged = SortAndMerge(buckets);
  if (merged.empty()) return result;
  MakeMonotonic(merged, result);
  result.value = Interpolate(phi, merged);
  return result;
}

double FractionOfBuckets(double lower, double upper, std::span<Bucket> buckets) {
  const std::span<Bucket> merged = SortAndMerge(buckets);
  if (merged.empty()) return NormalNaN();
  const double total = merged.back().count;
  if (total == 0 || std::isnan(lower) || std::isnan(upper)) return NormalNaN();
  if (lower >= upper) return 0;

  FractionRanks ranks(lower, upper);
  double bucket_lower = merged[0].upper_bound <= 0 ? -kInf : 0;
  for (const Bucket& bucket : merged) {
    if (!ranks.Visit(bucket_lower, bucket)) break;
    bucket_lower = bucket.upper_bound;
  }
  return (ranks.Upper(total) - ranks.Lower(total)) / total;
}

}  // namespace synoptic::promql
