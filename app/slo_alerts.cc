// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/slo_alerts.h"

#include "alerting/slo/rules.h"
#include "base/go_format.h"
#include "base/status.h"

namespace synoptic::app {
namespace {

using alerting::BurnStatus;
using alerting::BurnWindow;
using alerting::Rule;
using alerting::RuleAnswer;
using alerting::RuleGroup;
using alerting::Slo;

// Windows of one alert. Those of a tool that waits (`for`) are alerts of their own, as in its
// rules.
std::vector<std::vector<BurnWindow>> AlertsOf(const Slo& slo) {
  std::vector<std::vector<BurnWindow>> alerts;
  for (const bool page : {true, false}) {
    if (page ? slo.page_disabled : slo.ticket_disabled) continue;
    std::vector<BurnWindow> together;
    for (const BurnWindow& window : slo.windows) {
      if (window.page != page) continue;
      if (window.for_s > 0) {
        alerts.push_back({window});
      } else {
        together.push_back(window);
      }
    }
    if (!together.empty()) alerts.push_back(std::move(together));
  }
  return alerts;
}

std::string SeverityOf(const BurnWindow& window) { return window.page ? "page" : "ticket"; }

// The name of the series that BurnRules ask for; nobody else knows it.
std::string Question(const Slo& slo, const std::vector<BurnWindow>& windows) {
  const BurnWindow& first = windows[0];
  return fmt::format(
      "synoptic_slo_burning{{sloth_id={},severity=\"{}\"{}}}", GoQuote(slo.id()), SeverityOf(first),
      first.for_s > 0 ? fmt::format(",long=\"{}\"", alerting::WindowText(first.long_s)) : "");
}

Rule BurnRule(const Slo& slo, const std::vector<BurnWindow>& windows) {
  const bool page = windows[0].page;
  const std::string severity = SeverityOf(windows[0]);
  Rule rule;
  rule.alert = slo.alert_name;
  rule.expr = Question(slo, windows);
  rule.expr_as_written = rule.expr;
  rule.labels = {{"sloth_id", slo.id()},  {"sloth_service", slo.service},
                 {"sloth_slo", slo.name}, {"sloth_severity", severity},
                 {"severity", severity},  {"class", "slo"}};
  for (const auto& [name, text] : slo.alert_labels) rule.labels[name] = text;
  for (const auto& [name, text] : page ? slo.page_labels : slo.ticket_labels) {
    rule.labels[name] = text;
  }
  if (const BurnWindow& own = windows[0]; own.for_s > 0) {
    rule.for_ms = own.for_s * 1000;
    rule.labels["long"] = alerting::WindowText(own.long_s);
    if (own.short_s > 0) rule.labels["short"] = alerting::WindowText(own.short_s);
  }
  rule.annotations = slo.alert_annotations;
  rule.annotations.emplace(
      "summary", fmt::format("{} {} burns its error budget {{{{ $value | humanize }}}} times too "
                             "fast",
                             slo.service, slo.name));
  rule.locality = promql::Locality::kGlobal;
  rule.line = slo.line;
  return rule;
}

}  // namespace

std::vector<RuleGroup> BurnRules(const std::vector<Slo>& slos, int64_t interval_ms,
                                 alerting::Querier* querier) {
  std::map<std::string, RuleGroup> groups;
  for (const Slo& slo : slos) {
    RuleGroup& group = groups[slo.file];
    group.file = slo.file;
    group.name = "objectives";
    group.interval_ms = interval_ms;
    group.on_partial = alerting::OnPartial::kHold;
    group.tier = alerting::Tier::kGlobal;
    group.querier = querier;
    for (const auto& windows : AlertsOf(slo)) group.rules.push_back(BurnRule(slo, windows));
  }
  std::vector<RuleGroup> out;
  for (auto& [file, group] : groups) {
    if (!group.rules.empty()) out.push_back(std::move(group));
  }
  return out;
}

Task<RuleAnswer> SloQuerier::Instant(std::string expr, int64_t time_ms, Deadline /*deadline*/) {
  RuleAnswer answer;
  const SloDesk::Burning burning = desk_.BurningOf(expr, time_ms);
  if (burning.rate) answer.elements.push_back({promql::Labels(), *burning.rate});
  answer.complete = !burning.unknown;
  if (burning.unknown) answer.missing = burning.missing;
  co_return answer;
}

Task<alerting::RangeAnswer> SloQuerier::Range(std::string /*expr*/, promql::Grid /*grid*/,
                                              Deadline /*deadline*/) {
  co_return absl::UnimplementedError("objectives do not keep their past burn rates");
}

SloDesk::Burning SloDesk::BurningOf(std::string_view question, int64_t now_ms) const {
  Burning burning;
  const auto it = questions_.find(std::string(question));
  if (it == questions_.end()) return burning;  // of before a reload
  const auto& [entry, windows] = it->second;
  const alerting::SloTracker& tracker = *entry->tracker;
  for (const BurnWindow& window : windows) {
    const BurnStatus status = tracker.Burn(window, now_ms);
    if (status.firing) {
      const double rate = status.long_ratio.lo / tracker.slo().budget;
      burning.rate = std::max(burning.rate.value_or(0), rate);
    }
    burning.unknown = burning.unknown || status.unknown;
  }
  // One window that fires is enough, whatever is not known of the others.
  if (burning.rate) burning.unknown = false;
  if (burning.unknown) {
    burning.missing = entry->coverage.empty() ? "not counted yet" : entry->coverage;
  }
  return burning;
}

void SloDesk::Index() {
  questions_.clear();
  for (const std::shared_ptr<Entry>& entry : trackers_) {
    for (auto& windows : AlertsOf(entry->tracker->slo())) {
      std::string question = Question(entry->tracker->slo(), windows);
      questions_[std::move(question)] = {entry, std::move(windows)};
    }
  }
}

}  // namespace synoptic::app
