// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The newest sample that an expression's value can depend on: what decides whether the value at a
// step may still change. A plain selector at step t looks at samples up to t; a negative offset
// and `smoothed` look further; `@` looks at one fixed time, whatever the step.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "promql/model/matcher.h"
#include "promql/parse/ast.h"

namespace synoptic::aggregator {

struct DataReach {
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::min();
  static constexpr int64_t kForever = std::numeric_limits<int64_t>::max();

  // The value at step t depends on samples up to t + ahead_ms; kNever: on none that move with t.
  int64_t ahead_ms = kNever;
  // And on samples up to this time at every step. kForever: not known, so never settled.
  int64_t fixed_ms = kNever;

  // Whether the value at step `t` is final once every sample up to `edge_ms` has arrived.
  bool SettledAt(int64_t t, int64_t edge_ms) const;
  // The newest step that is settled; kNever when none is.
  int64_t SettledUntil(int64_t edge_ms) const;
};

// `expr` need not be preprocessed; times that only a query can tell (@ end(), computed durations)
// count as not known.
DataReach ReachOf(const promql::Expr& expr, int64_t lookback_ms);

// Whether it can select a series of one of these names.
bool SelectsAny(const promql::Expr& expr, const absl::flat_hash_set<std::string>& names);
bool SelectsAny(const std::vector<promql::Matcher>& selector,
                const absl::flat_hash_set<std::string>& names);

}  // namespace synoptic::aggregator
