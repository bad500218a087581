// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// rate, increase, irate and resets of float series that know when their counters were started:
// a start between two samples is a reset, and one inside a window is where its increase begins.
#pragma once

#include <span>

#include "promql/functions/range.h"
#include "promql/functions/range_notes.h"

namespace synoptic::promql {

// Does `id` look at start timestamps at all?
bool UsesStartTimestamps(FunctionId id);

// In place of the kernel of range.h. REQUIRES: UsesStartTimestamps(id), input.st as long as
// input.t.
void StartTimestampKernel(FunctionId id, const RangeInput& input, std::span<double> out,
                          RangeNotes& notes);

}  // namespace synoptic::promql
