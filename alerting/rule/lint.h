// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Mistakes that load and evaluate, and then never fire, always fire, or mean something else. Only
// what can be said from the rule alone; ids are those of docs/rules.md.
#pragma once

#include <string>
#include <vector>

#include "alerting/rule/placement.h"
#include "alerting/rule/rule.h"

namespace synoptic::alerting {

struct LintNote {
  size_t group = 0;
  size_t rule = 0;
  std::string id;  // L27
  std::string text;
};

// `placed` is PlaceRules of the same groups.
std::vector<LintNote> LintRules(const std::vector<RuleGroup>& groups,
                                const std::vector<RulePlacement>& placed);

}  // namespace synoptic::alerting
