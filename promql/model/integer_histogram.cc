// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/integer_histogram.h"

#include <cmath>

namespace synoptic::promql {
namespace {

// Added up as floats, as Prometheus does: the two differ beyond 2^53.
std::vector<double> AddUp(const std::vector<int64_t>& deltas) {
  std::vector<double> counts;
  counts.reserve(deltas.size());
  double count = 0;
  for (const int64_t delta : deltas) counts.push_back(count += static_cast<double>(delta));
  return counts;
}

// Not -0, which integers do not have.
bool IsInteger(double v) {
  return std::fabs(v) <= 0x1p53 && v == std::trunc(v) && !(v == 0 && std::signbit(v));
}

bool Differences(const std::vector<double>& counts, std::vector<int64_t>& deltas) {
  int64_t before = 0;
  for (const double count : counts) {
    if (!IsInteger(count)) return false;
    deltas.push_back(static_cast<int64_t>(count) - before);
    before = static_cast<int64_t>(count);
  }
  return true;
}

}  // namespace

FloatHistogram IntegerHistogram::ToFloat() const {
  FloatHistogram h;
  h.hint = hint;
  h.schema = schema;
  h.count = static_cast<double>(count);
  h.sum = sum;
  h.positive_spans = positive_spans;
  h.positive_buckets = AddUp(positive_deltas);
  if (UsesCustomBuckets()) {
    h.custom_values = custom_values;
    return h;
  }
  h.zero_threshold = zero_threshold;
  h.zero_count = static_cast<double>(zero_count);
  h.negative_spans = negative_spans;
  h.negative_buckets = AddUp(negative_deltas);
  return h;
}

std::optional<IntegerHistogram> ToInteger(const FloatHistogram& h) {
  IntegerHistogram out;
  if (!IsInteger(h.count) || h.count < 0 || !IsInteger(h.zero_count) || h.zero_count < 0 ||
      !Differences(h.positive_buckets, out.positive_deltas) ||
      !Differences(h.negative_buckets, out.negative_deltas)) {
    return std::nullopt;
  }
  out.schema = h.schema;
  out.zero_threshold = h.zero_threshold;
  out.zero_count = static_cast<uint64_t>(h.zero_count);
  out.count = static_cast<uint64_t>(h.count);
  out.sum = h.sum;
  out.positive_spans = h.positive_spans;
  out.negative_spans = h.negative_spans;
  out.custom_values = h.custom_values;
  out.hint = h.hint;
  return out;
}

}  // namespace synoptic::promql
