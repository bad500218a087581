// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/slo/budgeting.h"
#include "domain/slo/burn.h"
#include "domain/slo/calendar.h"
#include "domain/slo/freshness_slo.h"
#include "domain/slo/imports.h"
#include "domain/slo/low_traffic.h"
#include "domain/slo/rollup.h"
#include "domain/stats/distribution.h"
#include "domain/stats/quantile.h"
#include "tests/domain/runner.h"

namespace synoptic::domain_vectors {
namespace {

using namespace domain;  // NOLINT: what is tested
using Map = Value::Map;

void AddBurn(Runners& runners) {
  runners["B1"] = [](const Input& in) -> Value {
    return Map{{"factors", Each(in["rows"], [](const Input& row) {
                  return Take(BurnFactor(row(1) / 100, row(0) * 24, row(2)));
                })}};
  };
  runners["B2"] = [](const Input& in) -> Value {
    return Map{{"thresholds", Each(in["factors"], [&](const Input& factor) {
                  return Take(BurnThreshold(in("slo"), factor.number()));
                })}};
  };
  runners["B3"] = [](const Input& in) -> Value {
    return Map{{"seconds", Each(in["error_ratios"], [&](const Input& ratio) {
                  return Take(
                      DetectionTime(in("slo"), in("factor"), in("window_s"), ratio.number()));
                })}};
  };
  runners["B4"] = [](const Input& in) -> Value {
    return Map{{"consumed", Take(BudgetSpent(in("factor"), in("window_h"), in("period_h")))}};
  };
  runners["B5"] = [](const Input& in) -> Value {
    return Map{{"hours", Each(in["burn_rates"], [&](const Input& burn) {
                  return Take(ExhaustionTime(in("period_h"), burn.number()));
                })}};
  };
  runners["B6"] = [](const Input& in) -> Value {
    return Map{{"seconds", Take(ResetTime(in("window_s"), in("threshold"), in("error_ratio")))}};
  };
  runners["B7"] = [](const Input& in) -> Value {
    return Map{{"fires", Each(in["pairs"], [&](const Input& pair) {
                  return BurnAlertFires(pair(0), pair(1), in("threshold"));
                })}};
  };
  runners["B8"] = [](const Input& in) -> Value {
    return Map{{"remaining", Take(BudgetRemaining(in("slo"), in("error_ratio_period")))}};
  };
}

void AddBudgeting(Runners& runners) {
  runners["B9"] = [](const Input& in) -> Value {
    const double target = in("target");
    return Map{{"occurrences_budget_requests", Take(OccurrencesBudget(target, in("requests")))},
               {"timeslices_bad_minutes_allowed", Take(TimeslicesBudget(target, in("slices")))},
               {"ratiotimeslices_attack_minutes",
                Take(RatioTimeslicesBudget(target, in("slices"), in("normal"), in("attack")))}};
  };
  runners["B10"] = [](const Input& in) -> Value {
    const double period_s = in("slices") * in("slice_s");
    return Map{{"seconds", Take(TimeslicesBudget(in("target"), period_s))}};
  };
  runners["B17"] = [](const Input& in) -> Value {
    std::vector<EventCount> slices;
    for (const Input& row : in["slices_total_bad"].list()) slices.push_back({row(0), row(1)});
    return Map{{"occurrences", Take(OccurrencesErrorRatio(slices))},
               {"ratio_timeslices", Take(RatioTimeslicesErrorRatio(slices))}};
  };
  runners["B20"] = [](const Input& in) -> Value {
    const auto weighted = [](const Input& rows) {
      std::vector<Weighted> parts;
      for (const Input& row : rows.list()) parts.push_back({row(0), row(1)});
      return parts;
    };
    std::vector<std::string> slices;
    for (const Input& objective : in["timeslices"].list()) slices.push_back(objective.text());
    return Map{{"ratiotimeslices",
                Each(in["ratiotimeslices"],
                     [&](const Input& rows) { return Take(CompositeSuccess(weighted(rows))); })},
               {"occurrences_burn", Take(CompositeBurn(weighted(in["occurrences_burn_weight"])))},
               {"timeslices_bad", Take(CompositeBadSlices(slices))}};
  };
}

void AddLowTraffic(Runners& runners) {
  runners["B11"] = [](const Input& in) -> Value {
    Value thresholds = EmptyList();
    Value bad = EmptyList();
    for (const Input& row : in["rows"].list()) {
      const double requests = row(1);
      const double threshold =
          Take(TrafficAwareThreshold(in("slo"), in("budget_fraction"), in("N_slo"), requests));
      thresholds.Add(threshold);
      bad.Add(threshold * requests);
    }
    return Map{{"thresholds", thresholds}, {"absolute_bad_events", bad}};
  };
  runners["B12"] = [](const Input& in) -> Value {
    Value lower = EmptyList();
    Value exceeds = EmptyList();
    for (const Input& row : in["cases"].list()) {
      const double bound = Take(WilsonLowerBound(row[0].whole(), row[1].whole(), in("z")));
      lower.Add(bound);
      exceeds.Add(bound > in("threshold"));
    }
    return Map{{"lower", lower}, {"exceeds", exceeds}};
  };
  runners["B13"] = [](const Input& in) -> Value {
    Value p_value = EmptyList();
    Value page = EmptyList();
    for (const Input& row : in["cases_n_bad"].list()) {
      const Gate gate =
          Take(LowTrafficGate(row[0].whole(), row[1].whole(), in("p"),
                              {.alpha = in("alpha"), .min_bad = in["min_bad"].whole()}));
      p_value.Add(gate.p_value);
      page.Add(gate.page);
    }
    return Map{{"p_value", p_value}, {"page", page}};
  };
  runners["B14"] = [](const Input& in) -> Value {
    return Map{{"n_min", Each(in["thresholds"], [](const Input& threshold) {
                  return Take(LeastRequests(threshold.number()));
                })}};
  };
}

void AddImports(Runners& runners) {
  runners["B15"] = [](const Input& in) -> Value {
    Value windows;
    for (const Input& days : in["window_days"].list()) {
      Value list = EmptyList();
      for (const PyrraWindow& w : Take(PyrraWindows(days.whole() * 86400))) {
        list.Add(Map{{"sev", w.critical ? "critical" : "warning"},
                     {"for_s", w.for_s},
                     {"long_s", w.long_s},
                     {"short_s", w.short_s},
                     {"factor", w.factor}});
      }
      windows[std::to_string(days.whole())] = list;
    }
    return Map{{"windows", windows}};
  };
  runners["B16"] = [](const Input& in) -> Value {
    return Map{{"seconds", Each(in["rows"], [](const Input& row) {
                  return Take(PyrraAbsentFor(row[0].whole() * 86400, row(1)));
                })}};
  };
  runners["B19"] = [](const Input& in) -> Value {
    const SlothNumbers numbers = Take(SlothObjective(in("objective")));
    return Map{{"objective_ratio", numbers.objective_ratio},
               {"recorded_error_budget", numbers.recorded_error_budget},
               {"alert_error_budget", numbers.alert_error_budget},
               {"page_quick_threshold", numbers.Threshold(14.4)}};
  };
  // "2026-03 (1M)" and "2026-Q1 (1Q)": the month or quarter that begins a window of so many units.
  runners["B21"] = [](const Input& in) -> Value {
    Value seconds = EmptyList();
    Value budget = EmptyList();
    for (const Input& item : in["windows"].list()) {
      const std::string text = item.text();
      const bool quarter = text[5] == 'Q';
      const int month = quarter ? 3 * (text[6] - '1') + 1 : std::stoi(text.substr(5, 2));
      const CalendarPeriod period = {Take(ZoneNamed(in["zone"].text())),
                                     absl::CivilSecond(std::stoi(text.substr(0, 4)), month, 1),
                                     quarter ? CalendarUnit::kQuarter : CalendarUnit::kMonth,
                                     text[text.size() - 3] - '0'};
      const CalendarWindow window = Take(WindowNumber(period, 0));
      seconds.Add(window.seconds());
      budget.Add(Take(window.Budget(in("target"))));
    }
    return Map{{"seconds", seconds}, {"budget_s", budget}};
  };
}

void AddRollup(Runners& runners) {
  runners["C1"] = [](const Input& in) -> Value {
    std::vector<EventCount> regions;
    for (const auto& [name, region] : in["regions"].members()) {
      regions.push_back({region("total"), region("bad")});
    }
    const Rollup rollup = Take(RollUp(regions, 0.999));
    Value share;
    size_t i = 0;
    for (const auto& [name, region] : in["regions"].members()) share[name] = rollup.bad_share[i++];
    return Map{{"global_ratio", rollup.error_ratio},
               {"wrong_average_of_ratios", rollup.mean_of_ratios},
               {"budget_burn_at_99_9", rollup.burn_rate},
               {"budget_share_by_region", share}};
  };
  runners["C2"] = [](const Input& in) -> Value {
    const PartialRatio partial =
        Take(PartialErrorRatio({in("known_total"), in("known_bad")}, in("missing_total_estimate")));
    return Map{{"known_only", partial.known_only},
               {"lower", partial.error_ratio.lo},
               {"upper", partial.error_ratio.hi},
               {"coverage", partial.coverage}};
  };
  runners["B18"] = [](const Input& in) -> Value {
    const PartialBudget budget =
        Take(BudgetUsed(in("period_h"), in("unobserved_h"), in("observed_error_ratio"), in("slo")));
    return Map{{"u", budget.unobserved_share},
               {"burn_low", budget.used.lo},
               {"burn_high", budget.used.hi}};
  };
}

void AddFreshness(Runners& runners) {
  runners["H1"] = [](const Input& in) -> Value {
    const SliceFreshness f = Take(FreshnessOfSlices(in("slices"), in("bad"), in("missing")));
    const double target = in("target");
    return Map{
        {"sli",
         Map{{"ignore", f.ignore.value_or(0)}, {"bad", f.missing_bad}, {"good", f.missing_good}}},
        {"meets", Map{{"ignore", f.ignore.value_or(0) >= target},
                      {"bad", f.missing_bad >= target},
                      {"good", f.missing_good >= target}}},
        {"bounds", std::vector<double>{f.bounds().lo, f.bounds().hi}}};
  };
  runners["H2"] = [](const Input& in) -> Value {
    const ObjectFreshness f =
        Take(FreshnessOfObjects(in("missed"), in("replicated"), in("target")));
    return Map{{"sli", f.sli}, {"budget_used", f.budget_used}};
  };
  runners["H3"] = [](const Input& in) -> Value {
    const std::vector<double> values = in["values"].numbers();
    return Map{{"values",
                Each(in["q"], [&](const Input& q) { return Take(Quantile(values, q.number())); })}};
  };
  runners["H4"] = [](const Input& in) -> Value {
    std::vector<Stage> stages;
    for (const Input& row : in["stages_x_p"].list()) stages.push_back({row(0), row(1)});
    const ChainFreshness chain = Take(FreshnessOfChain(stages));
    return Map{{"total_s", chain.total_s}, {"at_least", chain.at_least}};
  };
}

}  // namespace

void AddSloRunners(Runners& runners) {
  AddBurn(runners);
  AddBudgeting(runners);
  AddLowTraffic(runners);
  AddImports(runners);
  AddRollup(runners);
  AddFreshness(runners);
}

}  // namespace synoptic::domain_vectors
