// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/capacity/plan.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "base/status.h"
#include "domain/capacity/what_if.h"
#include "domain/stats/check.h"

namespace synoptic::domain {
namespace {

double Sum(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

absl::Status CheckAtLeastTwo(size_t regions) {
  if (regions >= 2) return absl::OkStatus();
  return InvalidArgument("regions: {}: expected at least 2", regions);
}

absl::Status CheckSeries(std::span<const std::vector<double>> loads) {
  RETURN_IF_ERROR(CheckAtLeastTwo(loads.size()));
  if (loads[0].empty()) return InvalidArgument("steps: none: expected at least one");
  for (const std::vector<double>& series : loads) {
    RETURN_IF_ERROR(CheckSameSize("series", series.size(), "the first", loads[0].size()));
    RETURN_IF_ERROR(CheckEachNonNegative("series", series));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<double> BalancedExcess(int n, int k) {
  if (k < 0 || k >= n) {
    return InvalidArgument("losses: {} of {} regions: expected fewer than there are", k, n);
  }
  return static_cast<double>(n) / (n - k) - 1;
}

absl::StatusOr<LeastCapacity> LeastForAnyLoss(std::span<const double> loads) {
  RETURN_IF_ERROR(CheckAtLeastTwo(loads.size()));
  RETURN_IF_ERROR(CheckEachNonNegative("load", loads));
  const double load = Sum(loads);
  RETURN_IF_ERROR(CheckPositive({{"total load", load}}));
  const double largest = *std::max_element(loads.begin(), loads.end());
  LeastCapacity least;
  least.total = load + std::max(largest, load / (static_cast<double>(loads.size()) - 1));
  least.excess = least.total / load - 1;
  return least;
}

absl::StatusOr<Purchase> CapacityToBuy(const Pool& pool, const Weights& weights) {
  ASSIGN_OR_RETURN(const SingleLosses losses, LoseEach(pool, weights));
  std::vector<double> most = pool.load;
  for (const LossResult& loss : losses.per_loss) {
    if (loss.unplaced > 0) {
      return InvalidArgument("weights of region \"{}\": none: its load has nowhere to go",
                             pool.regions[loss.lost[0]]);
    }
    for (const Survivor& survivor : loss.survivors) {
      most[survivor.region] = std::max(most[survivor.region], survivor.load);
    }
  }
  Purchase purchase;
  for (size_t r = 0; r < pool.size(); ++r) {
    purchase.required.push_back(most[r] / pool.target_utilisation);
    purchase.buy.push_back(std::max(0.0, purchase.required[r] - pool.capacity[r]));
  }
  purchase.total_required = Sum(purchase.required);
  const double load = Sum(pool.load);
  if (load > 0) purchase.excess_over_load = purchase.total_required / load - 1;
  return purchase;
}

absl::StatusOr<int> LossesCarried(std::span<const double> capacity, double total_load,
                                  double target_utilisation) {
  RETURN_IF_ERROR(CheckEachNonNegative("capacity", capacity));
  RETURN_IF_ERROR(CheckNonNegative({{"total load", total_load}}));
  RETURN_IF_ERROR(CheckRatio({{"target utilisation", target_utilisation}}));
  std::vector<double> largest_first(capacity.begin(), capacity.end());
  std::sort(largest_first.begin(), largest_first.end(), std::greater<>());
  int carried = -1;
  for (size_t k = 0; k <= largest_first.size(); ++k) {
    const double left = Sum(std::span(largest_first).subspan(k));
    if (target_utilisation * left < total_load) break;
    carried = static_cast<int>(k);
  }
  return carried;
}

absl::StatusOr<SeriesPlan> PlanForSeries(std::span<const std::vector<double>> loads) {
  RETURN_IF_ERROR(CheckSeries(loads));
  const double others = static_cast<double>(loads.size()) - 1;
  const size_t steps = loads[0].size();
  SeriesPlan plan;
  std::vector<double> peaks;
  for (const std::vector<double>& series : loads) {
    peaks.push_back(*std::max_element(series.begin(), series.end()));
  }
  for (size_t step = 0; step < steps; ++step) {
    double together = 0;
    for (const std::vector<double>& series : loads) together += series[step];
    plan.global_peak = std::max(plan.global_peak, together);
  }
  for (size_t r = 0; r < loads.size(); ++r) {
    double required = 0;
    double other_peak = 0;
    for (size_t k = 0; k < loads.size(); ++k) {
      if (k == r) continue;
      other_peak = std::max(other_peak, peaks[k]);
      for (size_t step = 0; step < steps; ++step) {
        required = std::max(required, loads[r][step] + loads[k][step] / others);
      }
    }
    plan.required.push_back(required);
    plan.naive_total += peaks[r] + other_peak / others;
  }
  plan.total = Sum(plan.required);
  plan.sum_of_peaks = Sum(peaks);
  if (plan.global_peak > 0) plan.excess_over_global_peak = plan.total / plan.global_peak - 1;
  return plan;
}

absl::StatusOr<double> CostOfRegions(const RegionCosts& costs, int n) {
  RETURN_IF_ERROR(CheckNonNegative({{"load", costs.load},
                                    {"compute price", costs.compute_price},
                                    {"stored", costs.stored},
                                    {"storage price", costs.storage_price},
                                    {"written", costs.written},
                                    {"transfer price", costs.transfer_price}}));
  if (n < 2) return InvalidArgument("regions: {}: expected at least 2", n);
  return costs.load * (1 + 1.0 / (n - 1)) * costs.compute_price +
         n * costs.stored * costs.storage_price + (n - 1) * costs.written * costs.transfer_price;
}

absl::StatusOr<int> CheapestRegions(const RegionCosts& costs, std::span<const int> counts) {
  if (counts.empty()) return InvalidArgument("region counts: none: expected at least one");
  int best = 0;
  double best_cost = 0;
  for (const int n : counts) {
    ASSIGN_OR_RETURN(const double cost, CostOfRegions(costs, n));
    if (best == 0 || cost < best_cost || (cost == best_cost && n < best)) {
      best = n;
      best_cost = cost;
    }
  }
  return best;
}

}  // namespace synoptic::domain
