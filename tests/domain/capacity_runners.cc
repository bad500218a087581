// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/capacity/plan.h"
#include "domain/capacity/pool.h"
#include "domain/capacity/resources.h"
#include "domain/capacity/scaling.h"
#include "domain/capacity/spill.h"
#include "domain/capacity/what_if.h"
#include "tests/domain/runner.h"

namespace synoptic::domain_vectors {
namespace {

using namespace domain;  // NOLINT: what is tested
using Map = Value::Map;

Pool PoolOf(const Input& in, std::string_view target) {
  Pool pool;
  pool.target_utilisation = in(target);
  for (const auto& [name, capacity] : in["capacity"].members()) {
    pool.regions.push_back(name);
    pool.capacity.push_back(capacity.number());
    pool.load.push_back(in["load"](name));
  }
  return pool;
}

// One row a lost region: {us: {eu: 0.7, ap: 0.3}, ...}.
Weights AffinityOf(const std::vector<std::string>& regions, const Input& rows) {
  std::vector<Weights::Share> shares;
  for (const auto& [from, row] : rows.members()) {
    for (const auto& [to, share] : row.members()) shares.push_back({from, to, share.number()});
  }
  return Take(Weights::Affinity(regions, shares));
}

Weights ProportionalOf(const Pool& pool, const Input& weights) {
  std::vector<double> by_region;
  for (const std::string& region : pool.regions) by_region.push_back(weights(region));
  return Take(Weights::Proportional(by_region));
}

Value ByRegion(const std::vector<std::string>& regions, const std::vector<double>& values) {
  Value out;
  for (size_t r = 0; r < regions.size(); ++r) out[regions[r]] = values[r];
  return out;
}

Value LossesOf(const Pool& pool, const Weights& weights) {
  const SingleLosses losses = Take(LoseEach(pool, weights));
  Value per_loss;
  for (const LossResult& loss : losses.per_loss) {
    Value survivors;
    for (const Survivor& s : loss.survivors) {
      survivors[pool.regions[s.region]] =
          Map{{"load", s.load}, {"utilisation", s.utilisation}, {"headroom_at_target", s.headroom}};
    }
    per_loss[pool.regions[loss.lost[0]]] = survivors;
  }
  const Survivor& worst = *losses.per_loss[losses.worst_lost].worst();
  return Map{{"per_loss", per_loss},
             {"worst", Map{{"lost", pool.regions[losses.worst_lost]},
                           {"survivor", pool.regions[worst.region]},
                           {"headroom", worst.headroom}}},
             {"n_plus_1", losses.n_plus_1}};
}

Value SpillOf(const Input& in, bool with_shed) {
  const Pool pool = PoolOf(in, "target_utilisation");
  const Weights weights = AffinityOf(pool.regions, in["weights"]);
  Value out;
  for (size_t lost = 0; lost < pool.size(); ++lost) {
    const Spill spill = Take(SpillLoss(pool, weights, lost));
    Value give;
    for (size_t r = 0; r < pool.size(); ++r) {
      if (r != lost) give[pool.regions[r]] = spill.given[r];
    }
    Value& row = out[pool.regions[lost]];
    row["give"] = give;
    row["unplaced"] = spill.unplaced;
    if (with_shed) row["shed_fraction_of_lost"] = spill.shed_fraction;
  }
  return out;
}

void AddWhatIf(Runners& runners) {
  for (const auto* id : {"I1", "I2"}) {
    runners[id] = [](const Input& in) -> Value {
      const Pool pool = PoolOf(in, "target_utilisation");
      return LossesOf(pool, ProportionalOf(pool, in["weights"]));
    };
  }
  runners["I3"] = [](const Input& in) -> Value {
    const Pool pool = PoolOf(in, "target_utilisation");
    return LossesOf(pool, AffinityOf(pool.regions, in["weights"]));
  };
  runners["I4"] = [](const Input& in) -> Value {
    const Pool pool = PoolOf(in, "target_utilisation");
    const std::vector<double> headroom = Take(PooledHeadroom(pool));
    const auto largest = std::max_element(pool.capacity.begin(), pool.capacity.end());
    return Map{{"by_lost", ByRegion(pool.regions, headroom)},
               {"largest_capacity_lost", pool.regions[largest - pool.capacity.begin()]}};
  };
  runners["I5"] = [](const Input& in) -> Value { return SpillOf(in, false); };
  runners["I6"] = [](const Input& in) -> Value { return SpillOf(in, true); };
  for (const auto* id : {"J7", "J8"}) {
    runners[id] = [](const Input& in) -> Value {
      const Pool pool = PoolOf(in, "target");
      const Weights weights = AffinityOf(pool.regions, in["weights"]);
      return Map{{"week", Take(FirstFailingWeek(pool, weights, in("growth"))).value_or(-1)}};
    };
  }
  runners["D9"] = [](const Input& in) -> Value {
    const Pool pool = PoolOf(in, "target_utilisation");
    const Weights weights = AffinityOf(pool.regions, in["weights"]);
    const size_t dark = Take(FindRegion(pool.regions, in["unreachable"].text()));
    const DegradedResult result = Take(LoseNextAfter(pool, weights, dark));
    const auto loads = [&](const LossResult& loss) {
      Value out;
      for (const Survivor& s : loss.survivors) out[pool.regions[s.region]] = s.load;
      return out;
    };
    Value out = Map{{"now", loads(result.now)}, {"fits_now", result.now.fits}};
    for (size_t i = 0; i < result.after_next.size(); ++i) {
      const std::string next = pool.regions[result.now.survivors[i].region];
      out["after_losing_" + next] = loads(result.after_next[i]);
      out["fits_after_" + next] = result.after_next[i].fits;
    }
    return out;
  };
  runners["D11"] = [](const Input& in) -> Value {
    std::vector<std::string> regions;
    std::vector<double> baseline;
    std::vector<double> observed;
    std::vector<double> weights;
    std::vector<double> naive;
    const std::string lost = in["lost"].text();
    for (const auto& [name, load] : in["baseline"].members()) {
      regions.push_back(name);
      baseline.push_back(load.number());
      observed.push_back(name == lost ? 0 : in["observed"](name));
      weights.push_back(name == lost ? 0 : in["weights"](name));
    }
    const size_t index = Take(FindRegion(regions, lost));
    const Weights by_share = Take(Weights::Proportional(weights));
    const ShiftInProgress shift = Take(LoadToCome(baseline, observed, index, by_share));
    // As if nothing had moved yet: all of the lost region's load on top of what is observed.
    const Pool pool = {regions, baseline, observed, 1};
    Pool twice = pool;
    twice.load[index] = baseline[index];
    const LossResult all = Take(LoseRegions(twice, by_share, std::vector{index}));
    Value expected;
    Value double_count;
    for (const Survivor& s : all.survivors) {
      expected[regions[s.region]] = shift.expected[s.region];
      double_count[regions[s.region]] = s.load;
    }
    return Map{{"moved", shift.moved},
               {"coming", shift.coming},
               {"expected", expected},
               {"naive_double_count", double_count}};
  };
}

void AddPlan(Runners& runners) {
  runners["I7"] = [](const Input& in) -> Value {
    Value excess = EmptyList();
    for (const Input& row : in["rows"].list()) {
      excess.Add(Take(BalancedExcess(row[0].whole(), row[1].whole())));
    }
    return Map{{"excess", excess}};
  };
  runners["I8"] = [](const Input& in) -> Value {
    Value total = EmptyList();
    Value excess = EmptyList();
    for (const Input& row : in["loads"].list()) {
      const LeastCapacity least = Take(LeastForAnyLoss(row.numbers()));
      total.Add(least.total);
      excess.Add(least.excess);
    }
    return Map{{"total", total}, {"excess", excess}};
  };
  runners["I9"] = [](const Input& in) -> Value {
    std::vector<std::string> regions;
    std::vector<std::vector<double>> loads;
    for (const auto& [name, series] : in["series"].members()) {
      regions.push_back(name);
      loads.push_back(series.numbers());
    }
    const SeriesPlan plan = Take(PlanForSeries(loads));
    return Map{{"required", ByRegion(regions, plan.required)},
               {"total", plan.total},
               {"global_peak", plan.global_peak},
               {"sum_of_regional_peaks", plan.sum_of_peaks},
               {"excess_over_global_peak", plan.excess_over_global_peak},
               {"naive_total_from_peaks", plan.naive_total}};
  };
  runners["I10"] = [](const Input& in) -> Value {
    std::vector<std::vector<double>> loads;
    std::vector<double> capacity;
    for (const auto& [name, series] : in["series"].members()) {
      loads.push_back(series.numbers());
      capacity.push_back(in["capacity"](name));
    }
    const Coverage coverage = Take(LossCoverage(loads, capacity, in("target_utilisation"),
                                                Take(Weights::Equal(loads.size()))));
    return Map{{"coverage", coverage.share}, {"uncovered_hours", coverage.uncovered}};
  };
  for (const auto* id : {"I19", "I20"}) {
    runners[id] = [](const Input& in) -> Value {
      const RegionCosts costs = {in("L_vcpu"),     in("c_cpu_month"),
                                 in("S_tb"),       in("c_storage_tb_month"),
                                 in("W_tb_month"), in("c_transfer_tb")};
      Value cost;
      std::vector<int> counts;
      for (const Input& n : in["N"].list()) {
        counts.push_back(n.whole());
        cost[std::to_string(n.whole())] = Take(CostOfRegions(costs, n.whole()));
      }
      return Map{{"cost", cost}, {"best", Take(CheapestRegions(costs, counts))}};
    };
  }
  runners["I21"] = [](const Input& in) -> Value {
    const Pool pool = PoolOf(in, "target_utilisation");
    const Purchase purchase = Take(CapacityToBuy(pool, AffinityOf(pool.regions, in["weights"])));
    return Map{{"required", ByRegion(pool.regions, purchase.required)},
               {"buy", ByRegion(pool.regions, purchase.buy)},
               {"total_required", purchase.total_required},
               {"excess_over_load", purchase.excess_over_load}};
  };
  runners["I22"] = [](const Input& in) -> Value {
    std::vector<double> capacity;
    for (const auto& [name, value] : in["capacity"].members()) capacity.push_back(value.number());
    return Map{{"k", Take(LossesCarried(capacity, in("load_total"), in("target_utilisation")))}};
  };
}

void AddScaling(Runners& runners) {
  runners["I11"] = [](const Input& in) -> Value {
    const Ramp ramp = {in("now"), in("delay_s"), in("ramp_per_s")};
    const Absorption absorption = Take(Absorb(ramp, in("need")));
    Value admission;
    for (const double t : {0.0, 180.0, 300.0, 430.0}) {
      admission[std::to_string(static_cast<int>(t))] = Take(AdmittedAt(ramp, in("need"), t));
    }
    return Map{{"t_full_s", absorption.full_s},
               {"shed_requests", absorption.shed_requests},
               {"max_shed_fraction", absorption.max_shed_fraction},
               {"admission_at", admission}};
  };
  runners["I12"] = [](const Input& in) -> Value {
    const SafeShift shift =
        Take(SlowestSafeShift({in("now_capacity"), in("delay_s"), in("ramp_per_s")},
                              in("current_load"), in("lost_load")));
    return Map{{"immediate_share", shift.immediate_share}, {"duration_s", shift.duration_s}};
  };
}

void AddResources(Runners& runners) {
  runners["I13"] = [](const Input& in) -> Value {
    const ElasticHeadroom headroom = Take(HeadroomOf({.in_service = in("in_service"),
                                                      .max_size = in("max_size"),
                                                      .quota_units = in("quota_units"),
                                                      .subnet_ips = in("subnet_ips"),
                                                      .per_unit = in("per_unit"),
                                                      .load_after = in("load_after"),
                                                      .target = in("target"),
                                                      .p_ice = in("p_ice")}));
    return Map{{"static", headroom.fixed},
               {"reachable_units", headroom.reachable_units},
               {"elastic", headroom.elastic},
               {"discounted", headroom.discounted},
               {"statically_stable", headroom.statically_stable}};
  };
  runners["I14"] = [](const Input& in) -> Value {
    const Usage usage =
        Take(ConnectionsAfter(in("conns"), in("moved_clients"), in("pool"), in("max_connections")));
    return Map{{"conns_after", usage.after}, {"utilisation", usage.utilisation}};
  };
  runners["I15"] = [](const Input& in) -> Value {
    const Promotion promotion =
        Take(PromoteOnto(in("writer_vcpu"), in("writer_util"), in("replica_vcpu")));
    return Map{{"util_after", promotion.utilisation}, {"fits", promotion.fits}};
  };
  runners["I16"] = [](const Input& in) -> Value {
    const Usage usage = Take(QuotaAfter(in("usage"), in("needed"), in("quota")));
    return Map{{"after", usage.after}, {"shortfall", usage.shortfall}, {"fits", usage.fits}};
  };
  runners["I17"] = [](const Input& in) -> Value {
    std::vector<NodeFree> nodes;
    for (const Input& row : in["nodes_free_cpu_mem"].list()) nodes.push_back({row(0), row(1)});
    const PodFit fit = Take(FitPods(nodes, in("pod_cpu"), in("pod_mem")));
    return Map{{"fits", fit.fits}, {"pooled", fit.pooled}};
  };
  runners["I18"] = [](const Input& in) -> Value {
    std::vector<std::string> names;
    std::vector<ResourceLoad> resources;
    for (const auto& [name, pair] : in.members()) {
      names.push_back(name);
      resources.push_back({pair(0), pair(1)});
    }
    const Binding binding = Take(BindingResource(resources));
    return Map{{"headroom_fraction", ByRegion(names, binding.headroom_fraction)},
               {"binding", names[binding.index]}};
  };
  runners["I23"] = [](const Input& in) -> Value {
    const ColdCache cache =
        Take(OriginAfterShift(in("rps"), in("hit_warm"), in("hit_cold"), in("origin_capacity")));
    return Map{{"origin_warm", cache.origin_warm},
               {"origin_cold", cache.origin_cold},
               {"amplification", cache.amplification},
               {"admitted_share", cache.admitted_share}};
  };
}

}  // namespace

void AddCapacityRunners(Runners& runners) {
  AddWhatIf(runners);
  AddPlan(runners);
  AddScaling(runners);
  AddResources(runners);
}

}  // namespace synoptic::domain_vectors
