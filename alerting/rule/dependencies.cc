// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/dependencies.h"

#include <algorithm>

#include "alerting/rule/record_sink.h"
#include "promql/parse/parser.h"

namespace synoptic::alerting {
namespace {

using promql::Matcher;

// What one selector may read of what rules write.
struct Reads {
  std::vector<Matcher> names;   // all conditions on the name; none: any
  std::vector<Matcher> alerts;  // all conditions on alertname
};

bool AllMatch(const std::vector<Matcher>& matchers, std::string_view value) {
  return std::all_of(matchers.begin(), matchers.end(),
                     [value](const Matcher& matcher) { return matcher.Matches(value); });
}

void Collect(const promql::Expr& expr, std::vector<Reads>& out) {
  if (expr.kind == promql::ExprKind::kVectorSelector) {
    Reads& reads = out.emplace_back();
    for (const Matcher& matcher : promql::As<promql::VectorSelector>(expr).matchers) {
      if (matcher.name() == promql::kMetricName) reads.names.push_back(matcher);
      if (matcher.name() == "alertname") reads.alerts.push_back(matcher);
    }
  }
  for (const promql::Expr* child : promql::Children(expr)) Collect(*child, out);
}

// The rule was loaded with the language that the configuration allows: here anything goes.
promql::ParseOptions WholeLanguage() {
  promql::ParseOptions options;
  options.experimental_functions = true;
  options.binop_fill_modifiers = true;
  options.unquoted_utf8_names = true;
  return options;
}

bool Writes(const Rule& rule, const Reads& reads) {
  if (reads.names.empty()) return true;
  if (!rule.alerting()) return AllMatch(reads.names, rule.record);
  const bool of_alerts =
      AllMatch(reads.names, kAlertsMetric) || AllMatch(reads.names, kAlertsForStateMetric);
  return of_alerts && AllMatch(reads.alerts, rule.alert);
}

}  // namespace

std::vector<std::vector<size_t>> ConcurrentRuns(const RuleGroup& group) {
  std::vector<std::vector<size_t>> runs;
  for (size_t i = 0; i < group.rules.size(); ++i) {
    std::vector<Reads> reads;
    const auto parsed = promql::ParseExpr(group.rules[i].expr, WholeLanguage());
    if (parsed.ok()) {
      Collect(**parsed, reads);
    } else {
      reads.emplace_back();  // unknown: may read anything
    }
    const auto waits_for = [&](size_t earlier) {
      return std::any_of(reads.begin(), reads.end(), [&](const Reads& selector) {
        return Writes(group.rules[earlier], selector);
      });
    };
    const bool alone =
        runs.empty() || std::any_of(runs.back().begin(), runs.back().end(), waits_for);
    if (alone) runs.emplace_back();
    runs.back().push_back(i);
  }
  return runs;
}

}  // namespace synoptic::alerting
