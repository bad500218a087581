// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What to ask so that an expression can be judged while parts are unseen: its largest parts of
// which each region (or shard) computes its own share exactly. What is above them is evaluated over
// bounds (evaluate.h). Regional shares of sums and the like are asked for, not their series.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "promql/model/topology.h"
#include "promql/parse/ast.h"
#include "promql/plan/name_set.h"

namespace synoptic::alerting {

struct Leaf {
  std::string text;         // what to ask
  promql::NameSet tags;     // topology labels that its elements carry
  promql::ShardSet shards;  // where elements can be
  bool by_region = false;   // a region of which any shard is unseen says nothing
  bool unaffected = false;  // needs nothing that is unseen: its answer is all there is
  bool partial = false;     // of the aggregation: its groups are regional shares, to be combined
  bool presence = false;    // asked only for whether anything is there
  promql::NameSet only;     // partial by(): the labels its elements can have
  bool only_known = false;
  bool nonnegative = false;
  bool finite = false;  // no value is NaN or infinite
};

// The tree, which leaf stands for which of its nodes, and the leaves. Refers to the tree.
struct LeafPlan {
  promql::ExprPtr tree;
  std::vector<Leaf> leaves;
  std::unordered_map<const promql::Expr*, size_t> at;
};

// `dark`: indexes of unseen shards. `non_negative`: names of metrics declared never negative.
LeafPlan PlanLeaves(promql::ExprPtr tree, const promql::Topology& topology,
                    const promql::ShardSet& dark, const promql::NameSet& non_negative = {});

// Whether no value of the expression can be below zero. By Prometheus' conventions: counters
// (_total, _count, _bucket), sizes (_bytes), up.
bool NeverNegative(const promql::Expr& expr, const promql::NameSet& declared);
// Whether finite samples give finite values: no division by what may be zero, no logarithm.
bool AlwaysFinite(const promql::Expr& expr);

}  // namespace synoptic::alerting
