// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Recovery time and recovery point: estimated before, measured in drills, and what they cost.
// Seconds unless a name says otherwise.
#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/verdict/interval.h"

namespace synoptic::domain {

// The recovery time as the sum of its phases, each known within bounds (K2). In their unit.
absl::StatusOr<Interval> RecoveryTime(std::span<const Interval> phases);

// The recovery point as canary writes measured it (K5): markers written at the source at those
// times, and those of them that the target has at promotion.
struct MeasuredRpo {
  double rpo_s = 0;      // failure - the newest visible marker
  int lost_markers = 0;  // written and not visible
};
// Errors: no marker visible (nothing is known but that all were lost), one visible that was never
// written or after the failure.
absl::StatusOr<MeasuredRpo> RpoFromMarkers(double failure_s, std::span<const double> written_s,
                                           std::span<const double> visible_s);

// What past drills support (K7): quantiles of type 7 and the chance that the next meets the target,
// by Laplace (met + 1) / (drills + 2): eight of eight are no certainty.
struct RtoEvidence {
  double p50 = 0;
  double p90 = 0;
  double worst = 0;
  double meets_target = 0;
};
absl::StatusOr<RtoEvidence> RtoFromDrills(std::span<const double> rto_s, double target_s);

// A service from its stores (K9). Sources of truth bound the recovery point; projections are built
// anew, which takes time and loses nothing.
struct Store {
  bool truth = true;
  double rpo_s = 0;         // of a truth
  double size_bytes = 0;    // of a projection
  double rate_bytes_s = 0;  // at which it is rebuilt
};
struct RecoverySteps {
  double detect_s = 0;
  double decide_s = 0;
  double promote_s = 0;
  double dns_s = 0;
};
struct ServiceRecovery {
  double rpo_s = 0;        // the worst truth's
  double rehydrate_s = 0;  // the slowest projection's
  double rto_s = 0;        // detect + decide + the longer of promote and rehydrate + dns
};
absl::StatusOr<ServiceRecovery> RecoveryOf(std::span<const Store> stores,
                                           const RecoverySteps& steps);

// What losing a region costs in error budget (K10). `share` is the part of traffic that fails, in
// (0, 1].
struct FailoverCost {
  double budget_s = 0;       // (1 - slo) * period: seconds of full outage
  double burn_fraction = 0;  // of the budget, one event
  double rto_max_s = 0;      // the longest that `events` such fit into the budget
};
absl::StatusOr<FailoverCost> CostOfFailover(double slo, double period_s, double share, double rto_s,
                                            double events);

// The share of traffic that a recovery of that length may hit: budget / rto, at most 1.
absl::StatusOr<double> LargestShare(double slo, double period_s, double rto_s);

// Availability with failovers (K12), of a year of 365 days. Failing over for nothing costs too.
struct YearlyFailovers {
  double events = 0;
  double share = 0;  // of traffic that an event or a false failover hits
  double rto_s = 0;
  double false_events = 0;
  double false_cost_s = 0;
};
struct Availability {
  double downtime_s = 0;  // a year
  double availability = 0;
};
absl::StatusOr<Availability> AvailabilityOf(const YearlyFailovers& failovers);

}  // namespace synoptic::domain
