// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/ruletest/backtest.h"

#include <algorithm>
#include <map>
#include <memory>

#include "alerting/rule/alert_elements.h"
#include "alerting/rule/group_runner.h"
#include "alerting/ruletest/virtual_run.h"
#include "base/status.h"
#include "promql/parse/preprocess.h"
#include "promql/parse/printer.h"
#include "promql/plan/plan.h"

namespace synoptic::alerting {
namespace {

class Counting final : public AlertSink {
 public:
  Task<> Deliver(std::vector<OutgoingAlert> alerts, Records) override {
    for (const OutgoingAlert& alert : alerts) {
      if (alert.transition) ++told[std::string(alert.labels.Get(kAlertName))];
    }
    co_return absl::OkStatus();
  }
  std::map<std::string, int64_t> told;  // by name, in the evaluation at work
};

// One group on its way through history.
class Walker {
 public:
  Walker(RuleGroup group, const GroupServices& services, size_t first_rule, BacktestReport& report)
      : runner_(std::move(group), {}, services), first_(first_rule), report_(report) {}

  int64_t NextSlot(int64_t after_ms) const { return runner_.NextSlot(after_ms); }

  absl::Status Evaluate(int64_t now_ms, Counting& sink) {
    sink.told.clear();
    RETURN_IF_ERROR(RunHere(runner_.Evaluate(now_ms)));
    known_.resize(runner_.rules().size());
    for (size_t i = 0; i < runner_.rules().size(); ++i) {
      const RunningRule& running = runner_.rules()[i];
      BacktestRule& out = report_.rules[first_ + i];
      ++out.evaluations;
      if (running.health == RuleHealth::kError) {
        ++out.failed;
        out.last_error = running.last_error;
      }
      if (!running.rule.alerting()) continue;
      // Of several rules of one name the first is told of.
      if (const auto told = sink.told.find(running.rule.alert); told != sink.told.end()) {
        out.notifications += told->second;
        sink.told.erase(told);
      }
      for (const auto& [labels, alert] : running.state.alerts) {
        Compare(i, labels, alert, known_[i][labels], now_ms, out);
      }
      // What never fired is forgotten at once.
      for (auto& [labels, known] : known_[i]) {
        if (known.status == AlertStatus::kInactive || running.state.alerts.contains(labels)) {
          continue;
        }
        Compare(i, labels, Alert(), known, now_ms, out);
      }
    }
    last_ms_ = now_ms;
    return absl::OkStatus();
  }

 private:
  struct Known {
    AlertStatus status = AlertStatus::kInactive;
    bool held = false;
  };

  void Compare(size_t rule, const promql::Labels& labels, const Alert& alert, Known& known,
               int64_t now_ms, BacktestRule& out) {
    const auto note = [&](const char* what) {
      BacktestEvent& event = report_.events.emplace_back();
      event.time_ms = now_ms;
      event.rule = first_ + rule;
      event.labels = labels;
      event.what = what;
      event.value = alert.value;
      event.unseen = alert.unseen;
    };
    if (known.status == AlertStatus::kFiring) {
      out.firing_ms += now_ms - last_ms_;
      if (known.held) out.held_ms += now_ms - last_ms_;
    }
    if (alert.status != known.status) {
      switch (alert.status) {
        case AlertStatus::kPending:
          note("pending");
          break;
        case AlertStatus::kFiring:
          note("firing");
          ++out.fired;
          break;
        case AlertStatus::kInactive:
          note(known.status == AlertStatus::kFiring ? "resolved" : "over");
          break;
      }
    }
    const bool held = alert.status == AlertStatus::kFiring && alert.held();
    if (held != known.held && alert.status == AlertStatus::kFiring) note(held ? "held" : "seen");
    known = {alert.status, held};
  }

  GroupRunner runner_;
  const size_t first_;
  BacktestReport& report_;
  std::vector<std::map<promql::Labels, Known>> known_;  // by rule
  int64_t last_ms_ = 0;
};

bool RecordedHere(const std::vector<RuleGroup>& groups,
                  const std::vector<promql::Matcher>& matchers) {
  for (const promql::Matcher& matcher : matchers) {
    if (matcher.name() != promql::kMetricName || matcher.op() != promql::MatchOp::kEqual) continue;
    if (matcher.value() == kAlertsMetric || matcher.value() == kAlertsForStateMetric) return true;
    for (const RuleGroup& group : groups) {
      for (const Rule& rule : group.rules) {
        if (rule.record == matcher.value()) return true;
      }
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<std::vector<HistoryNeeded>> HistoryFor(const std::vector<RuleGroup>& groups,
                                                      const BacktestOptions& options) {
  promql::Topology anywhere;
  anywhere.shards.push_back({"history", "main", promql::Labels()});
  std::map<std::string, HistoryNeeded> needed;
  for (const RuleGroup& group : groups) {
    promql::PlanOptions plan_options;
    plan_options.grid = {options.start_ms - group.query_offset_ms,
                         options.end_ms - group.query_offset_ms, group.interval_ms};
    plan_options.range_query = true;
    plan_options.lookback_ms = options.language.lookback_ms;
    plan_options.default_subquery_step_ms = options.language.subquery_step_ms;
    plan_options.pushdown = false;
    for (const Rule& rule : group.rules) {
      for (const std::string* text : {&rule.expr, &rule.clear}) {
        if (text->empty()) continue;
        ASSIGN_OR_RETURN(promql::ExprPtr expr, promql::ParseExpr(*text, options.language.parse));
        ASSIGN_OR_RETURN(expr, promql::Preprocess(std::move(expr), plan_options.grid));
        ASSIGN_OR_RETURN(const promql::Plan plan,
                         promql::MakePlan(std::move(expr), anywhere, plan_options));
        for (const promql::Fetch& fetch : plan.fetches) {
          if (RecordedHere(groups, fetch.matchers)) continue;
          const auto [at, fresh] = needed.try_emplace(promql::PrintMatchers(fetch.matchers));
          HistoryNeeded& one = at->second;
          one.matchers = fetch.matchers;
          one.min_t = fresh ? fetch.min_t : std::min(one.min_t, fetch.min_t);
          one.max_t = fresh ? fetch.max_t : std::max(one.max_t, fetch.max_t);
        }
      }
    }
  }
  std::vector<HistoryNeeded> out;
  for (auto& [text, one] : needed) out.push_back(std::move(one));
  return out;
}

absl::StatusOr<BacktestReport> RunBacktest(std::vector<RuleGroup> groups,
                                           const promql::Topology& topology,
                                           const BacktestOptions& options, SampleStore& history) {
  for (const Outage& outage : options.outages) {
    std::string known;
    bool found = false;
    for (const promql::TopologyShard& shard : topology.shards) {
      found = found || shard.region == outage.region;
      known += (known.empty() ? "" : ", ") + shard.region;
    }
    if (!found) {
      return InvalidArgument("outage: no region \"{}\": have {}", outage.region,
                             known.empty() ? "none" : known);
    }
  }
  MemoryQuerier querier(history, topology, options.language, options.outages);
  VirtualClock clock;
  Counting sink;
  RollUps roll_ups;
  roll_ups.SetParents(groups);
  BacktestReport report;
  for (const RuleGroup& group : groups) {
    for (const Rule& rule : group.rules) {
      BacktestRule& out = report.rules.emplace_back();
      out.group = group.name;
      out.name = rule.name();
      out.alerting = rule.alerting();
    }
  }
  const GroupServices services = {querier, sink, clock, &history, nullptr, &roll_ups};
  std::vector<std::unique_ptr<Walker>> walkers;
  std::multimap<int64_t, Walker*> due;  // of one time in the order of the files
  size_t first = 0;
  for (RuleGroup& group : groups) {
    const size_t rules = group.rules.size();
    walkers.push_back(std::make_unique<Walker>(std::move(group), services, first, report));
    first += rules;
    due.emplace(walkers.back()->NextSlot(options.start_ms - 1), walkers.back().get());
  }
  while (!due.empty() && due.begin()->first <= options.end_ms) {
    const auto [now_ms, walker] = *due.begin();
    due.erase(due.begin());
    clock.Set(now_ms);
    querier.SetNow(now_ms);
    RETURN_IF_ERROR(walker->Evaluate(now_ms, sink));
    due.emplace(walker->NextSlot(now_ms), walker);
  }
  return report;
}

}  // namespace synoptic::alerting
