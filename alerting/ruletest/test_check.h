// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a rule test expects against what came: Prometheus' notion of equal, promtool's words.
#pragma once

#include <string>
#include <vector>

#include "alerting/rule/alert_state.h"
#include "alerting/ruletest/test_file.h"

namespace synoptic::alerting {

// Empty when `got`, the firing alerts of that name, are those expected.
std::string CompareAlerts(const RuleTestGroup& group, const AlertCase& expected,
                          const std::vector<const Alert*>& got);

// Empty when equal. `fuzzy`: neighbouring doubles are.
std::string CompareSamples(const ExprCase& expected,
                           const absl::StatusOr<std::vector<RuleAnswer::Element>>& got, bool fuzzy);

}  // namespace synoptic::alerting
