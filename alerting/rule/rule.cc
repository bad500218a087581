// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/rule.h"

#include <algorithm>

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

}  // namespace synoptic::alerting
