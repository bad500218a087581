// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The N-1 question over all resources: lose these regions, let load grow; does the rest carry it?
// Pure: domain/capacity's formulas over inputs that somebody gathered.
//
// An input that nobody saw counts as lost. A region whose supply is unseen carries nothing; its
// load, as last known, goes to the others; where not even that is known the verdict is UNKNOWN
// unless the others fail anyway.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/verdict/logic.h"
#include "reports/capacity_spec.h"

namespace synoptic::reports {

// One resource of one pool in one region. Empty: nobody saw it, or there is none.
struct RegionInputs {
  std::optional<double> demand;
  std::optional<double> supply;
  std::optional<double> limit;
  std::optional<double> quota;
  std::string unseen;       // why demand or supply is not to be trusted; empty: seen
  double demand_age_s = 0;  // of a demand that was remembered while its region is unseen
};

struct PoolInputs {
  size_t resource = 0;                // index in the spec
  std::string pool;                   // its labels, {pool="a"}; "" when the resource has one pool
  std::vector<RegionInputs> regions;  // by region of the spec
};

struct Scenario {
  std::vector<size_t> lose;  // indices of regions, rising; empty: what is
  double growth = 1;         // factor on all demand
};

enum class Fate { kServes, kLost, kUnseen, kAbsent };  // kAbsent: the pool is not in that region
// "serves", "lost", "unseen", "absent".
std::string_view FateName(Fate fate);

struct RegionOutcome {
  Fate fate = Fate::kServes;
  std::optional<double> load;  // before the loss, grown
  std::optional<double> supply;
  double load_after = 0;
  double utilisation = 0;        // before
  double utilisation_after = 0;  // +Inf for load without supply
  double headroom = 0;           // at the target; negative: short
  double buy = 0;                // supply to add so that this loss fits
  // With a limit: what scaling may reach, discounted by the chance that the provider has none left.
  std::optional<double> elastic_headroom;
  std::optional<double> discounted_headroom;
  // Until scaling carries the load: 0 when it does already, +Inf when it never will; none when
  // nothing is known of scaling. Meanwhile that much work is shed (unit x seconds).
  std::optional<double> scale_s;
  double shed_meanwhile = 0;
};

// What N+1 costs, for the pool as it is: every single loss must fit.
struct SpareCost {
  double excess_now = 0;       // supply / load - 1
  double excess_required = 0;  // with this split of load
  double excess_least = 0;     // if load could move freely: max(largest share, 1 / (n - 1))
  double largest_share = 0;
  double buy = 0;  // units, over all regions
};

struct PoolOutcome {
  size_t resource = 0;
  std::string pool;
  std::vector<RegionOutcome> regions;
  domain::Verdict fits = domain::Verdict::kTrue;
  double lost_load = 0;      // of the lost regions, what should move
  double pinned_load = 0;    // goes down with them
  double shed = 0;           // cannot be placed
  double shed_fraction = 0;  // of lost_load
  // The survivor with the least headroom as a share of its usable supply; none without survivors.
  std::optional<size_t> tightest;
  double tightest_fraction = 0;
  std::optional<SpareCost> spare;
};

struct WhatIf {
  Scenario scenario;
  std::vector<PoolOutcome> pools;
  domain::Verdict fits = domain::Verdict::kUnknown;  // of all pools; without any: kUnknown
  std::optional<size_t> binding;                     // the pool to look at first
  std::vector<std::string> notes;                    // what was assumed
};

// Errors: a negative demand or supply, named; a bad scenario.
absl::StatusOr<WhatIf> AskWhatIf(const CapacitySpec& spec, const std::vector<PoolInputs>& inputs,
                                 const Scenario& scenario);

// The weights of a pool under the spec's model. `supply` by region.
absl::StatusOr<domain::Weights> WeightsOf(const CapacitySpec& spec,
                                          const std::vector<double>& supply);

// `cpu` or `cpu {pool="a"}`.
std::string PoolName(const CapacitySpec& spec, size_t resource, std::string_view pool);

}  // namespace synoptic::reports
