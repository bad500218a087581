// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules and alerts out of the regions' answers, and as JSON again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aggregator/api/rule_view.h"

namespace synoptic::aggregator {

// The groups of a shard's `rules` document. `file` becomes <region>/<shard>/<file>, so that groups
// of two regions never look the same; the shard's labels are set on rules and alerts.
std::vector<RuleGroupInfo> ParseRuleGroups(std::string_view data, std::string_view region,
                                           std::string_view shard, const promql::Labels& labels);
// The alerts of a shard's `alerts` document.
std::vector<AlertInfo> ParseAlerts(std::string_view data, const promql::Labels& labels);

void AppendAlert(const AlertInfo& alert, std::string& out);
// Without its alerts, `alerts` is null as in Prometheus.
void AppendRule(const RuleInfo& rule, bool with_alerts, std::string& out);

}  // namespace synoptic::aggregator
