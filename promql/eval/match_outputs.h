// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which series a binary operator between two vectors can give, from the labels of both sides alone.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "promql/eval/operator.h"
#include "promql/parse/ast.h"

namespace synoptic::promql::internal {

inline constexpr int kNoMatch = -1;

// An output series: one many-series with those one-series that give it the same labels.
struct MatchOutput {
  size_t group = 0;
  int many = kNoMatch;      // kNoMatch: an unmatched one-series with the many side filled in
  int one = kNoMatch;       // set when `many` is not
  int variant = kNoMatch;   // which one-series count (MatchPlan::variant_of), kNoMatch: all
  bool takes_fill = false;  // also where the one side is missing
  int conflict = kNoMatch;  // outputs that must not meet at a step share a number
};

// A match group: series of both sides with equal matching labels.
struct MatchGroup {
  absl::InlinedVector<size_t, 2> one;  // series of the one side: mostly a single one
  size_t many = 0;                     // number of series of the many side
  int column = kNoMatch;               // where the operator keeps its one side
  std::vector<int> owner;              // per step: which of `one`; only when there are several
};

struct MatchPlan {
  std::vector<MatchOutput> outputs;
  std::vector<SeriesInfo> series;  // of each output
  std::vector<MatchGroup> groups;
  std::vector<int> variant_of;  // of each one-series, within its group
};

// One side of the operator and the match group of each of its series.
struct MatchSide {
  const std::vector<SeriesInfo>& series;
  const std::vector<size_t>& group;
};

// The "one" side is the right one, or the left one with group_right. `groups` is how many there
// are.
MatchPlan PlanMatches(const Binary& node, const MatchSide& many, const MatchSide& one,
                      size_t groups, bool delayed_name_removal);

}  // namespace synoptic::promql::internal
