// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Times that are equally far apart: where among them a window ends is then a division and no
// search. Private to promql.
#pragma once

#include <cstdint>
#include <span>

namespace synoptic::promql {

// How far apart `t`, which rises, is where all are equally far; else 0, as for a single time.
int64_t IntervalOf(std::span<const int64_t> t);

// REQUIRES: b > 0.
inline int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace synoptic::promql
