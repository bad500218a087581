// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Orders of values where NaN counts as the lowest of both ends.
#pragma once

#include <cmath>

namespace synoptic::promql::internal {

// `a` before `b` when ascending (or descending); a NaN before everything, itself included.
inline bool Ascending(double a, double b) { return std::isnan(a) || a < b; }
inline bool Descending(double a, double b) { return std::isnan(a) || a > b; }

}  // namespace synoptic::promql::internal
