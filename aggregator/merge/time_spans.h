// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Sets of times as stretches: where a replica may lack samples. Milliseconds, both ends inclusive.
#pragma once

#include <cstdint>
#include <vector>

namespace synoptic::aggregator {

struct TimeSpan {
  int64_t from = 0;
  int64_t until = 0;
  friend bool operator==(const TimeSpan&, const TimeSpan&) = default;
};

// Sorted, apart from each other by a millisecond or more.
using TimeSpans = std::vector<TimeSpan>;

// The union of stretches in any order, each made longer by `widen_ms` at both ends.
TimeSpans Unite(std::vector<TimeSpan> spans, int64_t widen_ms = 0);
TimeSpans Intersect(const TimeSpans& a, const TimeSpans& b);
inline TimeSpans Clip(const TimeSpans& spans, int64_t from, int64_t until) {
  return from > until ? TimeSpans() : Intersect(spans, {{from, until}});
}
bool Contains(const TimeSpans& spans, int64_t t);
// Some time of [from, until] is in `spans`.
bool Overlaps(const TimeSpans& spans, int64_t from, int64_t until);

}  // namespace synoptic::aggregator
