// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// From the elements of a rule's answer to those of its alerts: labels and annotations expanded.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "alerting/rule/alert_state.h"
#include "alerting/rule/querier.h"
#include "alerting/rule/rule.h"
#include "alerting/template/template.h"

namespace synoptic::alerting {

inline constexpr std::string_view kAlertName = "alertname";
// Whose alerts a rule rolls up to.
inline constexpr std::string_view kRollsUpLabel = "rolls_up_to";

struct ExpansionContext {
  promql::Labels external_labels;
  std::string external_url;
  int64_t now_ms = 0;
  TemplateQueries* queries = nullptr;  // answers of `query` so far; notes what is still to ask
  std::string coverage = "complete";
};

// The labels of the alert that `element` is.
promql::Labels AlertLabels(const Rule& rule, const RuleAnswer::Element& element,
                           const ExpansionContext& context);

// Error in Prometheus' words when two elements become the same alert.
absl::StatusOr<std::vector<StepElement>> ExpandElements(const Rule& rule, const RuleAnswer& answer,
                                                        const ExpansionContext& context);

}  // namespace synoptic::alerting
