// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic of native histograms that have the same buckets (dense_histograms.h), row by row: bit
// for bit what the arithmetic of histogram_math.h gives.
#pragma once

#include <cstdint>
#include <span>

#include "promql/functions/range.h"
#include "promql/model/dense_histograms.h"

namespace synoptic::promql {

// rate() or increase() of counters without resets. `windows`: over the samples' times, in.windows
// set; `out` has a row and an entry a step.
//
// REQUIRES: no hint in `samples` says gauge, no sample is a reset; id is kRate or kIncrease.
void DenseRate(FunctionId id, const RangeInput& in, const DenseHistograms& samples,
               DenseColumn& out);

// How many steps got their first and their second member.
struct MembersMet {
  int64_t first = 0, second = 0;
};
// Adds the column's rows to `sums`, a row a step, as KahanSum does with `lost`: the first row that
// a step meets is copied. members[i]: rows that step i has met. All have rows of one width.
MembersMet AddDenseRows(const DenseColumn& column, std::span<uint32_t> members,
                        DenseHistograms& sums, DenseHistograms& lost);

// Some number in the column's rows is infinite or larger than `limit`.
bool AnyLarger(const DenseColumn& column, double limit);

}  // namespace synoptic::promql
