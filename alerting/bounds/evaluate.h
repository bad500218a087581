// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// An instant expression over bounds: what holds whatever the unseen parts contain.
//
// Pure. The claim, which a property test holds against the evaluator: for every content of the
// unseen parts that keeps to the bounds, the true value is one that the result allows. What is not
// proven is left open; an expression that fails with all data has no true value.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "alerting/bounds/leaves.h"
#include "alerting/bounds/partial_vector.h"
#include "promql/model/labels.h"

namespace synoptic::alerting {

// What a leaf's question brought.
struct LeafAnswer {
  bool usable = false;  // false: it failed, or has native histograms: nothing is known
  std::vector<std::pair<promql::Labels, double>> elements;
  promql::ShardSet missing;  // shards that it did not see
  // What is taken for all that unseen units hold, by their first shard (units.h).
  std::map<int, std::vector<std::pair<promql::Labels, BoundedValue>>> assumed = {};
};

// `answers` are those of plan.leaves, in order. A scalar is one element without labels.
PartialVector EvaluateBounds(const LeafPlan& plan, const promql::Topology& topology,
                             const std::vector<LeafAnswer>& answers, double time_seconds);

}  // namespace synoptic::alerting
