// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/match_errors.h"

#include <string>
#include <utility>

#include "base/status.h"
#include "promql/eval/label_text.h"
#include "promql/eval/match_groups.h"

namespace synoptic::promql::internal {
absl::Status BreachError(const MatchBreach& breach, const VectorMatching& matching,
                         const std::vector<SeriesInfo>& one) {
  switch (breach.kind) {
    case MatchBreach::Kind::kManyToOne:
      return absl::FailedPreconditionError(
          "multiple matches for labels: many-to-one matching must be explicit "
          "(group_left/group_right)");
    case MatchBreach::Kind::kGrouping:
      return absl::FailedPreconditionError(
          "multiple matches for labels: grouping labels must ensure unique matches");
    case MatchBreach::Kind::kDuplicate:
      break;
  }
  const Labels& second_labels = one[breach.second].labels;
  std::string first = InBraces(one[breach.first].labels);
  std::string second = InBraces(second_labels);
  if (first > second) std::swap(first, second);
  const bool one_is_left = matching.cardinality == MatchCardinality::kOneToMany;
  return MakeStatus(
      absl::StatusCode::kFailedPrecondition,
      "found duplicate series for the match group {} on the {} hand-side of the operation: "
      "[{}, {}];many-to-many matching not allowed: matching labels must be unique on one side",
      InBraces(MatchKey(matching).Part(second_labels)), one_is_left ? "left" : "right", first,
      second);
}

}  // namespace synoptic::promql::internal
