// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The `readiness` section: what must hold before a failover from one region to another.
//
//   readiness:
//     defaults: true             # the 27 checks of default_checks.cc
//     disable: [people.ic]
//     rpo: 60s                   # data that may be lost
//     rto: 30m                   # until users are served again
//     checks:                    # replaces the default of the same id, or adds one
//     - id: data.lag
//       question: Has everything arrived that may not be lost?
//       blocking: true
//       query: max by (db) (replication_lag_seconds{region="$from", destination="$to"})
//       op: lte                  # lte, lt, gte, gt or eq; every series of the answer must hold
//       value: 60
//       unit: seconds
//       max_age: 30s
//       none: unknown            # what no series mean: unknown, pass or fail
//       remedy: Wait for the drain, or accept the loss by name.
//     flows:                     # where each flow's signals are published, for the visibility
//     matrix
//     - {name: s3 us->eu, signals: {lag: eu-west-1, failed: us-east-1}}
//     drills:
//       calendar: [{kind: traffic, every: 7d, grace: 2d}]
//       measure:
//         detected: ALERTS{alertname="RegionDown"}      # any series: it was noticed
//         traffic: sum(rate(requests_total{region="$from"}[30s]))
//         healthy: sum(rate(ok[30s])) / sum(rate(all[30s])) > bool 0.99
//         canary: max(canary_written_seconds{region="$to"})  # the newest marker there, its time
//         step: 5s
//       abort:                   # any series: the drill must end now
//       - {id: errors, about: users suffer, query: sum(rate(err[1m])) / sum(rate(all[1m])) > 0.05}
//       marker: drill_running > 0   # labels kind, from, to: starts and finishes drills by itself
//
// $from and $to stand for the regions' names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/yaml_reader.h"
#include "domain/replication/pairs.h"
#include "reports/capacity_spec.h"

namespace synoptic::reports {

enum class CheckKind {
  kQuery,
  kStaticCapacity,   // the what-if with what serves now
  kElasticCapacity,  // with what scaling may reach
  kTarget,           // is `to` the best target
  kVisibility,       // which flows go blind
  kDrillFresh,
  kDrillRto,
};

enum class Op { kLte, kLt, kGte, kGt, kEq };
enum class NoSeries { kUnknown, kPass, kFail };

struct Check {
  std::string id;
  std::string question;
  bool blocking = false;
  CheckKind kind = CheckKind::kQuery;
  std::string query;
  Op op = Op::kLte;
  double value = 0;  // below 0: the rpo
  std::string unit;
  double max_age_s = 120;
  NoSeries none = NoSeries::kUnknown;
  std::string remedy;
  std::string owner;
};

struct DrillCadence {
  std::string kind;
  double every_s = 0;
  double grace_s = 0;
};

struct DrillMeasures {
  std::string detected;
  std::string traffic;
  std::string healthy;
  std::string canary;
  int64_t step_ms = 15'000;
};

// While a drill runs: any series of the query means that it must end.
struct AbortCondition {
  std::string id;
  std::string about;
  std::string query;
};

struct ReadinessSpec {
  std::vector<Check> checks;
  double rpo_s = 60;
  double rto_s = 1800;
  std::vector<domain::FlowSignals> flows;
  std::vector<std::vector<std::string>> flow_signals;  // names, beside flows[i].homes
  std::vector<DrillCadence> calendar;
  DrillMeasures measures;
  std::vector<AbortCondition> abort;
  std::string marker;  // a query; empty: drills are told by hand
};

// As shipped.
std::vector<Check> DefaultChecks();
// With the defaults, before any configuration.
ReadinessSpec DefaultReadiness();
// Reads the section; mistakes are reported through the value.
ReadinessSpec ReadReadiness(const YamlValue& value, const std::vector<RegionInfo>& regions);

// `text` with $from and $to replaced.
std::string ForPair(std::string_view text, std::string_view from, std::string_view to);

}  // namespace synoptic::reports
