// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/match_groups.h"

namespace synoptic::promql::internal {

LabelKey MatchKey(const VectorMatching& matching) {
  std::vector<std::string> names = matching.labels;
  if (!matching.on) names.emplace_back(kMetricName);
  return LabelKey(std::move(names), matching.on);
}

MatchGroups FindMatchGroups(const VectorMatching& matching, const std::vector<SeriesInfo>& left,
                            const std::vector<SeriesInfo>& right) {
  LabelKey key = MatchKey(matching);
  GroupNumbers numbers;
  MatchGroups groups;
  groups.left.reserve(left.size());
  groups.right.reserve(right.size());
  for (const SeriesInfo& info : left) {
    groups.left.push_back(static_cast<size_t>(numbers.Number(key.Of(info.labels))));
  }
  for (const SeriesInfo& info : right) {
    groups.right.push_back(static_cast<size_t>(numbers.Number(key.Of(info.labels))));
  }
  groups.count = numbers.size();
  return groups;
}

}  // namespace synoptic::promql::internal
