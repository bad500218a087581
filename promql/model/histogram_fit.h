// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether a histogram fits into a chunk that has its layout already, and how the two are brought to
// one layout. Private to promql/model.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "promql/model/histogram_internal.h"
#include "promql/model/histogram_runs.h"
#include "promql/model/integer_histogram.h"

namespace synoptic::promql::internal {

struct SideFit {
  bool decreased = false;  // a bucket has less than before, or a populated one is gone
  bool widens = false;     // buckets that the chunk misses
  bool misses = false;     // empty ones of the chunk that the histogram misses
  Spans spans;             // all of both
};

struct Fit {
  enum class Reset : uint8_t { kNo, kYes, kUnknown };

  bool fits;
  Reset reset;
  SideFit positive = {};
  SideFit negative = {};

  bool widens() const { return positive.widens || negative.widens; }
  bool misses() const { return positive.misses || negative.misses; }
};

inline std::vector<int64_t> AbsoluteCounts(const std::vector<int64_t>& deltas) {
  std::vector<int64_t> counts;
  counts.reserve(deltas.size());
  uint64_t count = 0;  // wraps where an upstream made numbers up
  for (const int64_t delta : deltas) {
    count += static_cast<uint64_t>(delta);
    counts.push_back(static_cast<int64_t>(count));
  }
  return counts;
}
inline const std::vector<double>& AbsoluteCounts(const std::vector<double>& counts) {
  return counts;
}

inline std::vector<int64_t> StoredCounts(const std::vector<int64_t>& counts) {
  std::vector<int64_t> deltas;
  deltas.reserve(counts.size());
  uint64_t before = 0;
  for (const int64_t count : counts) {
    deltas.push_back(static_cast<int64_t>(static_cast<uint64_t>(count) - before));
    before = static_cast<uint64_t>(count);
  }
  return deltas;
}
inline std::vector<double> StoredCounts(std::vector<double> counts) { return counts; }

// Calls both(i, j), ours(i) or theirs(j) for each bucket of either side with its place.
template <class Both, class Ours, class Theirs>
SideFit ForUnion(const Spans& ours, const Spans& theirs, Both both, Ours only_ours,
                 Theirs only_theirs) {
  SideFit fit;
  std::vector<HistogramSpan> spans;
  SpanBuilder builder(spans);
  BucketCursor a(ours.get(), SIZE_MAX);
  BucketCursor b(theirs.get(), SIZE_MAX);
  while (a.valid() || b.valid()) {
    if (a.valid() && b.valid() && a.index() == b.index()) {
      both(a.position(), b.position());
      builder.Add(a.index());
      a.Next();
      b.Next();
    } else if (a.valid() && (!b.valid() || a.index() < b.index())) {
      only_ours(a.position());
      fit.misses = true;
      builder.Add(a.index());
      a.Next();
    } else {
      only_theirs(b.position());
      fit.widens = true;
      builder.Add(b.index());
      b.Next();
    }
  }
  fit.spans = std::move(spans);
  return fit;
}

// Counts only grow.
template <class N>
SideFit FitCounterSide(const Spans& ours, const std::vector<N>& before, const Spans& theirs,
                       const std::vector<N>& now) {
  bool decreased = false;
  SideFit fit = ForUnion(
      ours, theirs, [&](size_t i, size_t j) { decreased |= before[i] > now[j]; },
      [&](size_t i) { decreased |= before[i] != 0; }, [](size_t) {});
  fit.decreased = decreased;
  // Nothing to add: the spelling stays.
  if (!fit.misses) fit.spans = theirs;
  return fit;
}

inline SideFit FitGaugeSide(const Spans& ours, const Spans& theirs) {
  return ForUnion(ours, theirs, [](size_t, size_t) {}, [](size_t) {}, [](size_t) {});
}

// Counts in a layout that has all of `from`'s buckets.
template <class N>
std::vector<N> SpreadCounts(const Spans& from, const std::vector<N>& counts, const Spans& to) {
  std::vector<N> out;
  ForUnion(
      to, from, [&](size_t, size_t j) { out.push_back(counts[j]); },
      [&](size_t) { out.push_back(0); }, [](size_t) {});
  return out;
}

inline void SetSide(IntegerHistogram& h, bool positive, std::vector<int64_t> buckets) {
  (positive ? h.positive_deltas : h.negative_deltas) = std::move(buckets);
}
inline void SetSide(FloatHistogram& h, bool positive, std::vector<double> buckets) {
  (positive ? h.positive_buckets : h.negative_buckets) = std::move(buckets);
}
inline const std::vector<int64_t>& GetSide(const IntegerHistogram& h, bool positive) {
  return positive ? h.positive_deltas : h.negative_deltas;
}
inline const std::vector<double>& GetSide(const FloatHistogram& h, bool positive) {
  return positive ? h.positive_buckets : h.negative_buckets;
}

// Brings `h` to a layout that has all of its buckets.
template <class H>
void Spread(H& h, const Spans& positive, const Spans& negative) {
  SetSide(h, true,
          StoredCounts(SpreadCounts(h.positive_spans, AbsoluteCounts(GetSide(h, true)), positive)));
  SetSide(
      h, false,
      StoredCounts(SpreadCounts(h.negative_spans, AbsoluteCounts(GetSide(h, false)), negative)));
  h.positive_spans = positive;
  h.negative_spans = negative;
}

}  // namespace synoptic::promql::internal
