// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/plan/cost.h"
#include "promql/plan/rule.h"

namespace synoptic::promql {

bool PushReducing(const Site& site, PlanContext& context) {
  if (!Reduces(*site.node) || !Pushable(*site.node, site.scope, context)) return false;
  if (HoldsHistograms(*site.node, context)) return false;
  const Placement placement = context.locality.Of(*site.node);
  site.node = FetchSteps(std::move(site.node), placement, site.scope,
                         "each shard computes it exactly", context);
  return true;
}

}  // namespace synoptic::promql
