// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Topologies and plans for the tests of this folder.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"
#include "promql/plan/plan.h"

namespace synoptic::promql {

inline TopologyShard MakeShard(std::string region, std::string shard,
                               std::vector<std::pair<std::string, std::string>> more = {}) {
  more.emplace_back("region", region);
  return {std::move(region), std::move(shard), Labels::From(std::move(more))};
}

// Two regions of one shard each.
inline Topology TwoRegions() { return {{MakeShard("eu", "main"), MakeShard("us", "main")}}; }

// One region of one shard, one of two that a label tells apart.
inline Topology ShardedRegion() {
  return {{MakeShard("eu", "main"), MakeShard("us", "a", {{"shard", "a"}}),
           MakeShard("us", "b", {{"shard", "b"}})}};
}

inline ExprPtr MustPrepare(std::string_view text, const Grid& grid) {
  ParseOptions options;
  options.experimental_functions = true;
  absl::StatusOr<ExprPtr> parsed = ParseExpr(text, options);
  EXPECT_TRUE(parsed.ok()) << text << ": " << parsed.status();
  if (!parsed.ok()) return nullptr;
  absl::StatusOr<ExprPtr> prepared = Preprocess(*std::move(parsed), grid);
  EXPECT_TRUE(prepared.ok()) << text << ": " << prepared.status();
  return prepared.ok() ? *std::move(prepared) : nullptr;
}

inline PlanOptions InstantOptions(int64_t t = 1'000'000) {
  PlanOptions options;
  options.grid = Grid::Instant(t);
  return options;
}

inline PlanOptions RangeOptions(Grid grid) {
  PlanOptions options;
  options.grid = grid;
  options.range_query = true;
  return options;
}

}  // namespace synoptic::promql
