// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "promql/plan/cost.h"
#include "promql/plan/language.h"
#include "promql/plan/looks.h"
#include "promql/plan/rule.h"
#include "promql/plan/shard_text.h"

namespace synoptic::promql {

bool Pushable(const Expr& expr, const Scope& scope, PlanContext& context) {
  if (TypeOf(expr) != ValueType::kVector) return false;
  const size_t points = scope.grid.size();
  if (points == 0 || points > kMaxPushedSteps) return false;
  const Placement& placement = context.locality.Of(expr);
  return placement.exact && placement.has_data && !placement.shards.empty() &&
         ForeignToUpstream(expr, context.locality).empty();
}

bool HoldsHistograms(const Expr& expr, const PlanContext& context) {
  return context.options.histograms != nullptr &&
         MayYieldHistograms(expr, *context.options.histograms);
}

std::unique_ptr<Fetched> FetchSteps(ExprPtr expr, const Placement& like, const Scope& scope,
                                    std::string reason, PlanContext& context) {
  Fetch fetch;
  fetch.id = static_cast<int>(context.plan.fetches.size());
  fetch.form = Fetch::Form::kSteps;
  fetch.grid = scope.grid;
  // One spelling for equal grids: the end on the grid, an instant with step 1.
  fetch.grid.end = fetch.grid.at(fetch.grid.size() - 1);
  if (fetch.grid.size() == 1) fetch.grid = Grid::Instant(fetch.grid.start);
  fetch.lookback_ms = context.options.lookback_ms;
  fetch.looks = LooksOf(*expr, context.options.lookback_ms);
  fetch.windows = LooksAtWindows(*expr);
  fetch.shards = like.shards;
  fetch.strip_labels = Difference(context.locality.topology_labels(), like.tags);
  fetch.reason = std::move(reason);
  for (const int shard : fetch.shards) {
    const Labels& labels = context.topology.shards[static_cast<size_t>(shard)].labels;
    fetch.shard_texts.push_back(TextAt(*expr, labels, context.locality.topology_labels(),
                                       context.options.default_subquery_step_ms));
  }
  fetch.text = fetch.shard_texts.front();
  const bool same = std::all_of(fetch.shard_texts.begin(), fetch.shard_texts.end(),
                                [&](const std::string& text) { return text == fetch.text; });
  if (same) fetch.shard_texts.clear();

  auto fetched = std::make_unique<Fetched>();
  fetched->pos = expr->pos;
  fetched->fetch_id = fetch.id;
  fetched->original = std::move(expr);
  context.plan.fetches.push_back(std::move(fetch));
  return fetched;
}

}  // namespace synoptic::promql
