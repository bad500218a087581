// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which replicas can compute which steps of a pushed part: the grid cut where that changes. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "aggregator/availability/availability.h"
#include "promql/plan/plan.h"

namespace synoptic::aggregator {

// A run of steps, and who is whole over everything that they look at.
struct GridPiece {
  promql::Grid grid;
  size_t first = 0;    // index of its first step in the whole grid
  uint64_t whole = 0;  // bits of replicas; none: no replica can compute it
};

// The sample times that a step looks at.
TimeSpan TimesAt(const promql::Look& look, int64_t step);

// Steps first..last of a grid.
promql::Grid PartOf(const promql::Grid& grid, size_t first, size_t last);

// The sample times that `fetch` looks at over all its steps: from <= t <= until.
TimeSpan TimesOf(const promql::Fetch& fetch);

// In order, together all of `fetch.grid`. A step is given to the first replica that is whole there,
// so a piece's `whole` may hold more replicas than that one.
std::vector<GridPiece> CutGrid(const promql::Fetch& fetch, const ReplicaGaps& gaps);

}  // namespace synoptic::aggregator
