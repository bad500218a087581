// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/match_errors.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/go_format.h"
#include "base/status.h"
#include "promql/eval/match_groups.h"

namespace synoptic::promql::internal {
namespace {

bool IsPlainName(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), plain);
}

// All labels inside the braces, __name__ among them, as Prometheus' errors print series.
std::string InBraces(const Labels& labels) {
  std::string out = "{";
  for (const Label& label : labels) {
    if (out.size() > 1) out += ", ";
    out += IsPlainName(label.name) ? std::string(label.name) : GoQuote(label.name);
    out += "=" + GoQuote(label.value);
  }
  return out + "}";
}

}  // namespace

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
