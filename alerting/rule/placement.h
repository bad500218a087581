// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Where each rule can be decided, and why not lower: its tier. Pure.
#pragma once

#include <string>
#include <vector>

#include "alerting/rule/rule.h"
#include "promql/model/topology.h"

namespace synoptic::alerting {

struct RulePlacement {
  size_t group = 0;  // indexes into the groups given
  size_t rule = 0;
  Tier needs = Tier::kGlobal;  // the lowest that can decide it
  Tier tier = Tier::kGlobal;   // where it is: where it says, or else what it needs
  std::string reason;          // why it needs no lower one
  std::string warning;         // placed higher than it needs, or lower than it can be decided
};

// In order of groups and rules. A rule that reads what another one records is at least where that
// is recorded. `at_prometheus`: the local tier is plain Prometheus, which knows no `clear`,
// `expect` or `rolls_up_to`.
std::vector<RulePlacement> PlaceRules(const std::vector<RuleGroup>& groups,
                                      const promql::Topology& topology, bool at_prometheus = true);

// `rule` in the words of one shard's Prometheus, which does not know the topology's labels; empty
// when nothing of it is there. REQUIRES: it can be decided at the local tier.
std::string LocalText(const Rule& rule, const promql::Topology& topology, size_t shard,
                      int64_t subquery_step_ms);

}  // namespace synoptic::alerting
