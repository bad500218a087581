// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What is proven of a rule's alerts while parts are unseen, and what is believed beyond it.
//
// Pure.
#pragma once

#include <string>
#include <vector>

#include "alerting/rule/alert_elements.h"
#include "alerting/rule/alert_state.h"
#include "alerting/rule/querier.h"
#include "alerting/rule/rule.h"

namespace synoptic::alerting {

// What a vector over bounds says of a rule's alerts.
struct Judged {
  std::vector<RuleAnswer::Element> elements;  // certain ones
  StepInput::Unseen unseen;                   // who is not decided
};

// Adds to what is proven what is believed by `basis`, and says where that differs. What is proven
// is TRUE whether it is believed or not.
void Believe(Judged proven, Judged believed, std::string basis, const Rule& rule,
             const ExpansionContext& context, const RuleState& state, RuleAnswer& answer,
             StepInput& input);

}  // namespace synoptic::alerting
