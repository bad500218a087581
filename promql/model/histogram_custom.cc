// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Custom bounds that differ: what both have is kept.
#include <algorithm>
#include <iterator>
#include <utility>

#include "promql/model/histogram_internal.h"
#include "promql/model/kahan.h"

namespace synoptic::promql::internal {
namespace {

// Adds the buckets of `h`, each to the first of `bounds` that is not below its own.
void MapOnto(const FloatHistogram& h, const Counts& bounds, const Counts* lost, bool subtract,
             std::vector<KahanSum>& out) {
  size_t target = 0;
  ForBuckets(h.positive_spans, h.positive_buckets.size(), [&](int64_t index, size_t i) {
    const double bound = UpperBound(h, index);
    while (target < bounds.size() && bounds[target] < bound) ++target;
    out[target].Add(subtract ? -h.positive_buckets[i] : h.positive_buckets[i]);
    if (lost != nullptr) out[target].Add((*lost)[i]);
    return true;
  });
}

}  // namespace

bool SameBounds(const SharedVector<double>& a, const SharedVector<double>& b) { return a == b; }

Counts CommonBounds(const Counts& a, const Counts& b) {
  Counts common;
  std::ranges::set_intersection(a, b, std::back_inserter(common));
  return common;
}

void AddOverCommonBounds(FloatHistogram& a, const FloatHistogram& b, Counts bounds, bool subtract,
                         FloatHistogram* c) {
  std::vector<KahanSum> sums(bounds.size() + 1);
  MapOnto(a, bounds, c == nullptr ? nullptr : &c->positive_buckets, false, sums);
  MapOnto(b, bounds, nullptr, subtract, sums);
  a.positive_buckets.clear();
  if (c != nullptr) c->positive_buckets.clear();
  std::vector<HistogramSpan> layout;
  SpanBuilder spans(layout);
  for (size_t i = 0; i < sums.size(); ++i) {
    if (sums[i].sum == 0 && sums[i].c == 0) continue;
    spans.Add(static_cast<int64_t>(i));
    a.positive_buckets.push_back(sums[i].sum);
    if (c != nullptr) c->positive_buckets.push_back(sums[i].c);
  }
  a.positive_spans = std::move(layout);
  a.custom_values = std::move(bounds);
  if (c != nullptr) c->custom_values = a.custom_values;
}

}  // namespace synoptic::promql::internal
