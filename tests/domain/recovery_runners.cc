// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/drill/cadence.h"
#include "domain/drill/dns.h"
#include "domain/drill/recovery.h"
#include "domain/forecast/accuracy.h"
#include "domain/forecast/growth.h"
#include "domain/forecast/holt_winters.h"
#include "domain/readiness/go_no_go.h"
#include "domain/readiness/ranking.h"
#include "promql/functions/range.h"
#include "tests/domain/runner.h"

namespace synoptic::domain_vectors {
namespace {

using namespace domain;  // NOLINT: what is tested
using Map = Value::Map;

CheckState StateNamed(const std::string& name) {
  if (name == "PASS") return CheckState::kPass;
  if (name == "FAIL") return CheckState::kFail;
  if (name == "STALE") return CheckState::kStale;
  return CheckState::kUnknown;
}

void AddForecasts(Runners& runners) {
  // Prometheus' function, by our kernel of it.
  runners["J1"] = [](const Input& in) -> Value {
    const std::vector<double> v = in["values"].numbers();
    std::vector<int64_t> t;
    for (size_t i = 0; i < v.size(); ++i) t.push_back(static_cast<int64_t>(1000 * (i + 1)));
    const std::vector<double> sf = {in("sf")};
    const std::vector<double> tf = {in("tf")};
    promql::RangeInput input;
    input.t = t;
    input.v = v;
    input.grid = promql::Grid::Instant(t.back());
    input.range_ms = t.back();
    input.param0 = sf;
    input.param1 = tf;
    double value = 0;
    promql::FindRangeKernel(promql::FunctionId::kDoubleExponentialSmoothing)(input,
                                                                             std::span(&value, 1));
    return Map{{"value", value}};
  };
  runners["J2"] = [](const Input& in) -> Value {
    const HoltWinters model = Take(
        FitHoltWinters(in["y"].numbers(), in["m"].whole(), {in("alpha"), in("beta"), in("gamma")}));
    const Forecast forecast = Take(ForecastSteps(model, in["horizon"].whole()));
    const std::vector<double> upper = Take(ForecastBound(forecast, in("z")));
    return Map{{"level", model.level},      {"trend", model.trend},
               {"season", model.season},    {"one_step_errors", model.errors},
               {"forecast", forecast.mean}, {"sigma2", model.error_variance},
               {"se", forecast.error},      {"upper95", upper}};
  };
  runners["J3"] = [](const Input& in) -> Value {
    std::vector<std::vector<double>> buckets;
    for (const Input& bucket : in["buckets"].list()) buckets.push_back(bucket.numbers());
    return Map{{"next_week", Take(SeasonalQuantile(buckets, in("growth_per_week"), in("p")))}};
  };
  runners["J4"] = [](const Input& in) -> Value {
    return Map{{"weeks", Take(CompoundExhaustion(in("load"), in("limit"), in("g_per_week")))}};
  };
  runners["J5"] = [](const Input& in) -> Value {
    const LinearExhaustionTime line =
        Take(LinearExhaustion(in("load"), in("limit"), in("slope_per_day"), in("lead_days")));
    return Map{{"days", line.time}, {"order_by_days", line.order_by}};
  };
  runners["J6"] = [](const Input& in) -> Value {
    const Accuracy accuracy =
        Take(ForecastAccuracy(in["actual"].numbers(), in["forecast"].numbers(),
                              in["train"].numbers(), in["lower"].numbers(), in["upper"].numbers()));
    return Map{{"mape", accuracy.mape.value_or(0)},
               {"mase", accuracy.mase.value_or(0)},
               {"coverage", accuracy.coverage}};
  };
  runners["J9"] = [](const Input& in) -> Value {
    const Exceedance exceedance =
        Take(ExceedanceOf(in("limit"), in["forecast"].numbers(), in["se"].numbers(), in("alpha")));
    return Map{{"p", exceedance.probability}, {"first_h", exceedance.first.value_or(0)}};
  };
}

void AddReadiness(Runners& runners) {
  runners["K1"] = [](const Input& in) -> Value {
    Value verdicts = EmptyList();
    for (const Input& row : in["cases"].list()) {
      std::vector<CheckOutcome> checks;
      for (const Input& check : row.list()) {
        checks.push_back({check[0].text() == "block", StateNamed(check[1].text())});
      }
      verdicts.Add(ReadinessName(Judge(checks)));
    }
    return Map{{"verdict", verdicts}};
  };
  runners["K8"] = [](const Input& in) -> Value {
    std::vector<std::string> names;
    std::vector<Candidate> candidates;
    for (const Input& row : in["candidates"].list()) {
      names.push_back(row[0].text());
      candidates.push_back({row(1), row(2)});
    }
    Value order = EmptyList();
    for (const size_t i : Take(RankTargets(candidates, in("rpo_s")))) order.Add(names[i]);
    return Map{{"order", order}};
  };
  runners["K11"] = [](const Input& in) -> Value {
    Value states = EmptyList();
    for (const Input& row : in["rows_result_age_max"].list()) {
      std::optional<CheckState> recorded;
      if (row[0].text() != "NONE") recorded = StateNamed(row[0].text());
      states.Add(CheckStateName(Take(EvidenceState(recorded, row(1), row(2)))));
    }
    return Map{{"state", states}};
  };
}

void AddDrills(Runners& runners) {
  runners["K2"] = [](const Input& in) -> Value {
    const auto point = [&](std::string_view key) { return Interval{in(key), in(key)}; };
    const Interval provision = {in["provision"](0), in["provision"](1)};
    const Interval minutes = Take(RecoveryTime(
        std::vector<Interval>{point("decide"), provision, point("start"), point("shift")}));
    return Map{{"minutes", std::vector<double>{minutes.lo, minutes.hi}}};
  };
  runners["K3"] = [](const Input& in) -> Value {
    Value remaining = EmptyList();
    for (const double t : in["t_s"].numbers()) {
      remaining.Add(Take(DnsShareLeft(in("ttl_s"), in("sticky"), t)));
    }
    return Map{{"remaining", remaining}};
  };
  runners["K4"] = [](const Input& in) -> Value {
    Value seconds = EmptyList();
    for (const Input& row : in["rows"].list()) seconds.Add(Take(DnsDrainTime(row(0), row(1))));
    return Map{{"seconds", seconds}};
  };
  runners["K5"] = [](const Input& in) -> Value {
    const MeasuredRpo measured = Take(RpoFromMarkers(in("t_fail"), in["markers_written"].numbers(),
                                                     in["markers_visible"].numbers()));
    return Map{{"rpo_s", measured.rpo_s}, {"lost_markers", measured.lost_markers}};
  };
  runners["K6"] = [](const Input& in) -> Value {
    Value states = EmptyList();
    for (const Input& row : in["rows_days"].list()) {
      states.Add(DrillStateName(Take(DrillDue(row(0), row(1), row(2), row(3)))));
    }
    return Map{{"state", states}};
  };
  runners["K7"] = [](const Input& in) -> Value {
    const RtoEvidence evidence = Take(RtoFromDrills(in["rto_s"].numbers(), in("target_s")));
    return Map{{"p50", evidence.p50},
               {"p90", evidence.p90},
               {"worst", evidence.worst},
               {"p_meet", evidence.meets_target}};
  };
  runners["K9"] = [](const Input& in) -> Value {
    std::vector<Store> stores;
    for (const Input& row : in["stores"].list()) {
      if (row["truth"].truth()) {
        stores.push_back({.truth = true, .rpo_s = row("rpo_s")});
      } else {
        stores.push_back(
            {.truth = false, .size_bytes = row("size_bytes"), .rate_bytes_s = row("rate_bytes_s")});
      }
    }
    const ServiceRecovery recovery =
        Take(RecoveryOf(stores, {in("detect_s"), in("decide_s"), in("promote_s"), in("dns_s")}));
    return Map{{"rpo_s", recovery.rpo_s},
               {"rehydrate_s", recovery.rehydrate_s},
               {"rto_s", recovery.rto_s}};
  };
  runners["K10"] = [](const Input& in) -> Value {
    const FailoverCost cost =
        Take(CostOfFailover(in("slo"), in("period_s"), in("share"), in("rto_s"), in("events")));
    return Map{{"budget_s", cost.budget_s},
               {"burn_fraction", cost.burn_fraction},
               {"rto_max_s", cost.rto_max_s}};
  };
  runners["K12"] = [](const Input& in) -> Value {
    const Availability result = Take(AvailabilityOf({.events = in("region_events_per_year"),
                                                     .share = in("share"),
                                                     .rto_s = in("rto_s"),
                                                     .false_events = in("false_failovers_per_year"),
                                                     .false_cost_s = in("false_cost_s")}));
    return Map{{"downtime_s", result.downtime_s}, {"availability", result.availability}};
  };
}

}  // namespace

void AddRecoveryRunners(Runners& runners) {
  AddForecasts(runners);
  AddReadiness(runners);
  AddDrills(runners);
}

}  // namespace synoptic::domain_vectors
