// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/observer/builtin_rules.h"

namespace synoptic::alerting {
namespace {

struct Builtin {
  const char* alert;
  const char* expr;
  const char* severity;
  const char* summary;
  const char* description;
};

constexpr Builtin kBuiltins[] = {
    {"SynopticRegionUnreachable", "synoptic_region_unreachable", "page",
     "Region {{ $labels.region }} is unreachable",
     "No server of region {{ $labels.region }} answers; {{ $value }} other observers say the same. "
     "What fires there is held; rules that need the region decide nothing meanwhile."},
    {"SynopticObserverIsolated", "synoptic_observer_isolated", "page",
     "Observer {{ $labels.observer }} is cut off",
     "{{ $value }} regions are unreachable from here, and no other observer confirms it: the "
     "network of this observer is the likely cause. With a single region, or two observers, it "
     "cannot be told from the loss of that region. It leaves global alerts to the others."},
    {"SynopticRegionStale", "synoptic_region_stale", "ticket",
     "Region {{ $labels.region }} answers with old data",
     "The newest sample of region {{ $labels.region }} is {{ $value | humanizeDuration }} old: its "
     "servers answer but no longer scrape."},
    {"SynopticRuleBlind", "synoptic_rule_blind", "ticket",
     "Rule {{ $labels.rule }} decides nothing",
     "Rule {{ $labels.rule }} of group {{ $labels.rule_group }} has not seen all it needs for {{ "
     "$value | humanizeDuration }}."},
    {"SynopticRuleInputMissing", "synoptic_rule_input_missing", "ticket",
     "Rule {{ $labels.rule }} lacks {{ $labels.region }}",
     "Region {{ $labels.region }} should contribute to rule {{ $labels.rule }} of group {{ "
     "$labels.rule_group }} and gives {{ $value }} series."},
    {"SynopticNotifierDegraded", "synoptic_notifier_degraded", "page",
     "Alerts do not reach {{ $labels.receiver }}",
     "Receiver {{ $labels.receiver }} ({{ $labels.reason }}): the oldest alert waits for {{ $value "
     "| humanizeDuration }}."},
    {"SynopticStateDamaged", "synoptic_state_damaged", "page",
     "Alert state on disk: {{ $labels.reason }}",
     "Paging goes on. What was damaged is kept aside in the data directory; the log says what and "
     "why."},
};

Rule Make(const Builtin& builtin, int64_t for_ms) {
  Rule rule;
  rule.alert = builtin.alert;
  rule.expr = builtin.expr;
  rule.expr_as_written = builtin.expr;
  rule.for_ms = for_ms;
  rule.labels = {{"severity", builtin.severity}, {"class", "blind"}};
  rule.annotations = {{"summary", builtin.summary}, {"description", builtin.description}};
  rule.locality = promql::Locality::kGlobal;
  return rule;
}

}  // namespace

RuleGroup BuiltinGroup(const BuiltinOptions& options) {
  RuleGroup group;
  group.file = kBuiltinFile;
  group.name = "synoptic";
  group.interval_ms = options.interval_ms;
  group.on_partial = OnPartial::kEvaluate;  // they know what they do not see
  // Of the regional tier: an observer that is isolated goes on saying so.
  group.tier = Tier::kRegional;
  for (const Builtin& builtin : kBuiltins) {
    const std::string_view name = builtin.alert;
    const bool confirmed =
        name == "SynopticRegionUnreachable" || name == "SynopticObserverIsolated";
    group.rules.push_back(Make(builtin, confirmed ? options.confirm_ms : 0));
  }
  if (options.watchdog) {
    Rule rule = Make({"SynopticWatchdog", "synoptic_watchdog", "none",
                      "Synoptic evaluates rules and delivers alerts",
                      "Fires always. Whoever receives it should raise the alarm when it stops."},
                     0);
    rule.labels.erase("class");
    group.rules.push_back(std::move(rule));
  }
  return group;
}

}  // namespace synoptic::alerting
