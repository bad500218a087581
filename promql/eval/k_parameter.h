// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The parameter of topk() and its kin over all steps.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "base/go_format.h"

namespace synoptic::promql::internal {

struct ParamRange {
  double min = std::numeric_limits<double>::max();
  double max = std::numeric_limits<double>::lowest();
  bool nan = false;
};

inline ParamRange RangeOf(const std::vector<double>& param) {
  ParamRange range;
  for (const double v : param) {
    range.nan = range.nan || std::isnan(v);
    range.min = std::fmin(range.min, v);
    range.max = std::fmax(range.max, v);
  }
  return range;
}

inline absl::Status CheckK(const ParamRange& k) {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  if (k.nan) return absl::FailedPreconditionError("Parameter value is NaN");
  if (k.min <= -kLimit)
    return absl::FailedPreconditionError("Scalar value " + GoFloatG(k.min) + " underflows int64");
  if (k.max >= kLimit)
    return absl::FailedPreconditionError("Scalar value " + GoFloatG(k.max) + " overflows int64");
  return absl::OkStatus();
}

}  // namespace synoptic::promql::internal
