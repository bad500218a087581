// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What an optimizer rule is: it looks at one node, from the top of the tree down, and either
// settles the whole subtree by fetches or leaves it alone. Rules are listed in optimizer.cc; the
// plan is verified after every application.
#pragma once

#include <memory>
#include <string>

#include "promql/plan/locality.h"
#include "promql/plan/plan.h"
#include "promql/plan/windows.h"

namespace synoptic::promql {

struct PlanContext {
  const Topology& topology;
  const PlanOptions& options;
  LocalityAnalysis& locality;  // level kShard
  Plan& plan;
  // Why what is below has to come as samples, when an aggregation above it says so.
  std::string_view why_raw = {};
};

// Where a node hangs. `parent` is null at the root.
struct Site {
  ExprPtr& node;
  const Expr* parent;
  const Scope& scope;
};

// True when the subtree is settled: every leaf below has its fetch.
using RuleFunction = bool (*)(const Site& site, PlanContext& context);

// A subtree that one shard computes exactly and whose result is small: asked for as steps.
bool PushReducing(const Site& site, PlanContext& context);
// sum, count, min, max, group, topk, bottomk, count_values above something exact per shard: partial
// results as steps, combined here.
bool SplitAggregate(const Site& site, PlanContext& context);
// Why an aggregation is none of these; empty when it is one.
std::string_view WhyNotSplit(AggregateOp op);
// avg likewise, as a sum over a count.
bool SplitAverage(const Site& site, PlanContext& context);
// A per-series expression exact per shard, when its steps are cheaper than its samples.
bool PushSeries(const Site& site, PlanContext& context);
// What is left: a selector's stored samples.
bool FetchRaw(const Site& site, PlanContext& context);

// After all rules: equal fetches become one, raw windows over the same series grow together.
void MergeFetches(Plan& plan);

// ---- shared by rules ----

// One shard computes `expr` exactly, upstreams understand it, and its steps fit in one request.
bool Pushable(const Expr& expr, const Scope& scope, PlanContext& context);
// Its value may hold native histograms: not to be taken from an upstream's JSON.
bool HoldsHistograms(const Expr& expr, const PlanContext& context);
// Moves `expr` into a new fetch of steps. `like` is the placement of its data.
std::unique_ptr<Fetched> FetchSteps(ExprPtr expr, const Placement& like, const Scope& scope,
                                    std::string reason, PlanContext& context);

}  // namespace synoptic::promql
