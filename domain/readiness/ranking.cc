// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/readiness/ranking.h"

#include <algorithm>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {

absl::StatusOr<std::vector<size_t>> RankTargets(std::span<const Candidate> candidates,
                                                double rpo_s) {
  RETURN_IF_ERROR(CheckTimeOrNever({{"rpo", rpo_s}}));
  std::vector<size_t> ranking;
  for (size_t i = 0; i < candidates.size(); ++i) {
    RETURN_IF_ERROR(CheckTimeOrNever({{"lag", candidates[i].lag_s}}));
    RETURN_IF_ERROR(CheckFinite({{"headroom", candidates[i].headroom}}));
    if (candidates[i].lag_s <= rpo_s && candidates[i].headroom >= 0) ranking.push_back(i);
  }
  std::sort(ranking.begin(), ranking.end(), [&](size_t a, size_t b) {
    if (candidates[a].lag_s != candidates[b].lag_s)
      return candidates[a].lag_s < candidates[b].lag_s;
    if (candidates[a].headroom != candidates[b].headroom) {
      return candidates[a].headroom > candidates[b].headroom;
    }
    return a < b;
  });
  return ranking;
}

}  // namespace synoptic::domain
