// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/slo_alerts.h"

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

// The name of the series that BurnRules ask for; nobody else knows it.
std::string Question(const Slo& slo, std::string_view severity) {
  return fmt::format("synoptic_slo_burning{{sloth_id={},severity=\"{}\"}}", GoQuote(slo.id()),
                     severity);
}

Rule BurnRule(const Slo& slo, bool page) {
  const std::string severity = page ? "page" : "ticket";
  Rule rule;
  rule.alert = slo.alert_name;
  rule.expr = Question(slo, severity);
  rule.expr_as_written = rule.expr;
  rule.labels = {{"sloth_id", slo.id()},  {"sloth_service", slo.service},
                 {"sloth_slo", slo.name}, {"sloth_severity", severity},
                 {"severity", severity},  {"class", "slo"}};
  for (const auto& [name, text] : slo.alert_labels) rule.labels[name] = text;
  for (const auto& [name, text] : page ? slo.page_labels : slo.ticket_labels) {
    rule.labels[name] = text;
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
    for (const bool page : {true, false}) {
      if (page ? slo.page_disabled : slo.ticket_disabled) continue;
      const bool any = std::any_of(slo.windows.begin(), slo.windows.end(),
                                   [&](const BurnWindow& w) { return w.page == page; });
      if (any) group.rules.push_back(BurnRule(slo, page));
    }
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
  const auto& [entry, page] = it->second;
  const alerting::SloTracker& tracker = *entry->tracker;
  for (const BurnWindow& window : tracker.slo().windows) {
    if (window.page != page) continue;
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
    for (const bool page : {true, false}) {
      questions_[Question(entry->tracker->slo(), page ? "page" : "ticket")] = {entry, page};
    }
  }
}

}  // namespace synoptic::app
