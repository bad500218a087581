// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Breaches of the matching rules between two vectors. Prometheus looks step by step and stops at
// the first; columns pass series by series, so breaches are noted with their step.
#pragma once

#include <map>
#include <vector>

#include "absl/status/status.h"
#include "promql/eval/operator.h"
#include "promql/parse/ast.h"

namespace synoptic::promql::internal {

struct MatchBreach {
  enum class Kind {
    kDuplicate,  // two series of the one side
    kManyToOne,  // two of the many side, in one-to-one matching
    kGrouping,   // two results with the same labels
  };
  Kind kind;
  size_t first = 0, second = 0;  // kDuplicate: series of the one side
  // kDuplicate: an error only where the many side has anything.
  bool needs_many = false;
};

// By step; the first of a step counts, and duplicates are found before matches.
using MatchBreaches = std::map<size_t, MatchBreach>;

// In Prometheus' words. `one` are the series of the one side.
absl::Status BreachError(const MatchBreach& breach, const VectorMatching& matching,
                         const std::vector<SeriesInfo>& one);

}  // namespace synoptic::promql::internal
