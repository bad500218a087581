// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// From a preprocessed tree to what to fetch and what to evaluate here.
//
// Locality decides (ARCHITECTURE.md): for every node, the smallest part of the topology that can
// compute it exactly. A subtree whose locality is shard or region is pushed down; a decomposable
// aggregation above it is split into partials; the rest is evaluated centrally from raw series.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/model/grid.h"
#include "promql/model/topology.h"
#include "promql/parse/ast.h"
#include "promql/plan/histograms.h"

namespace synoptic::promql {

enum class Locality : uint8_t { kShard, kRegion, kGlobal };

// Sample times that a pushed expression looks at for one step: after < t <= until, counted from the
// step, or absolute (below an `@`). At least those: what a subquery reaches is told as a whole.
struct Look {
  bool absolute = false;
  int64_t after = 0;
  int64_t until = 0;
};

// One thing to ask of shards, all known before the first byte is sent.
struct Fetch {
  enum class Form : uint8_t { kRaw, kSteps };
  int id = -1;
  Form form = Form::kRaw;
  // kRaw: the selector's matchers without those on topology labels, and the sample times wanted,
  // both ends inclusive. Hints follow Prometheus'.
  std::vector<Matcher> matchers;
  int64_t min_t = 0;
  int64_t max_t = 0;
  std::string hint_func;
  int64_t hint_step_ms = 0;
  int64_t hint_range_ms = 0;
  // kSteps: the text each shard evaluates, over `grid` (a grid of one point: an instant query).
  std::string text;
  Grid grid;
  int64_t lookback_ms = 0;
  std::vector<Look> looks;
  bool windows = false;  // a range selector or a subquery is below
  // Indexes into Topology::shards, ascending: who can hold the data.
  std::vector<int> shards;
  // Per shard in `shards`, when texts differ between shards (a matcher on a topology label was
  // folded); empty: all use `text`.
  std::vector<std::string> shard_texts;
  // kRaw: all of the selector's matchers, for the shard of OwnSeries; empty when it is not asked.
  std::vector<Matcher> own_matchers;
  // kRaw: matchers that no upstream can apply (labels renamed on the way in, exported_<name>): the
  // receiver holds them against the labels it got.
  std::vector<Matcher> residual;
  // kSteps: topology labels that the subtree's result does not carry, sorted. Every answer arrives
  // with all labels of its shard; the receiver takes these off again.
  std::vector<std::string> strip_labels;
  // kSteps: partial sums. Where one comes near the greatest float the order of additions decides
  // whether a sum overflows: the plan is then to be made anew, with `split_sums` off.
  bool partial_sums = false;
  // Why this part was not pushed further down (explain).
  std::string reason;
};

struct Plan {
  ExprPtr root;  // leaves: Fetched nodes and selectors, each with its fetch_id
  std::vector<Fetch> fetches;
  Locality locality = Locality::kGlobal;  // of the whole expression
};

// A place whose series keep the topology labels they were recorded with, whichever those are: ours.
// What such a series is part of has no other place than here, so it is read raw.
struct OwnSeries {
  int shard = -1;  // the last of the topology, without labels; -1: there is no such place
  std::function<bool(const std::vector<Matcher>&)> may_hold;  // a series that all of them match
};

struct PlanOptions {
  Grid grid;
  bool range_query = false;
  int64_t lookback_ms = 300'000;
  int64_t default_subquery_step_ms = 60'000;
  bool split_sums = true;
  bool pushdown = true;  // off: everything raw (the reference that tests compare with)
  // Metrics whose samples are native histograms, as far as known: what may have such a value is not
  // pushed down. Null: none.
  const HistogramMetrics* histograms = nullptr;
  const OwnSeries* own = nullptr;  // null: none
};

// `expr` is preprocessed. Never guesses: what cannot be proven exact is fetched raw.
absl::StatusOr<Plan> MakePlan(ExprPtr expr, const Topology& topology, const PlanOptions& options);

// Locality of the whole expression, for tier placement of rules.
Locality LocalityOf(const Expr& expr, const Topology& topology);

// The plan as indented text: explain=1 and plan tests.
std::string ExplainPlan(const Plan& plan, const Topology& topology);

}  // namespace synoptic::promql
