// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/go_format.h"
#include "base/status.h"
#include "promql/model/histogram_bounds.h"

namespace synoptic::promql {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

bool IsExponential(int32_t schema) {
  return schema >= kExponentialSchemaMin && schema <= kExponentialSchemaMax;
}

// All spans from `first_checked` on must not step backwards, and hold as many buckets as there are.
absl::Status CheckSpans(const std::vector<HistogramSpan>& spans, size_t buckets,
                        size_t first_checked) {
  uint64_t needed = 0;
  for (size_t i = 0; i < spans.size(); ++i) {
    if (i >= first_checked && spans[i].offset < 0) {
      return InvalidArgument(
          "span number {} with offset {}: histogram has a span whose offset is negative", i + 1,
          spans[i].offset);
    }
    needed += spans[i].length;
  }
  if (needed != buckets) {
    return InvalidArgument(
        "spans need {} buckets, have {} buckets: histogram spans specify different number of "
        "buckets than provided",
        needed, buckets);
  }
  return absl::OkStatus();
}

absl::Status CheckCounts(const std::vector<double>& buckets) {
  for (size_t i = 0; i < buckets.size(); ++i) {
    if (buckets[i] < 0) {
      return InvalidArgument(
          "bucket number {} has observation count of {}: histogram has a bucket whose observation "
          "count is negative",
          i + 1, GoFloatG(buckets[i]));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckBounds(const std::vector<double>& bounds) {
  double previous = -kInf;
  for (size_t i = 0; i < bounds.size(); ++i) {
    if (std::isnan(bounds[i])) return InvalidArgument("histogram custom bounds must not be NaN");
    if (i > 0 && bounds[i] <= previous) {
      return InvalidArgument(
          "previous bound is {} and current is {}: histogram custom bounds must be in strictly "
          "increasing order",
          GoFixed(previous, 6), GoFixed(bounds[i], 6));
    }
    previous = bounds[i];
  }
  if (previous == kInf) {
    return InvalidArgument(
        "last +Inf bound must not be explicitly defined: histogram custom bounds must be finite");
  }
  return absl::OkStatus();
}

absl::Status CheckCustomLayout(const FloatHistogram& h) {
  RETURN_IF_ERROR(CheckBounds(h.custom_values));
  RETURN_IF_ERROR(CheckSpans(h.positive_spans, h.positive_buckets.size(), 0));
  int64_t covered = 0;
  for (const HistogramSpan& span : h.positive_spans) covered += int64_t{span.offset} + span.length;
  if (static_cast<int64_t>(h.custom_values.size()) + 1 < covered) {
    return InvalidArgument(
        "only {} custom bounds defined which is insufficient to cover total span length of {}: "
        "histogram custom bounds are too few",
        h.custom_values.size(), covered);
  }
  return absl::OkStatus();
}

absl::Status CheckCustom(const FloatHistogram& h) {
  RETURN_IF_ERROR(Annotate(CheckCustomLayout(h), "custom buckets"));
  if (h.zero_count != 0) return InvalidArgument("custom buckets: must have zero count of 0");
  if (h.zero_threshold != 0) {
    return InvalidArgument("custom buckets: must have zero threshold of 0");
  }
  if (!h.negative_spans.empty()) {
    return InvalidArgument("custom buckets: must not have negative spans");
  }
  if (!h.negative_buckets.empty()) {
    return InvalidArgument("custom buckets: must not have negative buckets");
  }
  return absl::OkStatus();
}

absl::Status CheckExponential(const FloatHistogram& h) {
  RETURN_IF_ERROR(
      Annotate(CheckSpans(h.positive_spans, h.positive_buckets.size(), 1), "positive side"));
  RETURN_IF_ERROR(
      Annotate(CheckSpans(h.negative_spans, h.negative_buckets.size(), 1), "negative side"));
  RETURN_IF_ERROR(Annotate(CheckCounts(h.negative_buckets), "negative side"));
  if (h.zero_count < 0) {
    return InvalidArgument(
        "zero bucket has observation count of {}: histogram has a bucket whose observation count "
        "is negative",
        GoFloatG(h.zero_count));
  }
  if (!h.custom_values.empty()) {
    return InvalidArgument("histogram with exponential schema must not have custom bounds");
  }
  return absl::OkStatus();
}

double CustomBound(int64_t index, const std::vector<double>& bounds) {
  if (index < 0) return -kInf;
  const size_t i = static_cast<size_t>(index);
  return i < bounds.size() ? bounds[i] : kInf;
}

// Buckets of one side, from the one nearest to zero outwards.
std::vector<HistogramBucket> Side(const FloatHistogram& h, bool positive) {
  const auto& spans = positive ? h.positive_spans : h.negative_spans;
  const auto& counts = positive ? h.positive_buckets : h.negative_buckets;
  const auto bound = [&](int64_t index) {
    return h.UsesCustomBuckets() ? CustomBound(index, h.custom_values)
                                 : ExponentialBound(index, h.schema);
  };
  std::vector<HistogramBucket> buckets;
  buckets.reserve(counts.size());
  int64_t index = 0;
  for (const HistogramSpan& span : spans) {
    index += span.offset;
    for (uint32_t i = 0; i < span.length && buckets.size() < counts.size(); ++i, ++index) {
      const double count = counts[buckets.size()];
      if (h.UsesCustomBuckets()) {
        buckets.push_back({bound(index - 1), bound(index), index == 0, true, count});
      } else if (positive) {
        buckets.push_back({bound(index - 1), bound(index), false, true, count});
      } else {
        buckets.push_back({-bound(index), -bound(index - 1), true, false, count});
      }
    }
  }
  return buckets;
}

std::vector<HistogramBucket> Unclipped(const FloatHistogram& h) {
  std::vector<HistogramBucket> buckets = Side(h, false);
  std::reverse(buckets.begin(), buckets.end());
  // NaN counts are printed, though Buckets leaves them out.
  if (h.zero_count != 0) {
    buckets.push_back({-h.zero_threshold, h.zero_threshold, true, true, h.zero_count});
  }
  const std::vector<HistogramBucket> positive = Side(h, true);
  buckets.insert(buckets.end(), positive.begin(), positive.end());
  return buckets;
}

void AppendBucket(const HistogramBucket& b, std::string& out) {
  out += b.lower_inclusive ? ", [" : ", (";
  out += GoFloatG(b.lower) + "," + GoFloatG(b.upper);
  out += b.upper_inclusive ? "]:" : "):";
  out += GoFloatG(b.count);
}

}  // namespace

absl::Status FloatHistogram::Validate() const {
  if (!UsesCustomBuckets() && !IsExponential(schema)) {
    return InvalidArgument(
        "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, "
        "or -53 for custom buckets, got schema {}",
        schema);
  }
  RETURN_IF_ERROR(UsesCustomBuckets() ? CheckCustom(*this) : CheckExponential(*this));
  if (count < 0) {
    return InvalidArgument("observation count is {}: histogram's observation count is negative",
                           GoFloatG(count));
  }
  return Annotate(CheckCounts(positive_buckets), "positive side");
}

std::vector<HistogramBucket> FloatHistogram::Buckets() const {
  std::vector<HistogramBucket> buckets = Unclipped(*this);
  for (HistogramBucket& b : buckets) {
    if (b.upper < 0 && b.upper > -zero_threshold) {
      b.upper = -zero_threshold;
    } else if (b.lower > 0 && b.lower < zero_threshold) {
      b.lower = zero_threshold;
    }
  }
  // A result's zero bucket may count less than nothing, or NaN.
  std::erase_if(buckets, [this](const HistogramBucket& b) {
    return b.lower == -zero_threshold && b.upper == zero_threshold && b.lower_inclusive &&
           b.upper_inclusive && !(b.count > 0);
  });
  return buckets;
}

std::string FloatHistogram::ToString() const {
  std::string out = "{count:" + GoFloatG(count) + ", sum:" + GoFloatG(sum);
  for (const HistogramBucket& bucket : Unclipped(*this)) {
    if (bucket.count != 0) AppendBucket(bucket, out);
  }
  return out + "}";
}

double ExponentialBound(int64_t index, int32_t schema) {
  // What lies beyond these indexes is 0 or infinite whatever the schema.
  index = std::clamp<int64_t>(index, -(int64_t{1} << 20), int64_t{1} << 20);
  double fraction = 0.5;
  int64_t exponent = 0;
  if (schema < 0) {
    exponent = (index << -schema) + 1;
  } else {
    const int64_t per_power = int64_t{1} << schema;
    fraction = kExponentialFractions[(index & (per_power - 1)) * (256 / per_power)];
    exponent = (index >> schema) + 1;
  }
  // Nearly always a normal number, whose exponent is there to be added to.
  constexpr int64_t kHalf = 1022;  // the exponent of 0.5 and what is up to 1
  if (exponent > -kHalf && exponent <= 1024) [[likely]] {
    return std::bit_cast<double>(std::bit_cast<uint64_t>(fraction) +
                                 (static_cast<uint64_t>(exponent) << 52));
  }
  // The bucket of the largest doubles ends with them; one more holds the infinities.
  if (fraction == 0.5 && exponent == 1025) return std::numeric_limits<double>::max();
  return std::ldexp(fraction, static_cast<int>(exponent));
}

}  // namespace synoptic::promql
