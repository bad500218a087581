// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/belief.h"

#include <cmath>
#include <map>
#include <utility>

namespace synoptic::alerting {

void Believe(Judged proven, Judged believed, std::string basis, const Rule& rule,
             const ExpansionContext& context, const RuleState& state, RuleAnswer& answer,
             StepInput& input) {
  std::map<promql::Labels, const RuleAnswer::Element*> certain;
  for (const RuleAnswer::Element& element : proven.elements) {
    certain[element.labels] = &element;
    // An assumption may blur what is proven; that stays proven.
    if (!believed.unseen.undecided.empty()) {
      believed.unseen.undecided.erase(AlertLabels(rule, element, context));
    }
  }
  answer.belief.basis = basis;
  std::vector<RuleAnswer::Element> unproven;
  for (RuleAnswer::Element& element : believed.elements) {
    const auto it = certain.find(element.labels);
    if (it == certain.end()) {
      answer.belief.unproven.insert(element.labels);
      unproven.push_back(std::move(element));
      continue;
    }
    const bool bounded = !std::isnan(element.low) && !std::isnan(it->second->low);
    if (bounded && (element.low > it->second->low || element.high < it->second->high)) {
      answer.belief.bounds[element.labels] = {element.low, element.high};
    }
  }
  for (const auto& [labels, alert] : state.alerts) {
    if (alert.status == AlertStatus::kInactive) continue;
    if (proven.unseen.Covers(alert.labels) && !believed.unseen.Covers(alert.labels)) {
      input.over_by_belief.insert(labels);
    }
  }
  answer.elements = std::move(proven.elements);
  for (RuleAnswer::Element& element : unproven) answer.elements.push_back(std::move(element));
  input.belief = std::move(basis);
  input.unseen = std::move(believed.unseen);
}

}  // namespace synoptic::alerting
