// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// limit_ratio(): the series whose hash falls below the ratio, or, for a negative one, those that
// its complement leaves.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "promql/eval/operator.h"

namespace synoptic::promql::internal {

// Whether limit_ratio takes a series, which only its labels decide.
class RatioFilter {
 public:
  explicit RatioFilter(const Labels& labels)
      : offset_(static_cast<double>(labels.Hash()) /
                static_cast<double>(std::numeric_limits<uint64_t>::max())) {}

  bool Takes(double ratio) const {
    const double r = std::clamp(ratio, -1.0, 1.0);
    return (r > 0 && offset_ < r) || (r < 0 && offset_ >= 1.0 + r);
  }

 private:
  double offset_;  // in [0, 1]
};

// Over a range the series pass by, masked where they are not taken. `ratio` is each step's.
OperatorPtr MaskByRatio(OperatorPtr child, std::vector<double> ratio, const Scope& scope);

}  // namespace synoptic::promql::internal
