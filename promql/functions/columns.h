// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Columns of values over the steps of a query, added to or compared with others step by step: what
// aggregations and binary operators spend their time on. Absent() is skipped. All spans of a call
// have the same length and do not overlap.
#pragma once

#include <cstddef>
#include <span>

namespace synoptic::promql {

// Adds to sums, Absent() at first, as KahanSum does with compensations, 0 at first.
void AddToSums(std::span<const double> column, std::span<double> sums,
               std::span<double> compensations);
// The same, and counts[i] one more. Stops in front of a step whose sum would become infinite and
// returns it; column.size() when there was none.
size_t AddToMeans(std::span<const double> column, std::span<double> sums,
                  std::span<double> compensations, std::span<double> counts);
// sums[i] + compensations[i]; Absent() where a sum is.
void TotalSums(std::span<const double> sums, std::span<const double> compensations,
               std::span<double> out);

// How many are Absent().
size_t CountAbsent(std::span<const double> column);

}  // namespace synoptic::promql
