// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/plan/language.h"
#include "promql/plan/rule.h"
#include "promql/plan/shard_text.h"

namespace synoptic::promql {
namespace {

std::string WhyRaw(const VectorSelector& selector, PlanContext& context) {
  if (!context.options.pushdown) return "pushdown is off";
  if (std::string why = ForeignToUpstream(selector, context.locality); !why.empty()) return why;
  if (HoldsHistograms(selector, context))
    return "native histograms: JSON does not tell all of them";
  const Placement& placement = context.locality.Of(selector);
  if (!placement.exact) return placement.reason;
  if (placement.shards.empty()) return "no shard can hold the series";
  if (!context.why_raw.empty()) return std::string(context.why_raw);
  return "samples are cheaper than steps, or all are needed in one place";
}

}  // namespace

bool FetchRaw(const Site& site, PlanContext& context) {
  VectorSelector* selector = nullptr;
  int64_t range_ms = 0;
  if (site.node->kind == ExprKind::kVectorSelector) {
    selector = &As<VectorSelector>(*site.node);
  } else if (site.node->kind == ExprKind::kMatrixSelector) {
    selector = As<MatrixSelector>(*site.node).selector.get();
    range_ms = As<MatrixSelector>(*site.node).range_ms();
  } else {
    return false;
  }

  Fetch fetch;
  fetch.id = static_cast<int>(context.plan.fetches.size());
  const SampleWindow window = WindowOf(*selector, range_ms, site.scope, context.options);
  fetch.min_t = window.min_t;
  fetch.max_t = window.max_t;
  fetch.hint_func = site.scope.hint_func;
  fetch.hint_step_ms = site.scope.hint_step_ms;
  fetch.hint_range_ms = range_ms;
  fetch.lookback_ms = context.options.lookback_ms;
  fetch.reason = WhyRaw(*selector, context);

  std::vector<Matcher> plain;
  for (const Matcher& matcher : selector->matchers) {
    const bool renamed = context.locality.Touches(matcher.name()) &&
                         !Contains(context.locality.topology_labels(), matcher.name());
    (renamed ? fetch.residual : plain).push_back(matcher);
  }
  const OwnSeries* own = context.options.own;
  for (size_t i = 0; i < context.topology.shards.size(); ++i) {
    if (own != nullptr && static_cast<int>(i) == own->shard) {
      if (!own->may_hold(selector->matchers)) continue;
      fetch.shards.push_back(own->shard);
      fetch.own_matchers = selector->matchers;
      if (fetch.matchers.empty()) fetch.matchers = selector->matchers;  // nobody else is asked
      continue;
    }
    auto matchers =
        MatchersAt(plain, context.topology.shards[i].labels, context.locality.topology_labels());
    if (!matchers) continue;
    fetch.shards.push_back(static_cast<int>(i));
    fetch.matchers = *std::move(matchers);  // the same for all: topology labels are gone
  }
  selector->fetch_id = fetch.id;
  context.plan.fetches.push_back(std::move(fetch));
  return true;
}

}  // namespace synoptic::promql
