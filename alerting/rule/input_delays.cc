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
constexpr int64_t kFewPeriods = 3;  // without a sample: it has stopped

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

std::string SampleCountQuestion(const std::string& selector,
                                const std::vector<std::string>& labels) {
  return fmt::format("max by ({}) (count_over_time({}[{}m]))", Join(labels, ", "), selector,
                     kPeriodWindowMs / 60'000);
}

bool InputDelays::Input::StandsStill() const {
  return looked_ms - advanced_ms > kFewPeriods * std::max(apart_ms, period_ms) + gap_ms;
}

void InputDelays::LearnInput(int64_t asked_ms, int64_t newest_ms, Input& input) {
  const bool first = input.newest_ms == 0;
  input.gap_ms = input.looked_ms == 0 ? 0 : asked_ms - input.looked_ms;
  input.looked_ms = asked_ms;
  if (newest_ms > input.newest_ms) {
    const int64_t apart = newest_ms - input.newest_ms;
    if (!first) {
      input.apart_ms = input.apart_ms == 0 ? apart : std::min(input.apart_ms, apart);
      input.arrivals.push_back({asked_ms, asked_ms - newest_ms, input.gap_ms});
    }
    input.newest_ms = newest_ms;
    input.advanced_ms = asked_ms;
  } else if (input.StandsStill()) {
    input.arrivals.clear();
  }
  while (!input.arrivals.empty() && input.arrivals.front().seen_ms < asked_ms - kRememberMs) {
    input.arrivals.pop_front();
  }
}

void InputDelays::Learn(int64_t asked_ms, const std::string& selector, const ByPart& newest,
                        const std::vector<promql::Labels>& unseen) {
  looked_[selector] = asked_ms;
  NotSeen(asked_ms, selector, unseen);
  std::set<promql::Labels> told;
  for (const auto& [part, newest_ms] : newest) {
    told.insert(part);
    LearnInput(asked_ms, newest_ms, inputs_[{selector, part}]);
  }
  told.insert(unseen.begin(), unseen.end());
  for (auto it = inputs_.lower_bound({selector, promql::Labels()});
       it != inputs_.end() && it->first.first == selector;) {
    Input& input = it->second;
    if (!told.contains(it->first.second)) {
      if (input.newest_ms == 0) {
        it = inputs_.erase(it);  // it never had any
        continue;
      }
      LearnInput(asked_ms, input.newest_ms, input);
    }
    ++it;
  }
}

void InputDelays::NotSeen(int64_t asked_ms, const std::string& selector,
                          const std::vector<promql::Labels>& parts) {
  for (const promql::Labels& part : parts) {
    Input& input = inputs_[{selector, part}];
    if (input.tried_ms == 0) input.tried_ms = asked_ms;
  }
}

void InputDelays::LearnPeriods(int64_t asked_ms, const std::string& selector,
                               const ByPart& counts) {
  for (auto& [key, input] : inputs_) {
    if (key.first == selector) input.period_asked_ms = asked_ms;
  }
  for (const auto& [part, count] : counts) {
    const auto it = inputs_.find({selector, part});
    if (it != inputs_.end() && count > 1) it->second.period_ms = kPeriodWindowMs / count;
  }
}

std::optional<int64_t> InputDelays::AskPeriodsAt(int64_t now_ms,
                                                 const std::string& selector) const {
  std::optional<int64_t> at;
  for (const auto& [key, input] : inputs_) {
    const bool gone = input.newest_ms == 0 || now_ms - input.newest_ms > kHoldMs;
    const bool known = input.period_asked_ms != 0 && now_ms - input.period_asked_ms < kRememberMs;
    if (key.first != selector || gone || known) continue;
    at = std::min(at.value_or(input.newest_ms), input.newest_ms);
  }
  return at;
}

int64_t InputDelays::LookedAt(const std::string& selector) const {
  const auto it = looked_.find(selector);
  return it == looked_.end() ? 0 : it->second;
}

void InputDelays::KeepOnly(const std::set<std::string>& selectors) {
  std::erase_if(inputs_, [&](const auto& entry) { return !selectors.contains(entry.first.first); });
  std::erase_if(looked_, [&](const auto& entry) { return !selectors.contains(entry.first); });
}

void InputDelays::Remember(int64_t now_ms, int64_t offset_ms) {
  remembered_at_ms_ = now_ms;
  remembered_offset_ms_ = offset_ms;
}

bool InputDelays::IsStale(const Input& input, int64_t now_ms, int64_t offset_ms,
                          const FreshnessBounds& bounds) {
  if (input.looked_ms == 0) return now_ms - input.tried_ms < kRememberMs;
  if (now_ms - input.looked_ms > kHoldMs) return false;
  const auto fresh = domain::Classify(
      {Seconds(input.looked_ms), Seconds(input.newest_ms), Seconds(offset_ms)},
      Seconds(std::min(kHoldMs, std::max(bounds.max_age_ms, input.UsualAge()))), Seconds(kHoldMs));
  return fresh.ok() && *fresh == domain::Freshness::kStale;
}

int64_t InputDelays::OffsetMs(int64_t now_ms, const FreshnessBounds& bounds) const {
  int64_t latest = now_ms - remembered_at_ms_ < kRememberMs ? remembered_offset_ms_ : 0;
  for (const auto& [key, input] : inputs_) {
    // Nobody waits for what would be stale all the same.
    const int64_t most = bounds.max_offset_ms + std::max(bounds.max_age_ms, input.UsualAge());
    if (input.looked_ms == 0 || now_ms - input.looked_ms > kHoldMs || input.StandsStill()) continue;
    const int64_t period_ms = input.period_ms == 0 ? input.apart_ms : input.period_ms;
    for (const Arrival& arrival : input.arrivals) {
      if (arrival.age_ms > most) continue;
      latest = std::max(latest, arrival.age_ms - std::min(period_ms, arrival.gap_ms));
    }
  }
  return std::min((latest + 999) / 1000 * 1000, bounds.max_offset_ms);
}

std::vector<InputDelays::Stale> InputDelays::StaleOf(const std::set<std::string>& selectors,
                                                     int64_t now_ms, int64_t offset_ms,
                                                     const FreshnessBounds& bounds) const {
  std::vector<Stale> stale;
  for (const auto& [key, input] : inputs_) {
    if (!selectors.contains(key.first) || !IsStale(input, now_ms, offset_ms, bounds)) continue;
    Stale& one = stale.emplace_back(Stale{key.second, key.first, std::nullopt});
    if (input.looked_ms != 0) one.age_ms = input.looked_ms - input.newest_ms;
  }
  return stale;
}

}  // namespace synoptic::alerting
