// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/interpolate_histogram.h"

#include "base/status.h"
#include "promql/model/histogram_math.h"

namespace synoptic::promql {

absl::StatusOr<FloatHistogram> InterpolateHistogram(const TimedHistogram& before,
                                                    const TimedHistogram& after, int64_t t,
                                                    bool is_counter, RangeNotes& notes) {
  if (t == before.t) return before.h;
  FloatHistogram result = after.h;
  if (t == after.t) return result;
  const double fraction =
      static_cast<double>(t - before.t) / static_cast<double>(after.t - before.t);
  if (is_counter && DetectReset(after.h, before.h)) {
    Multiply(result, fraction);
    return result;
  }
  // before + (after - before) * fraction
  ASSIGN_OR_RETURN(const HistogramOutcome subtracted, Subtract(result, before.h));
  notes.reconciled_in_subtraction |= subtracted.bounds_reconciled;
  Multiply(result, fraction);
  ASSIGN_OR_RETURN(const HistogramOutcome added, Add(result, before.h));
  notes.reconciled_in_addition |= added.bounds_reconciled;
  return result;
}

}  // namespace synoptic::promql
