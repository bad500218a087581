// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A traffic policy that overflows: a survivor takes the lost load only up to its target, and what
// it cannot take is offered to the others (water-filling). What nobody can take must be shed.
// Vectors I5, I6.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "domain/capacity/pool.h"

namespace synoptic::domain {

struct Spill {
  std::vector<double> given;  // by region; 0 for the lost one
  double unplaced = 0;
  double shed_fraction = 0;  // unplaced / load of the lost region; 0 without load
};

// Errors: as LoseRegions.
absl::StatusOr<Spill> SpillLoss(const Pool& pool, const Weights& weights, size_t lost);

// Which services survive a shortage: `unplaced` is taken from the least important tier first.
// `tiers` is load by tier, the most important first. Returns what each tier keeps. Errors: negative
// numbers, more unplaced than there is load.
absl::StatusOr<std::vector<double>> ShedByTier(std::vector<double> tiers, double unplaced);

}  // namespace synoptic::domain
