// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The tier that rules say they are of, by `tier:` of their group or by their label `tier`, and what
// it means. A rule that says `local` is one of each Prometheus by itself, as a rule beside it is,
// whatever it groups and matches by; one that says more than it needs is placed where it says.
#pragma once

#include "alerting/rule/rule.h"
#include "promql/model/topology.h"

namespace synoptic::alerting {

// Sets `tier` of the group's rules, and asks those of a lower tier than their expression's at each
// place by itself (promql/plan/at_each.h), where that decides them. Recording rules that say
// nothing are of the tier that all alerts of their group say. REQUIRES: the rules' localities are
// known.
void HonourTiers(RuleGroup& group, const promql::Topology& topology);

}  // namespace synoptic::alerting
