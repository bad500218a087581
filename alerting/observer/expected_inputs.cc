// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/observer/expected_inputs.h"

#include <algorithm>

#include "base/status.h"
#include "base/strings.h"
#include "promql/parse/parser.h"
#include "promql/parse/printer.h"

namespace synoptic::alerting {
namespace {

void Collect(const promql::Expr& expr, std::vector<std::string>& out) {
  if (expr.kind == promql::ExprKind::kVectorSelector) {
    std::string text = promql::Print(expr);
    if (std::find(out.begin(), out.end(), text) == out.end()) out.push_back(std::move(text));
  }
  for (const promql::Expr* child : promql::Children(expr)) Collect(*child, out);
}

bool Contains(const promql::Labels& all, const promql::Labels& some) {
  for (const promql::Label label : some) {
    if (all.Get(label.name) != label.value) return false;
  }
  return true;
}

bool Unseen(const RuleAnswer& answer, const promql::Labels& region) {
  return std::any_of(answer.missing_parts.begin(), answer.missing_parts.end(),
                     [&region](const promql::Labels& part) { return Contains(part, region); });
}

double SeriesOf(const RuleAnswer& answer, const promql::Labels& region) {
  double series = 0;
  for (const RuleAnswer::Element& part : answer.elements) {
    if (Contains(part.labels, region)) series += part.value;
  }
  return series;
}

}  // namespace

std::vector<std::string> SelectorsOf(const std::string& expr) {
  promql::ParseOptions language;  // it was loaded with what the configuration allows
  language.experimental_functions = true;
  language.binop_fill_modifiers = true;
  language.unquoted_utf8_names = true;
  std::vector<std::string> selectors;
  if (const auto parsed = promql::ParseExpr(expr, language); parsed.ok()) {
    Collect(**parsed, selectors);
  }
  return selectors;
}

Task<std::vector<Conditions::MissingInput>> FindMissingInputs(
    Querier& world, std::vector<Conditions::Expected> expected, int64_t time_ms,
    Deadline deadline) {
  const std::string parts = Join(world.TopologyLabels(), ", ");
  std::vector<Conditions::MissingInput> missing;
  for (const Conditions::Expected& rule : expected) {
    std::map<std::string, double> least;  // series that a region gives to its poorest selector
    for (const std::string& selector : SelectorsOf(rule.expr)) {
      auto answer = co_await world.Instant(fmt::format("count by ({}) ({})", parts, selector),
                                           time_ms, deadline);
      if (absl::IsCancelled(answer.status())) co_return answer.status();
      if (!answer.ok()) continue;  // that is told by the rule itself
      for (const auto& [region, labels] : rule.regions) {
        if (Unseen(*answer, labels)) continue;
        const double series = SeriesOf(*answer, labels);
        const auto [it, is_new] = least.emplace(region, series);
        it->second = std::min(it->second, series);
      }
    }
    for (const auto& [region, series] : least) {
      if (series >= static_cast<double>(rule.min_series)) continue;
      missing.push_back({rule.group, rule.rule, region, series});
    }
  }
  co_return missing;
}

}  // namespace synoptic::alerting
