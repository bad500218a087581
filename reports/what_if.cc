// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/what_if.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "base/go_format.h"
#include "base/status.h"
#include "domain/capacity/plan.h"
#include "domain/capacity/resources.h"
#include "domain/capacity/scaling.h"
#include "domain/capacity/spill.h"
#include "domain/capacity/what_if.h"

namespace synoptic::reports {
namespace {

using domain::Verdict;

constexpr double kInf = std::numeric_limits<double>::infinity();

absl::Status CheckScenario(const CapacitySpec& spec, const Scenario& scenario) {
  if (!(scenario.growth > 0) || std::isinf(scenario.growth)) {
    return InvalidArgument("growth: {}: expected a factor above 0", GoFloatG(scenario.growth));
  }
  for (size_t i = 0; i < scenario.lose.size(); ++i) {
    if (scenario.lose[i] >= spec.regions.size() ||
        (i > 0 && scenario.lose[i] <= scenario.lose[i - 1])) {
      return InvalidArgument("lose: expected different regions of the configuration");
    }
  }
  return absl::OkStatus();
}

// One pool on its way from inputs to outcome.
class PoolRun {
 public:
  // `weights`: of every pool alike; null where they follow its supply.
  PoolRun(const CapacitySpec& spec, const PoolInputs& inputs, const Scenario& scenario,
          const domain::Weights* weights)
      : spec_(spec),
        resource_(spec.resources[inputs.resource]),
        inputs_(inputs),
        scenario_(scenario),
        shared_weights_(weights),
        n_(spec.regions.size()) {
    out_.resource = inputs.resource;
    out_.pool = inputs.pool;
    out_.regions.resize(n_);
  }

  absl::StatusOr<PoolOutcome> Run() {
    for (size_t r = 0; r < n_; ++r) RETURN_IF_ERROR(Place(r));
    FillPool();
    if (shared_weights_ != nullptr) return Carry(*shared_weights_);
    ASSIGN_OR_RETURN(const domain::Weights weights, WeightsOf(spec_, pool_.capacity));
    return Carry(weights);
  }

 private:
  absl::StatusOr<PoolOutcome> Carry(const domain::Weights& weights) {
    if (resource_.whole) {
      MoveWhole();
    } else {
      ASSIGN_OR_RETURN(const domain::LossResult loss, domain::LoseRegions(pool_, weights, gone_));
      for (const domain::Survivor& survivor : loss.survivors) {
        out_.regions[survivor.region].load_after = survivor.load;
      }
      out_.shed = loss.unplaced;
      if (spec_.spill) RETURN_IF_ERROR(Spill(weights));
    }
    RETURN_IF_ERROR(Judge());
    RETURN_IF_ERROR(Spare(weights));
    return std::move(out_);
  }

  absl::Status Place(size_t r) {
    const RegionInputs& in = inputs_.regions[r];
    RegionOutcome& out = out_.regions[r];
    for (const auto& [what, value] : {std::pair("demand", in.demand),
                                      {"supply", in.supply},
                                      {"limit", in.limit},
                                      {"quota", in.quota}}) {
      if (!value || (*value >= 0 && !std::isinf(*value))) continue;
      return InvalidArgument("{} of {} in region {}: {}: expected a finite number of at least 0",
                             what, PoolName(spec_, inputs_.resource, inputs_.pool),
                             GoQuote(spec_.regions[r].name), GoFloatG(*value));
    }
    out.supply = in.supply;
    if (in.demand) out.load = *in.demand * scenario_.growth;
    const bool lost = std::binary_search(scenario_.lose.begin(), scenario_.lose.end(), r);
    if (in.unseen.empty() && !in.demand && !in.supply) {
      out.fate = Fate::kAbsent;
    } else if (lost) {
      out.fate = Fate::kLost;
    } else if (!in.unseen.empty()) {
      out.fate = Fate::kUnseen;
    }
    if (out.fate != Fate::kServes) {
      gone_.push_back(r);
      if (out.fate != Fate::kAbsent && !out.load) unknown_ = true;
    }
    if (out.load && out.supply) {
      out.utilisation = *out.supply > 0 ? *out.load / *out.supply : (*out.load > 0 ? kInf : 0);
    }
    return absl::OkStatus();
  }

  void FillPool() {
    pool_.target_utilisation = resource_.target;
    for (size_t r = 0; r < n_; ++r) {
      const RegionOutcome& out = out_.regions[r];
      const bool gone = out.fate == Fate::kLost || out.fate == Fate::kUnseen;
      const double load = out.load.value_or(0);
      pool_.regions.push_back(spec_.regions[r].name);
      // A region that does not have the pool takes nothing.
      pool_.capacity.push_back(out.fate == Fate::kUnseen ? 0 : out.supply.value_or(0));
      const double moves = load * resource_.movable * resource_.cold_factor;
      pool_.load.push_back(gone ? moves : load);
      if (!gone) continue;
      out_.lost_load += moves;
      out_.pinned_load += load - load * resource_.movable;
    }
  }

  // I15: a single writer is promoted where it leaves most room, and nowhere else.
  void MoveWhole() {
    for (size_t r = 0; r < n_; ++r) {
      if (IsSurvivor(r)) out_.regions[r].load_after = pool_.load[r];
    }
    const auto room = [&](size_t r) {
      return resource_.target * pool_.capacity[r] - out_.regions[r].load_after;
    };
    for (const size_t r : gone_) {
      if (pool_.load[r] <= 0) continue;
      std::optional<size_t> best;
      for (size_t to = 0; to < n_; ++to) {
        if (IsSurvivor(to) && (!best || room(to) > room(*best))) best = to;
      }
      if (!best) {
        out_.shed += pool_.load[r];
      } else {
        out_.regions[*best].load_after += pool_.load[r];
      }
    }
  }

  // Water-filling, one lost region after the other.
  absl::Status Spill(const domain::Weights& weights) {
    domain::Pool left = pool_;
    out_.shed = 0;
    for (const size_t r : gone_) left.capacity[r] = 0;
    for (const size_t r : gone_) {
      ASSIGN_OR_RETURN(const domain::Spill spill, domain::SpillLoss(left, weights, r));
      for (size_t to = 0; to < n_; ++to) left.load[to] += spill.given[to];
      out_.shed += spill.unplaced;
    }
    for (size_t r = 0; r < n_; ++r) {
      if (IsSurvivor(r)) out_.regions[r].load_after = left.load[r];
    }
    return absl::OkStatus();
  }

  bool IsSurvivor(size_t r) const { return out_.regions[r].fate == Fate::kServes; }

  absl::Status Judge() {
    bool fits = out_.shed <= 0;
    out_.tightest_fraction = kInf;
    for (size_t r = 0; r < n_; ++r) {
      if (!IsSurvivor(r)) continue;
      RegionOutcome& out = out_.regions[r];
      const double supply = out.supply.value_or(0);
      out.utilisation_after =
          supply > 0 ? out.load_after / supply : (out.load_after > 0 ? kInf : 0);
      out.headroom = resource_.target * supply - out.load_after;
      out.buy = std::max(0.0, out.load_after / resource_.target - supply);
      if (out.headroom < 0) {
        fits = false;
        if (!spec_.spill) out_.shed += -out.headroom;
      }
      // 0 / 0: nothing asked of nothing.
      const double usable = resource_.target * supply;
      const double fraction = usable > 0 ? out.headroom / usable : (out.headroom < 0 ? -kInf : 1);
      if (fraction < out_.tightest_fraction) {
        out_.tightest_fraction = fraction;
        out_.tightest = r;
      }
      RETURN_IF_ERROR(Scale(r, &out));
    }
    if (!out_.tightest) out_.tightest_fraction = 0;
    out_.shed_fraction = out_.lost_load > 0 ? std::min(1.0, out_.shed / out_.lost_load) : 0;
    out_.fits = !fits ? Verdict::kFalse : unknown_ ? Verdict::kUnknown : Verdict::kTrue;
    return absl::OkStatus();
  }

  // What waiting for scaling would give. The verdict is the static one.
  absl::Status Scale(size_t r, RegionOutcome* out) {
    const RegionInputs& in = inputs_.regions[r];
    const double supply = out->supply.value_or(0);
    double reach = kInf;
    if (in.limit) reach = std::min(reach, *in.limit);
    if (in.quota) reach = std::min(reach, *in.quota);
    if (std::isfinite(reach)) {
      domain::ElasticPool pool;
      pool.in_service = supply;
      pool.max_size = std::max(reach, supply);
      pool.quota_units = pool.subnet_ips = pool.max_size;
      pool.per_unit = 1;
      pool.load_after = out->load_after;
      pool.target = resource_.target;
      pool.p_ice = resource_.ice;
      ASSIGN_OR_RETURN(const domain::ElasticHeadroom headroom, domain::HeadroomOf(pool));
      out->elastic_headroom = headroom.elastic;
      out->discounted_headroom = headroom.discounted;
    }
    if (out->headroom >= 0) {
      out->scale_s = 0;
    } else if (out->elastic_headroom && *out->elastic_headroom < 0) {
      out->scale_s = kInf;  // the limit is in the way
    } else if (resource_.scale_rate > 0) {
      const double t = resource_.target;
      ASSIGN_OR_RETURN(
          const domain::Absorption absorption,
          domain::Absorb({t * supply, resource_.scale_after_s, t * resource_.scale_rate},
                         out->load_after));
      out->scale_s = absorption.full_s;
      out->shed_meanwhile = absorption.shed_requests;
    }
    return absl::OkStatus();
  }

  // The price of N+1 for those who have the pool and are seen.
  absl::Status Spare(const domain::Weights& weights) {
    domain::Pool pool;
    std::vector<size_t> indices;
    for (size_t r = 0; r < n_; ++r) {
      const RegionOutcome& out = out_.regions[r];
      if (out.fate == Fate::kAbsent || !out.load || !out.supply) continue;
      indices.push_back(r);
      pool.regions.push_back(spec_.regions[r].name);
      pool.capacity.push_back(*out.supply);
      pool.load.push_back(*out.load);
    }
    pool.target_utilisation = resource_.target;
    const double load = std::accumulate(pool.load.begin(), pool.load.end(), 0.0);
    // What moves whole has no split to pay for.
    if (indices.size() < 2 || load <= 0 || resource_.whole) return absl::OkStatus();
    SpareCost spare;
    const double supply = std::accumulate(pool.capacity.begin(), pool.capacity.end(), 0.0);
    spare.excess_now = supply / load - 1;
    spare.largest_share = *std::max_element(pool.load.begin(), pool.load.end()) / load;
    ASSIGN_OR_RETURN(const domain::LeastCapacity least, domain::LeastForAnyLoss(pool.load));
    spare.excess_least = least.excess;
    // The most that each would carry, over every single loss, with the spec's split.
    double required = 0;
    for (size_t i = 0; i < indices.size(); ++i) {
      double most = pool.load[i];
      for (size_t k = 0; k < indices.size(); ++k) {
        if (k == i) continue;
        double sum = 0;
        for (const size_t s : indices) {
          if (s != indices[k]) sum += weights.at(indices[k], s);
        }
        if (sum <= 0) continue;
        most =
            std::max(most, pool.load[i] + resource_.movable * resource_.cold_factor * pool.load[k] *
                                              weights.at(indices[k], indices[i]) / sum);
      }
      const double need = most / resource_.target;
      required += need;
      spare.buy += std::max(0.0, need - pool.capacity[i]);
    }
    spare.excess_required = required / load - 1;
    out_.spare = spare;
    return absl::OkStatus();
  }

  const CapacitySpec& spec_;
  const Resource& resource_;
  const PoolInputs& inputs_;
  const Scenario& scenario_;
  const domain::Weights* const shared_weights_;
  const size_t n_;
  PoolOutcome out_;
  domain::Pool pool_;
  std::vector<size_t> gone_;
  bool unknown_ = false;  // a load that nobody knows is on its way
};

// What was taken for granted, once a region and resource.
void Note(const CapacitySpec& spec, const PoolInputs& pool, std::set<std::string>* seen,
          std::vector<std::string>* notes) {
  for (size_t r = 0; r < pool.regions.size(); ++r) {
    const RegionInputs& in = pool.regions[r];
    if (in.unseen.empty()) continue;
    std::string note =
        fmt::format("{} in region {} is unseen ({}) and counts as lost; ",
                    spec.resources[pool.resource].name, spec.regions[r].name, in.unseen);
    if (in.demand) {
      note += fmt::format("its load is what was known {:.0f} s ago", in.demand_age_s);
    } else {
      note += "its load is not known";
    }
    if (seen->insert(fmt::format("{}|{}", pool.resource, r)).second) {
      notes->push_back(std::move(note));
    }
  }
}

}  // namespace

std::string_view FateName(Fate fate) {
  switch (fate) {
    case Fate::kServes:
      return "serves";
    case Fate::kLost:
      return "lost";
    case Fate::kUnseen:
      return "unseen";
    case Fate::kAbsent:
      break;
  }
  return "absent";
}

std::string PoolName(const CapacitySpec& spec, size_t resource, std::string_view pool) {
  const std::string& name = spec.resources[resource].name;
  return pool.empty() ? name : fmt::format("{} {}", name, pool);
}

absl::StatusOr<domain::Weights> WeightsOf(const CapacitySpec& spec,
                                          const std::vector<double>& supply) {
  std::vector<std::string> names;
  std::vector<double> weights;
  for (const RegionInfo& region : spec.regions) {
    names.push_back(region.name);
    weights.push_back(region.weight);
  }
  switch (spec.weights) {
    case WeightModel::kAffinity:
      return domain::Weights::Affinity(names, spec.affinity);
    case WeightModel::kEqual:
      return domain::Weights::Equal(names.size());
    case WeightModel::kSupply:
      return domain::Weights::Proportional(supply);
    case WeightModel::kRegions:
      break;
  }
  return domain::Weights::Proportional(weights);
}

absl::StatusOr<WhatIf> AskWhatIf(const CapacitySpec& spec, const std::vector<PoolInputs>& inputs,
                                 const Scenario& scenario) {
  RETURN_IF_ERROR(CheckScenario(spec, scenario));
  WhatIf result;
  result.scenario = scenario;
  std::set<std::string> noted;
  std::optional<domain::Weights> shared;
  if (!inputs.empty() && spec.weights != WeightModel::kSupply) {
    ASSIGN_OR_RETURN(shared, WeightsOf(spec, {}));
  }
  result.pools.reserve(inputs.size());
  for (const PoolInputs& input : inputs) {
    ASSIGN_OR_RETURN(PoolOutcome outcome,
                     PoolRun(spec, input, scenario, shared ? &*shared : nullptr).Run());
    Note(spec, input, &noted, &result.notes);
    result.pools.push_back(std::move(outcome));
  }
  result.fits = result.pools.empty() ? Verdict::kUnknown : Verdict::kTrue;
  for (size_t i = 0; i < result.pools.size(); ++i) {
    const PoolOutcome& pool = result.pools[i];
    result.fits = domain::And(result.fits, pool.fits);
    if (!pool.tightest) continue;
    if (!result.binding ||
        pool.tightest_fraction < result.pools[*result.binding].tightest_fraction) {
      result.binding = i;
    }
  }
  return result;
}

}  // namespace synoptic::reports
