// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/grid_cuts.h"

#include <algorithm>
#include <limits>

namespace synoptic::aggregator {
namespace {

using promql::Grid;
using promql::Look;

uint64_t WholeAt(const std::vector<Look>& looks, int64_t step, const ReplicaGaps& gaps) {
  uint64_t whole = ~uint64_t{0} >> (64 - gaps.gaps.size());
  for (const Look& look : looks) {
    const TimeSpan times = TimesAt(look, step);
    whole &= gaps.WholeOver(times.from, times.until);
  }
  return whole;
}

// The first of them; the lowest bit.
uint64_t Preferred(uint64_t whole) { return whole & (~whole + 1); }

}  // namespace

TimeSpan TimesAt(const Look& look, int64_t step) {
  const int64_t origin = look.absolute ? 0 : step;
  return {origin + look.after + 1, origin + look.until};
}

Grid PartOf(const Grid& grid, size_t first, size_t last) {
  if (first == last) return Grid::Instant(grid.at(first));
  return {grid.at(first), grid.at(last), grid.step};
}

TimeSpan TimesOf(const promql::Fetch& fetch) {
  TimeSpan out{std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()};
  for (const Look& look : fetch.looks) {
    const TimeSpan first = TimesAt(look, fetch.grid.start);
    const TimeSpan last = TimesAt(look, fetch.grid.at(fetch.grid.size() - 1));
    out.from = std::min(out.from, first.from);
    out.until = std::max(out.until, last.until);
  }
  return out;
}

std::vector<GridPiece> CutGrid(const promql::Fetch& fetch, const ReplicaGaps& gaps) {
  const Grid& grid = fetch.grid;
  std::vector<GridPiece> pieces;
  uint64_t whole = 0;  // of the piece so far
  size_t first = 0;
  const auto close = [&](size_t end) {
    pieces.push_back({PartOf(grid, first, end - 1), first, whole});
  };
  for (size_t i = 0; i < grid.size(); ++i) {
    const uint64_t here = WholeAt(fetch.looks, grid.at(i), gaps);
    if (i > 0 && Preferred(here) != Preferred(whole)) {
      close(i);
      first = i;
      whole = here;
    } else {
      whole = i == 0 ? here : whole & here;
    }
  }
  close(grid.size());
  return pieces;
}

}  // namespace synoptic::aggregator
