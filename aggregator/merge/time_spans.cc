// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/time_spans.h"

#include <algorithm>

namespace synoptic::aggregator {
namespace {

// The first stretch that ends at `t` or later.
TimeSpans::const_iterator EndingFrom(const TimeSpans& spans, int64_t t) {
  return std::lower_bound(spans.begin(), spans.end(), t,
                          [](const TimeSpan& span, int64_t time) { return span.until < time; });
}

}  // namespace

TimeSpans Unite(std::vector<TimeSpan> spans, int64_t widen_ms) {
  std::sort(spans.begin(), spans.end(),
            [](const TimeSpan& a, const TimeSpan& b) { return a.from < b.from; });
  TimeSpans out;
  for (TimeSpan span : spans) {
    span.from -= widen_ms;
    span.until += widen_ms;
    if (!out.empty() && span.from <= out.back().until + 1) {
      out.back().until = std::max(out.back().until, span.until);
    } else {
      out.push_back(span);
    }
  }
  return out;
}

TimeSpans Intersect(const TimeSpans& a, const TimeSpans& b) {
  TimeSpans out;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const int64_t from = std::max(a[i].from, b[j].from);
    const int64_t until = std::min(a[i].until, b[j].until);
    if (from <= until) out.push_back({from, until});
    (a[i].until < b[j].until ? i : j) += 1;
  }
  return out;
}

bool Contains(const TimeSpans& spans, int64_t t) { return Overlaps(spans, t, t); }

bool Overlaps(const TimeSpans& spans, int64_t from, int64_t until) {
  const auto span = EndingFrom(spans, from);
  return from <= until && span != spans.end() && span->from <= until;
}

}  // namespace synoptic::aggregator
