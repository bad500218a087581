// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which series of the two sides of a binary operator belong together: on() and ignoring().
#pragma once

#include <vector>

#include "promql/eval/label_key.h"
#include "promql/eval/operator.h"
#include "promql/parse/ast.h"

namespace synoptic::promql::internal {

struct MatchGroups {
  size_t count = 0;
  std::vector<size_t> left;   // of each left series: its group
  std::vector<size_t> right;  // of each right series
};

LabelKey MatchKey(const VectorMatching& matching);
MatchGroups FindMatchGroups(const VectorMatching& matching, const std::vector<SeriesInfo>& left,
                            const std::vector<SeriesInfo>& right);

}  // namespace synoptic::promql::internal
