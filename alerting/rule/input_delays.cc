// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/input_delays.h"

#include <algorithm>

#include "base/status.h"
#include "base/strings.h"
#include "domain/verdict/freshness.h"
#include "promql/parse/parser.h"
#include "promql/parse/printer.h"

namespace synoptic::alerting {
namespace {

constexpr int64_t kRememberMs = 10 * 60'000;  // of how late samples were
constexpr int64_t kHoldMs = 30 * 60'000;      // what is older is gone, not late
constexpr int64_t kLookbackMs = 5 * 60'000;

double Seconds(int64_t ms) { return static_cast<double>(ms) / 1000; }

void CollectSelectors(const promql::Expr& expr, std::set<std::string>& out) {
  if (expr.kind == promql::ExprKind::kVectorSelector) {
    out.insert(promql::PrintMatchers(promql::As<promql::VectorSelector>(expr).matchers));
  }
  for (const promql::Expr* child : promql::Children(expr)) CollectSelectors(*child, out);
}

}  // namespace

std::set<std::string> InputSelectors(const std::string& expr) {
  promql::ParseOptions language;
  language.experimental_functions = true;
  language.binop_fill_modifiers = true;
  language.unquoted_utf8_names = true;
  std::set<std::string> selectors;
  const auto parsed = promql::ParseExpr(expr, language);
  if (parsed.ok()) CollectSelectors(**parsed, selectors);
  return selectors;
}

std::string NewestSampleQuestion(const std::string& selector,
                                 const std::vector<std::string>& labels) {
  const std::string by = Join(labels, ", ");
  std::string question;
  for (int64_t ago = 0; ago < kHoldMs; ago += kLookbackMs) {
    if (ago > 0) question += " or ";
    question += fmt::format("max by ({}) (timestamp({}{}))", by, selector,
                            ago == 0 ? "" : fmt::format(" offset {}m", ago / 60'000));
  }
  return question;
}

void InputDelays::Learn(int64_t asked_ms, const std::string& selector, const promql::Labels& part,
                        int64_t newest_ms) {
  Input& input = inputs_[{selector, part}];
  if (input.newest_ms != 0 && newest_ms > input.newest_ms) {
    const int64_t apart = newest_ms - input.newest_ms;
    input.period_ms = input.period_ms == 0 ? apart : std::min(input.period_ms, apart);
  }
  input.newest_ms = std::max(input.newest_ms, newest_ms);
  input.ages.emplace_back(asked_ms, asked_ms - newest_ms);
  while (input.ages.front().first < asked_ms - kRememberMs) input.ages.pop_front();
}

bool InputDelays::IsStale(const Input& input, int64_t now_ms, const FreshnessBounds& bounds) {
  const auto fresh =
      domain::Classify({Seconds(now_ms), Seconds(input.newest_ms), Seconds(bounds.max_offset_ms)},
                       Seconds(std::max(bounds.max_age_ms, input.period_ms)), Seconds(kHoldMs));
  return fresh.ok() && *fresh == domain::Freshness::kStale;
}

int64_t InputDelays::OffsetMs(int64_t now_ms, const FreshnessBounds& bounds) const {
  int64_t latest = 0;
  for (const auto& [key, input] : inputs_) {
    if (input.period_ms == 0 || input.ages.back().first < now_ms - kRememberMs ||
        IsStale(input, now_ms, bounds)) {
      continue;
    }
    for (const auto& [at, age] : input.ages) latest = std::max(latest, age - input.period_ms);
  }
  return std::min((latest + 999) / 1000 * 1000, bounds.max_offset_ms);
}

std::vector<InputDelays::Stale> InputDelays::StaleOf(const std::set<std::string>& selectors,
                                                     int64_t now_ms,
                                                     const FreshnessBounds& bounds) const {
  std::vector<Stale> stale;
  for (const auto& [key, input] : inputs_) {
    if (!selectors.contains(key.first) || !IsStale(input, now_ms, bounds)) continue;
    stale.push_back({key.second, key.first, now_ms - input.newest_ms});
  }
  return stale;
}

}  // namespace synoptic::alerting
