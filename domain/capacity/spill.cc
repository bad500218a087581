// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/capacity/spill.h"

#include <algorithm>

#include "base/status.h"
#include "domain/capacity/what_if.h"
#include "domain/stats/check.h"

namespace synoptic::domain {

absl::StatusOr<Spill> SpillLoss(const Pool& pool, const Weights& weights, size_t lost) {
  // For its checks.
  RETURN_IF_ERROR(LoseRegions(pool, weights, std::vector{lost}).status());
  Spill spill;
  spill.given.resize(pool.size());
  std::vector<double> room(pool.size());
  std::vector<size_t> takers;
  for (size_t r = 0; r < pool.size(); ++r) {
    room[r] = std::max(0.0, pool.usable(r) - pool.load[r]);
    if (r != lost && room[r] > 0 && weights.at(lost, r) > 0) takers.push_back(r);
  }
  double left = pool.load[lost];
  while (left > 0 && !takers.empty()) {
    double sum = 0;
    for (const size_t r : takers) sum += weights.at(lost, r);
    std::vector<size_t> not_full;
    double placed = 0;
    for (const size_t r : takers) {
      const double offer = left * weights.at(lost, r) / sum;
      const double taken = std::min(offer, room[r]);
      spill.given[r] += taken;
      room[r] -= taken;
      placed += taken;
      if (taken == offer && room[r] > 0) not_full.push_back(r);
    }
    // Nobody filled up: all is placed, whatever the rounding says. Else somebody leaves: it ends.
    left = not_full.size() == takers.size() ? 0 : std::max(0.0, left - placed);
    takers = std::move(not_full);
  }
  spill.unplaced = left;
  if (pool.load[lost] > 0) spill.shed_fraction = left / pool.load[lost];
  return spill;
}

absl::StatusOr<std::vector<double>> ShedByTier(std::vector<double> tiers, double unplaced) {
  RETURN_IF_ERROR(CheckEachNonNegative("tier", tiers));
  RETURN_IF_ERROR(CheckNonNegative({{"unplaced", unplaced}}));
  double left = unplaced;
  for (size_t i = tiers.size(); i-- > 0;) {
    const double shed = std::min(tiers[i], left);
    tiers[i] -= shed;
    left -= shed;
  }
  if (left > 0) {
    return InvalidArgument("unplaced: {}: expected at most the load of all tiers, {}", unplaced,
                           unplaced - left);
  }
  return tiers;
}

}  // namespace synoptic::domain
