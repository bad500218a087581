// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/cloudwatch/missing_data.h"
#include "domain/cloudwatch/names.h"
#include "domain/verdict/alert_machine.h"
#include "domain/verdict/freshness.h"
#include "domain/verdict/interval.h"
#include "domain/verdict/observers.h"
#include "tests/domain/runner.h"

namespace synoptic::domain_vectors {
namespace {

using namespace domain;  // NOLINT: what is tested

Value Names(const Input& in) {
  Value rows = EmptyList();
  for (const Input& row : in["rows"].list()) {
    const std::string name_space = row[0].text();
    const std::string metric = row[1].text();
    const std::string statistic = row[2].text();
    std::vector<std::string> dimensions;
    for (const Input& dimension : row[3].list()) dimensions.push_back(dimension.text());
    const CloudWatchMetric source = {name_space, metric, statistic, dimensions};
    const SeriesName prometheus = CloudWatchExporterName(source);
    const SeriesName yace = YaceName(source);
    Value out;
    out["namespace"] = name_space;
    out["metric"] = metric;
    out["statistic"] = statistic;
    out["dimensions"] = dimensions;
    out["cloudwatch_exporter"] = prometheus.metric;
    out["cloudwatch_exporter_labels"] = prometheus.labels;
    out["yace"] = yace.metric;
    out["yace_labels"] = yace.labels;
    out["yace_labels_snake"] = YaceName(source, true).labels;
    rows.Add(out);
  }
  return Value::Map{{"rows", rows}};
}

Value Intervals(const Input& in) {
  Value results = EmptyList();
  for (const Input& item : in["cases"].list()) {
    const std::string name = item["agg"].text();
    const Aggregate aggregate = name == "sum"   ? Aggregate::kSum
                                : name == "min" ? Aggregate::kMin
                                                : Aggregate::kMax;
    std::vector<Interval> missing;
    for (const Input& bounds : item["missing"].list()) missing.push_back({bounds(0), bounds(1)});
    const Interval all = Take(AggregateBounds(aggregate, item["known"].numbers(), missing));
    const Comparison comparison =
        item["cmp"].text() == "<" ? Comparison::kLess : Comparison::kGreater;
    results.Add(Value::Map{{"lo", all.lo},
                           {"hi", all.hi},
                           {"verdict", VerdictName(Compare(all, comparison, item("thr")))}});
  }
  return Value::Map{{"results", results}};
}

Value Machine(const Input& in) {
  const auto ms = [&](std::string_view key) { return static_cast<int64_t>(1000 * in(key)); };
  AlertClock clock;
  BlindClock blind_clock;
  int64_t now = 1'000'000'000;
  Value states = EmptyList();
  Value alert = EmptyList();
  Value blind = EmptyList();
  for (const char letter : in["verdicts"].text()) {
    const Verdict verdict = letter == 'T'   ? Verdict::kTrue
                            : letter == 'F' ? Verdict::kFalse
                                            : Verdict::kUnknown;
    now += ms("interval_s");
    const AlertEvent event = Step(clock, verdict, {.for_ms = ms("for_s")}, now, ms("interval_s"));
    blind_clock.Step(verdict, ms("interval_s"));
    states.Add(AlertStateName(StateOf(clock, ms("hold_max_s"))));
    const bool firing = clock.status == AlertPhase::kFiring;
    alert.Add(firing ? "firing" : event == AlertEvent::kResolved ? "resolved" : "none");
    blind.Add(blind_clock.blind(ms("blind_after_s")));
  }
  return Value::Map{{"states", states}, {"alert", alert}, {"blind", blind}};
}

Value AutoResolve(const Input& in) {
  Value seconds = EmptyList();
  for (const Input& row : in["rows"].list()) {
    seconds.Add(AutoResolveAfterMs(row[0].whole() * 1000, row[1].whole() * 1000) / 1000);
  }
  return Value::Map{{"seconds_after_last_send", seconds}};
}

Value Observers(const Input& in) {
  Value result = EmptyList();
  for (const Input& row : in["rows_remotes_unreachable_peerconfirm"].list()) {
    result.Add(ReachabilityName(Take(Judge({row[0].whole(), row[1].whole(), row[2].whole()}))));
  }
  return Value::Map{{"result", result}};
}

Value MissingDataTable(const Input& in) {
  const std::map<std::string, MissingData> treatments = {
      {"missing", MissingData::kMissing},
      {"ignore", MissingData::kIgnore},
      {"breaching", MissingData::kBreaching},
      {"notBreaching", MissingData::kNotBreaching}};
  Value results = EmptyList();
  for (const Input& row : in["rows"].list()) {
    Value states = EmptyList();
    for (const Input& name : in["order"].list()) {
      states.Add(AlarmStateName(Take(EvaluateAlarm(row[0].text(), row[1].whole(), row[2].whole(),
                                                   treatments.at(name.text())))));
    }
    results.Add(states);
  }
  return Value::Map{{"results", results}};
}

Value FreshnessClasses(const Input& in) {
  Value classes = EmptyList();
  for (const Input& row : in["rows_now_ts_delay"].list()) {
    const SampleAge sample = {row(0), row(1), row(2)};
    classes.Add(FreshnessName(Take(Classify(sample, in("max_age_s"), in("hold_s")))));
  }
  return Value::Map{{"cls", classes}};
}

}  // namespace

void AddVerdictRunners(Runners& runners) {
  runners["A1"] = Names;
  runners["D1"] = Intervals;
  runners["D4"] = Machine;
  runners["D5"] = Machine;
  runners["D6"] = AutoResolve;
  runners["D7"] = Observers;
  runners["D8"] = MissingDataTable;
  runners["D10"] = FreshnessClasses;
}

}  // namespace synoptic::domain_vectors
