// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/rule.h"

#include <algorithm>

#include "alerting/rule/alert_elements.h"

namespace synoptic::alerting {

std::string_view TierName(Tier tier) {
  switch (tier) {
    case Tier::kLocal:
      return "local";
    case Tier::kRegional:
      return "regional";
    case Tier::kGlobal:
      return "global";
  }
  return "global";
}

Tier TierOf(promql::Locality locality) {
  switch (locality) {
    case promql::Locality::kShard:
      return Tier::kLocal;
    case promql::Locality::kRegion:
      return Tier::kRegional;
    case promql::Locality::kGlobal:
      return Tier::kGlobal;
  }
  return Tier::kGlobal;
}

Tier RuleGroup::TierOf(const Rule& rule) const {
  if (tier.has_value()) return *tier;
  const Tier needs = alerting::TierOf(rule.locality);
  return std::max(rule.tier.value_or(needs), needs);
}

RuleGroup ReadyToRun(RuleGroup group) {
  for (Rule& rule : group.rules) {
    if (group.set_tier_label && rule.alerting()) {
      rule.labels.emplace("tier", TierName(group.TierOf(rule)));
    }
    if (!rule.rolls_up_to.empty()) {
      rule.labels.emplace(std::string(kRollsUpLabel), rule.rolls_up_to);
    }
    rule.expr_as_written = std::string();
  }
  group.rules.shrink_to_fit();
  return group;
}

}  // namespace synoptic::alerting
