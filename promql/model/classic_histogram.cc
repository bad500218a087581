// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/classic_histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/go_format.h"
#include "base/status.h"
#include "promql/model/histogram_math.h"

namespace synoptic::promql {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

bool IsInteger(double v) { return std::fabs(v) < 0x1p63 && v == std::trunc(v); }

// As %d prints it.
std::string CountText(double count, bool integer) {
  return integer ? GoFixed(count, 0) : GoFloatG(count);
}

}  // namespace

absl::Status ClassicHistogram::SetBucket(double bound, double count) {
  if (!error_.ok()) return error_;
  if (std::isnan(bound)) return Fail(InvalidArgument("bucket boundary must not be NaN"));
  if (count < 0) {
    return Fail(InvalidArgument("bucket count must be non-negative: le={}, count={}",
                                GoFloatG(bound), GoFloatG(count)));
  }
  const auto at = std::lower_bound(buckets_.begin(), buckets_.end(), bound,
                                   [](const Bucket& b, double v) { return b.bound < v; });
  if (at != buckets_.end() && at->bound == bound) return absl::OkStatus();
  if (at != buckets_.begin() && count < (at - 1)->count) {
    return Fail(InvalidArgument("count is not cumulative: {} < {}", GoFloatG(count),
                                GoFloatG((at - 1)->count)));
  }
  if (at != buckets_.end() && count > at->count) {
    return Fail(
        InvalidArgument("count is not cumulative: {} > {}", GoFloatG(count), GoFloatG(at->count)));
  }
  buckets_.insert(at, {bound, count});
  return absl::OkStatus();
}

absl::Status ClassicHistogram::SetCount(double count) {
  if (!error_.ok()) return error_;
  if (count < 0) {
    return Fail(InvalidArgument("count must be non-negative: count={}", GoFloatG(count)));
  }
  count_ = count;
  return absl::OkStatus();
}

absl::Status ClassicHistogram::SetSum(double sum) {
  if (error_.ok()) sum_ = sum;
  return error_;
}

absl::StatusOr<FloatHistogram> ClassicHistogram::ToNative() const {
  if (!error_.ok()) return error_;
  std::vector<Bucket> buckets = buckets_;
  const double count = count_.value_or(buckets.empty() ? 0 : buckets.back().count);
  if (buckets.empty() || buckets.back().bound != kInf) buckets.push_back({kInf, count});
  const bool integer = IsInteger(count) && std::ranges::all_of(buckets, [](const Bucket& b) {
                         return IsInteger(b.count);
                       });
  if (count != buckets.back().count) {
    return InvalidArgument("count mismatch: count={} != le={} count={}", CountText(count, integer),
                           GoFloatG(buckets.back().bound), GoFloatG(buckets.back().count));
  }

  FloatHistogram h;
  h.schema = kCustomBucketsSchema;
  h.count = count;
  h.sum = sum_;
  h.positive_spans = {{0, static_cast<uint32_t>(buckets.size())}};
  std::vector<double> bounds;
  double before = 0;
  for (const Bucket& bucket : buckets) {
    h.positive_buckets.push_back(bucket.count - before);
    before = bucket.count;
    if (bucket.bound != kInf) bounds.push_back(bucket.bound);
  }
  h.custom_values = std::move(bounds);
  Compact(h, integer ? 2 : 0);
  return h;
}

}  // namespace synoptic::promql
