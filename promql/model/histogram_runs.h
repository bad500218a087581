// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Two layouts side by side, bucket by bucket or in runs. Private to promql/model.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "promql/model/histogram.h"

namespace synoptic::promql::internal {

// Where in a side one is: the bucket's index and its place in the counts.
class BucketCursor {
 public:
  explicit BucketCursor(std::span<const HistogramSpan> spans, size_t counts)
      : spans_(spans), counts_(counts) {
    if (!spans_.empty()) index_ = spans_[0].offset;
    SkipEmptySpans();
  }
  bool valid() const { return span_ < spans_.size() && position_ < counts_; }
  int64_t index() const { return index_; }
  size_t position() const { return position_; }
  void Next() {
    ++index_;
    ++position_;
    ++in_span_;
    SkipEmptySpans();
  }

 private:
  void SkipEmptySpans() {
    while (span_ < spans_.size() && in_span_ >= spans_[span_].length) {
      in_span_ = 0;
      if (++span_ < spans_.size()) index_ += spans_[span_].offset;
    }
  }

  std::span<const HistogramSpan> spans_;
  size_t counts_;
  size_t span_ = 0;
  uint32_t in_span_ = 0;
  int64_t index_ = 0;
  size_t position_ = 0;
};

// Calls f(place in a, place in b, length) for each run of successive buckets that both have, from
// b's bucket `skip` on; false, and no more calls, where `b` has one that `a` misses.
// REQUIRES: each side has as many counts as its spans say.
template <class F>
bool ForCommonRuns(std::span<const HistogramSpan> a, std::span<const HistogramSpan> b, size_t skip,
                   F f) {
  size_t span = 0;  // of `a`, with the index and place of its first bucket
  int64_t index_a = a.empty() ? 0 : a[0].offset;
  size_t place_a = 0;
  int64_t index_b = 0;
  size_t place_b = 0;
  for (const HistogramSpan& span_b : b) {
    index_b += span_b.offset;
    const int64_t end = index_b + span_b.length;
    if (place_b < skip) {
      const size_t skipped = std::min<size_t>(skip - place_b, span_b.length);
      index_b += static_cast<int64_t>(skipped);
      place_b += skipped;
    }
    while (index_b < end) {
      while (span < a.size() && index_b >= index_a + a[span].length) {
        index_a += a[span].length;
        place_a += a[span].length;
        if (++span < a.size()) index_a += a[span].offset;
      }
      if (span == a.size() || index_b < index_a) return false;
      const int64_t run = std::min(end, index_a + a[span].length) - index_b;
      f(place_a + static_cast<size_t>(index_b - index_a), place_b, static_cast<size_t>(run));
      index_b += run;
      place_b += static_cast<size_t>(run);
    }
  }
  return true;
}

}  // namespace synoptic::promql::internal
