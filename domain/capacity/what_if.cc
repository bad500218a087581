// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/capacity/what_if.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {
namespace {

using Loads = std::vector<double>;

absl::Status CheckInput(const Pool& pool, const Weights& weights) {
  RETURN_IF_ERROR(CheckPool(pool));
  return CheckSameSize("weights", weights.size(), "regions", pool.size());
}

// Moves the load of `from` to those not `gone`, by its weights; returns what has nowhere to go.
double Spread(size_t from, double load, const Weights& weights, const std::vector<bool>& gone,
              Loads& loads) {
  double sum = 0;
  for (size_t r = 0; r < gone.size(); ++r) {
    if (!gone[r]) sum += weights.at(from, r);
  }
  if (!(sum > 0)) return load;
  for (size_t r = 0; r < gone.size(); ++r) {
    if (!gone[r]) loads[r] += load * weights.at(from, r) / sum;
  }
  return 0;
}

double Utilisation(double load, double capacity) {
  if (capacity > 0) return load / capacity;
  return load > 0 ? std::numeric_limits<double>::infinity() : 0;
}

LossResult Result(const Pool& pool, const std::vector<bool>& gone, const Loads& loads,
                  double unplaced) {
  LossResult result;
  result.unplaced = unplaced;
  result.fits = unplaced == 0;
  for (size_t r = 0; r < pool.size(); ++r) {
    if (gone[r]) {
      result.lost.push_back(r);
      continue;
    }
    const double headroom = pool.usable(r) - loads[r];
    result.survivors.push_back({r, loads[r], Utilisation(loads[r], pool.capacity[r]), headroom});
    result.fits = result.fits && headroom >= 0;
  }
  return result;
}

LossResult Lose(const Pool& pool, const Weights& weights, const std::vector<bool>& gone) {
  Loads loads = pool.load;
  double unplaced = 0;
  for (size_t r = 0; r < pool.size(); ++r) {
    if (gone[r]) unplaced += Spread(r, pool.load[r], weights, gone, loads);
  }
  return Result(pool, gone, loads, unplaced);
}

// Lose(...).fits for every single loss, without making the results: history has many steps.
bool EveryLossFits(const Pool& pool, const Weights& weights) {
  for (size_t lost = 0; lost < pool.size(); ++lost) {
    double sum = 0;
    for (size_t r = 0; r < pool.size(); ++r) sum += weights.at(lost, r);
    if (!(sum > 0) && pool.load[lost] > 0) return false;
    for (size_t r = 0; r < pool.size(); ++r) {
      if (r == lost) continue;
      const double moved = sum > 0 ? pool.load[lost] * weights.at(lost, r) / sum : 0;
      if (pool.usable(r) - (pool.load[r] + moved) < 0) return false;
    }
  }
  return true;
}

}  // namespace

const Survivor* LossResult::worst() const {
  const auto least =
      std::min_element(survivors.begin(), survivors.end(),
                       [](const auto& a, const auto& b) { return a.headroom < b.headroom; });
  return least == survivors.end() ? nullptr : &*least;
}

absl::StatusOr<LossResult> LoseRegions(const Pool& pool, const Weights& weights,
                                       std::span<const size_t> lost) {
  RETURN_IF_ERROR(CheckInput(pool, weights));
  std::vector<bool> gone(pool.size());
  for (const size_t r : lost) {
    if (r >= pool.size()) {
      return InvalidArgument("lost region: index {}: expected one below {}", r, pool.size());
    }
    if (gone[r]) {
      return InvalidArgument("lost region: \"{}\" given twice: expected once", pool.regions[r]);
    }
    gone[r] = true;
  }
  return Lose(pool, weights, gone);
}

absl::StatusOr<SingleLosses> LoseEach(const Pool& pool, const Weights& weights) {
  RETURN_IF_ERROR(CheckInput(pool, weights));
  SingleLosses losses;
  losses.n_plus_1 = true;
  double least = std::numeric_limits<double>::infinity();
  for (size_t r = 0; r < pool.size(); ++r) {
    ASSIGN_OR_RETURN(LossResult result, LoseRegions(pool, weights, std::vector{r}));
    losses.n_plus_1 = losses.n_plus_1 && result.fits;
    // Load with nowhere to go is worse than any shortage.
    const Survivor* worst = result.worst();
    const double headroom = worst == nullptr || result.unplaced > 0
                                ? -std::numeric_limits<double>::infinity()
                                : worst->headroom;
    if (headroom < least) {
      least = headroom;
      losses.worst_lost = r;
    }
    losses.per_loss.push_back(std::move(result));
  }
  return losses;
}

absl::StatusOr<DegradedResult> LoseNextAfter(const Pool& pool, const Weights& weights,
                                             size_t unreachable) {
  DegradedResult result;
  ASSIGN_OR_RETURN(result.now, LoseRegions(pool, weights, std::vector{unreachable}));
  std::vector<bool> gone(pool.size());
  gone[unreachable] = true;
  Loads now(pool.size());
  for (const Survivor& survivor : result.now.survivors) now[survivor.region] = survivor.load;
  for (const Survivor& next : result.now.survivors) {
    gone[next.region] = true;
    Loads loads = now;
    const double unplaced = Spread(next.region, next.load, weights, gone, loads);
    result.after_next.push_back(Result(pool, gone, loads, result.now.unplaced + unplaced));
    gone[next.region] = false;
  }
  return result;
}

absl::StatusOr<ShiftInProgress> LoadToCome(std::span<const double> baseline,
                                           std::span<const double> observed, size_t lost,
                                           const Weights& weights) {
  RETURN_IF_ERROR(CheckSameSize("observed", observed.size(), "baseline", baseline.size()));
  RETURN_IF_ERROR(CheckSameSize("weights", weights.size(), "baseline", baseline.size()));
  RETURN_IF_ERROR(CheckEachNonNegative("baseline", baseline));
  if (lost >= baseline.size()) {
    return InvalidArgument("lost region: index {}: expected one below {}", lost, baseline.size());
  }
  ShiftInProgress shift;
  shift.expected.assign(observed.begin(), observed.end());
  shift.expected[lost] = 0;
  RETURN_IF_ERROR(CheckEachNonNegative("observed", shift.expected));
  double before = 0;
  double now = 0;
  for (size_t r = 0; r < baseline.size(); ++r) {
    if (r == lost) continue;
    before += baseline[r];
    now += observed[r];
  }
  shift.moved = std::max(0.0, now - before);
  shift.coming = std::max(0.0, baseline[lost] - shift.moved);
  std::vector<bool> gone(baseline.size());
  gone[lost] = true;
  Spread(lost, shift.coming, weights, gone, shift.expected);
  return shift;
}

absl::StatusOr<std::vector<double>> PooledHeadroom(const Pool& pool) {
  RETURN_IF_ERROR(CheckPool(pool));
  const double load = std::accumulate(pool.load.begin(), pool.load.end(), 0.0);
  std::vector<double> headroom;
  for (size_t lost = 0; lost < pool.size(); ++lost) {
    double usable = 0;
    for (size_t r = 0; r < pool.size(); ++r) usable += r == lost ? 0 : pool.usable(r);
    headroom.push_back(usable - load);
  }
  return headroom;
}

absl::StatusOr<Coverage> LossCoverage(std::span<const std::vector<double>> loads,
                                      std::span<const double> capacity, double target_utilisation,
                                      const Weights& weights) {
  Pool pool;
  pool.target_utilisation = target_utilisation;
  pool.capacity.assign(capacity.begin(), capacity.end());
  pool.load.resize(loads.size());
  for (size_t r = 0; r < loads.size(); ++r) {
    pool.regions.push_back(std::to_string(r));
    RETURN_IF_ERROR(CheckSameSize("series", loads[r].size(), "the first", loads[0].size()));
    RETURN_IF_ERROR(CheckEachNonNegative("series", loads[r]));
  }
  RETURN_IF_ERROR(CheckInput(pool, weights));
  const size_t steps = loads[0].size();
  if (steps == 0) return InvalidArgument("steps: none: expected at least one");
  Coverage coverage;
  for (size_t step = 0; step < steps; ++step) {
    for (size_t r = 0; r < loads.size(); ++r) pool.load[r] = loads[r][step];
    if (!EveryLossFits(pool, weights)) coverage.uncovered.push_back(step);
  }
  const auto covered = static_cast<double>(steps - coverage.uncovered.size());
  coverage.share = covered / static_cast<double>(steps);
  return coverage;
}

absl::StatusOr<std::optional<int>> FirstFailingWeek(const Pool& pool, const Weights& weights,
                                                    double growth, int weeks) {
  RETURN_IF_ERROR(CheckInput(pool, weights));
  RETURN_IF_ERROR(CheckFinite({{"growth", growth}}));
  if (growth <= -1) return InvalidArgument("growth: {}: expected above -1", growth);
  Pool grown = pool;
  for (int week = 0; week <= weeks; ++week) {
    for (size_t r = 0; r < pool.size(); ++r) {
      grown.load[r] = pool.load[r] * std::pow(1 + growth, week);
    }
    if (!EveryLossFits(grown, weights)) return week;
  }
  return std::nullopt;
}

}  // namespace synoptic::domain
