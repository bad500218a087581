// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/plan/cost.h"
#include "promql/plan/rule.h"

namespace synoptic::promql {
namespace {

// Functions that look at the selector itself: its matchers, or its samples' own times.
bool ReadsSelector(const Expr* parent) {
  if (parent == nullptr || parent->kind != ExprKind::kCall) return false;
  switch (As<Call>(*parent).function->id) {
    case FunctionId::kAbsent:
    case FunctionId::kTimestamp:
    case FunctionId::kStartTimestamp:
    case FunctionId::kInfo:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool PushSeries(const Site& site, PlanContext& context) {
  if (ReadsSelector(site.parent)) return false;
  if (!Pushable(*site.node, site.scope, context)) return false;
  if (HoldsHistograms(*site.node, context)) return false;
  if (!StepsAreCheaper(*site.node, site.scope, context.options)) return false;
  const Placement placement = context.locality.Of(*site.node);
  site.node = FetchSteps(std::move(site.node), placement, site.scope,
                         "per series, and fewer steps than samples", context);
  return true;
}

}  // namespace synoptic::promql
