// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Lose a region: does the rest carry its load? load'_r = load_r + load_k * w_kr / sum of w_k over
// those that survive; headroom_r = target * capacity_r - load'_r; the loss fits when no headroom is
// negative. Vectors I1 to I4, I10, D9, D11, J7.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/capacity/pool.h"

namespace synoptic::domain {

// One survivor after a loss.
struct Survivor {
  size_t region = 0;
  double load = 0;
  double utilisation = 0;  // load / capacity; +Inf for load without capacity, 0 for neither
  double headroom = 0;     // at the target; negative: short
};

struct LossResult {
  std::vector<size_t> lost;         // rising
  std::vector<Survivor> survivors;  // by region
  double unplaced = 0;              // load that no survivor has a weight for
  bool fits = false;                // every headroom >= 0 and nothing unplaced

  // The survivor with the least headroom; nullptr when nobody is left.
  const Survivor* worst() const;
};

// All of `lost` at once: each sends its own load to survivors by its own weights. An empty set
// answers what is. Errors: a bad pool, weights of another size, an index out of range or given
// twice.
absl::StatusOr<LossResult> LoseRegions(const Pool& pool, const Weights& weights,
                                       std::span<const size_t> lost);

// Every single loss in turn, and the worst of them.
struct SingleLosses {
  std::vector<LossResult> per_loss;  // by lost region
  size_t worst_lost = 0;             // index of the loss with the least headroom
  bool n_plus_1 = false;             // every loss fits
};
absl::StatusOr<SingleLosses> LoseEach(const Pool& pool, const Weights& weights);

// A region is unreachable and counts as lost, its load (as last known) on its way to the survivors:
// do they carry it now, and would they if one more was lost, whose load then goes to who is left?
struct DegradedResult {
  LossResult now;
  std::vector<LossResult> after_next;  // one a survivor, by region; `lost` names both
};
absl::StatusOr<DegradedResult> LoseNextAfter(const Pool& pool, const Weights& weights,
                                             size_t unreachable);

// What is still to come from a region that is being lost, when a part has moved already: counting
// all of it would count that part twice (D11). `baseline` is the load of all before, `observed` of
// the survivors now (the lost region's entry is not read), by region.
struct ShiftInProgress {
  double moved = 0;              // max(0, observed - baseline of the survivors)
  double coming = 0;             // max(0, baseline of the lost - moved)
  std::vector<double> expected;  // by region: observed + coming * weight; 0 for the lost
};
absl::StatusOr<ShiftInProgress> LoadToCome(std::span<const double> baseline,
                                           std::span<const double> observed, size_t lost,
                                           const Weights& weights);

// Pooled headroom when a region is lost: target * capacity of the others - all load (I4). Needed,
// not enough: it moves load freely. By lost region.
absl::StatusOr<std::vector<double>> PooledHeadroom(const Pool& pool);

// The first week, from 0, in which some single loss no longer fits when load grows by `growth` a
// week (0.015: 1.5 %), compounded; none within `weeks` (J7, J8).
absl::StatusOr<std::optional<int>> FirstFailingWeek(const Pool& pool, const Weights& weights,
                                                    double growth, int weeks = 520);

// The share of time in which any single region could have been lost, over history (I10): a shadow
// evacuation at every step, with the same load of the same step. Steps that do not fit are listed.
struct Coverage {
  double share = 0;
  std::vector<size_t> uncovered;  // steps, rising
};
absl::StatusOr<Coverage> LossCoverage(std::span<const std::vector<double>> loads,
                                      std::span<const double> capacity, double target_utilisation,
                                      const Weights& weights);

}  // namespace synoptic::domain
