// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A histogram between two others, for `smoothed`: bucket by bucket on a straight line.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "promql/functions/range_notes.h"
#include "promql/model/histogram.h"

namespace synoptic::promql {

struct TimedHistogram {
  int64_t t;
  const FloatHistogram& h;
};

// At `t`, between two samples. A counter that was reset in between starts from zero at the first.
// InvalidArgument when exponential and custom buckets meet.
absl::StatusOr<FloatHistogram> InterpolateHistogram(const TimedHistogram& before,
                                                    const TimedHistogram& after, int64_t t,
                                                    bool is_counter, RangeNotes& notes);

}  // namespace synoptic::promql
