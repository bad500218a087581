// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Every range function written the plain way, one window at a time and sample by sample: what the
// sliding kernels are tested against, bit by bit. For tests only.
#pragma once

#include <span>
#include <vector>

#include "promql/functions/range.h"

namespace synoptic::promql {

// Writes what FindRangeKernel(id) should write.
void ReferenceKernel(FunctionId id, const RangeInput& input, std::span<double> out);

// All functions that have a kernel.
std::vector<FunctionId> RangeFunctions();

}  // namespace synoptic::promql
