// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The `capacity` section: which resources there are, how to ask for what they carry and could
// carry, and who takes over a lost region's load.
//
//   capacity:
//     weights: regions             # regions (their `weight`), supply, or equal
//     affinity:                    # or by row: who takes a lost region's load; each adds up to
//     100%
//       us-east-1: {eu-west-1: 70%, ap-south-1: 30%}
//     spill: true                  # the traffic policy overflows to whoever has room
//     target_utilisation: 80%
//     growth: 1.5%                 # a week, for forecasts
//     history: {length: 28d, step: 1h}   # what the report looks back at: 90d at 5m is fine, too
//     interval: 30s                # how often the headroom series are refreshed
//     resources:
//     - name: cpu
//       unit: cores
//       demand: sum by (region, pool) (pool_cpu_used)
//       supply: sum by (region, pool) (pool_cpu_in_service)   # usable now, without any change
//       limit: sum by (region, pool) (pool_cpu_max)           # what scaling may reach
//       quota: {us-east-1: 4000, eu-west-1: 4000}             # numbers instead of a query
//       movable: 90%               # of the demand; the rest is pinned and goes down with its
//       region
//       ice: 30%                   # chance that the provider has no more when all ask for it
//       scaling: {after: 3m, rate: 2/s}
//       price: 29.2                # a unit and month
//       lead_time: 30d             # from ordering to serving
//     - name: origin
//       unit: requests/s
//       demand: sum by (region) (rate(origin_requests_total[5m]))
//       supply: {us-east-1: 9000, eu-west-1: 9000}
//       cache: {warm: 95%, cold: 60%}   # hit ratios: what moves meets a cold cache first
//     - name: db_connections
//       unit: connections
//       demand: sum by (region) (app_instances) * 10     # clients bring their pools with them
//       supply: sum by (region) (pg_settings_max_connections)
//     - name: writer
//       unit: cores
//       moves: whole               # one writer: its load goes to one region, not to all
//       demand: sum by (region) (writer_cores)
//       supply: sum by (region) (replica_cores)
//
// Series are matched to regions by the regions' labels; whatever other labels they carry tell pools
// apart.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/yaml_reader.h"
#include "domain/capacity/pool.h"
#include "promql/model/labels.h"

namespace synoptic::reports {

// A region as reports know it.
struct RegionInfo {
  std::string name;
  promql::Labels labels;  // on every series of it
  double weight = 1;      // share of traffic
};

// PromQL, or a number a region.
struct Amount {
  std::string query;
  std::map<std::string, double> fixed;  // by region
  bool given() const { return !query.empty() || !fixed.empty(); }
};

struct Resource {
  std::string name;
  std::string unit;
  Amount demand;
  Amount supply;
  Amount limit;  // optional
  Amount quota;  // optional
  double movable = 1;
  bool whole = false;      // what moves goes to one region
  double cold_factor = 1;  // what moves weighs so much more there at first: its cache is cold
  double target = 0.8;
  double ice = 0;
  double scale_after_s = 0;
  double scale_rate = 0;  // units a second; 0: not known to scale
  double price = 0;       // 0: not told
  double lead_days = 0;
};

enum class WeightModel { kRegions, kSupply, kEqual, kAffinity };

struct CapacitySpec {
  std::vector<RegionInfo> regions;  // of the whole configuration, in order
  WeightModel weights = WeightModel::kRegions;
  std::vector<domain::Weights::Share> affinity;
  bool spill = false;
  double growth = 0;  // a week, 0.015 for 1.5 %
  int64_t interval_ms = 30'000;
  int64_t history_ms = int64_t{28} * 86'400'000;
  int64_t history_step_ms = 3'600'000;  // a part of an hour
  std::vector<Resource> resources;

  // How the model is shown beside every number made from it.
  std::string ModelText() const;
};

// Reads the section; mistakes are reported through the value. `regions` are all there are.
CapacitySpec ReadCapacity(const YamlValue& value, std::vector<RegionInfo> regions);

// Checks an expression: PromQL that gives an instant vector (or a scalar, where `scalar`). The
// error is what is wrong with it.
absl::Status CheckQuery(const std::string& text, bool scalar = false);

}  // namespace synoptic::reports
