// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How much capacity survives losses, where to buy it, and how many regions are cheapest.
#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/capacity/pool.h"

namespace synoptic::domain {

// The excess over load with n balanced regions of which any k may be lost: n / (n - k) - 1. Two
// regions pay 100 %, three 50 % (I7). Errors: k outside 0..n-1.
absl::StatusOr<double> BalancedExcess(int n, int k);

// The least total capacity that survives the loss of any one region when load moves freely:
// L + max(largest load, L / (n - 1)), so the excess is the larger of the largest share and
// 1 / (n - 1): balancing is worth more than another region (I8). Errors: fewer than two regions, no
// load.
struct LeastCapacity {
  double total = 0;
  double excess = 0;  // total / load - 1
};
absl::StatusOr<LeastCapacity> LeastForAnyLoss(std::span<const double> loads);

// Capacity to hold so that every single loss fits, and what to buy beyond what there is (I21):
// required_r = the most that r would carry / target.
struct Purchase {
  std::vector<double> required;  // by region
  std::vector<double> buy;
  double total_required = 0;
  double excess_over_load = 0;  // total_required / load - 1; 0 without load
};
absl::StatusOr<Purchase> CapacityToBuy(const Pool& pool, const Weights& weights);

// How many of any regions can be lost by the pooled test: the largest k for which
// target * (capacity without the k largest) carries the total load; -1 when not even none (I22).
absl::StatusOr<int> LossesCarried(std::span<const double> capacity, double total_load,
                                  double target_utilisation);

// Regions that peak at different hours: loads[region][step]. Capacity for the worst (step, loss)
// pair with an equal split, against what the regional peaks would ask for (I9).
struct SeriesPlan {
  std::vector<double> required;  // by region
  double total = 0;
  double global_peak = 0;  // the most that all carry together
  double sum_of_peaks = 0;
  double excess_over_global_peak = 0;
  double naive_total = 0;  // planned from each region's peak
};
absl::StatusOr<SeriesPlan> PlanForSeries(std::span<const std::vector<double>> loads);

// The cost of n regions when data are copied to each, in one currency and period (I19, I20):
// load * (1 + 1/(n-1)) * compute + n * stored * storage + (n-1) * written * transfer.
struct RegionCosts {
  double load = 0;
  double compute_price = 0;  // per unit of load
  double stored = 0;
  double storage_price = 0;  // per unit stored, a region
  double written = 0;
  double transfer_price = 0;  // per unit written, a link
};
absl::StatusOr<double> CostOfRegions(const RegionCosts& costs, int n);
// The cheapest of the counts given, the smallest of equals. Errors: none given, a count below 2.
absl::StatusOr<int> CheapestRegions(const RegionCosts& costs, std::span<const int> counts);

}  // namespace synoptic::domain
