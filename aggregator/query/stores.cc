// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/stores.h"

#include <algorithm>
#include <limits>

namespace synoptic::aggregator {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::min();
constexpr int64_t kForever = std::numeric_limits<int64_t>::max();

bool Meet(const TimeSpan& a, const TimeSpan& b) { return a.from <= b.until && b.from <= a.until; }
bool Covers(const TimeSpan& a, const TimeSpan& b) { return a.from <= b.from && b.until <= a.until; }

}  // namespace

bool Fresher(const Store& a, const Store& b) {
  const auto last = [](const Store& store) {
    return store.max_age_ms == 0 ? kForever : store.max_age_ms;
  };
  return a.min_age_ms != b.min_age_ms ? a.min_age_ms < b.min_age_ms : last(a) < last(b);
}

TimeSpan StoreTimes::Held(size_t store) const {
  const Store& one = stores_[store];
  return {one.max_age_ms == 0 ? kNever : now_ - one.max_age_ms,
          one.min_age_ms == 0 ? kForever : now_ - one.min_age_ms};
}

TimeSpan StoreTimes::Whole(size_t store) const {
  TimeSpan span = Held(store);
  if (store == 0) span.until = kForever;
  if (store + 1 == stores_.size()) span.from = kNever;
  return span;
}

TimeSpan StoreTimes::Own(size_t store) const {
  return {Whole(store).from, store == 0 ? kForever : Whole(store - 1).from - 1};
}

bool StoreTimes::MayHold(size_t store, const TimeSpan& times) const {
  return Meet(Held(store), times);
}

size_t StoreTimes::WhoHolds(const std::vector<TimeSpan>& times) const {
  for (size_t i = 0; i < stores_.size(); ++i) {
    const TimeSpan whole = Whole(i);
    if (std::all_of(times.begin(), times.end(),
                    [&](const TimeSpan& span) { return Covers(whole, span); })) {
      return i;
    }
  }
  return stores_.size();
}

std::vector<GridPiece> StoreTimes::Cut(const promql::Grid& grid,
                                       const std::vector<promql::Look>& looks) const {
  const auto who = [&](size_t step) -> uint64_t {
    std::vector<TimeSpan> times;
    for (const promql::Look& look : looks) times.push_back(TimesAt(look, grid.at(step)));
    const size_t store = WhoHolds(times);
    const bool has_any =
        times.empty() || std::any_of(times.begin(), times.end(), [&](const TimeSpan& span) {
          return store < stores_.size() && MayHold(store, span);
        });
    return has_any ? uint64_t{1} << store : 0;
  };
  std::vector<GridPiece> pieces;
  for (size_t first = 0; first < grid.size();) {
    const uint64_t owner = who(first);
    size_t end = first + 1;
    while (end < grid.size() && who(end) == owner) ++end;
    pieces.push_back({PartOf(grid, first, end - 1), first, owner});
    first = end;
  }
  return pieces;
}

}  // namespace synoptic::aggregator
