// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/plan/locality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"
#include "promql/plan/plan_test_support.h"

namespace synoptic::promql {
namespace {

const char* NameOf(Locality locality) {
  constexpr const char* kNames[] = {"shard", "region", "global"};
  return kNames[static_cast<size_t>(locality)];
}

struct Row {
  const char* text;
  const char* two;      // in two regions of one shard each
  const char* sharded;  // with one region of two shards
};

TEST(LocalityOf, IsTheSmallestPlaceThatComputesTheExpression) {
  const Row rows[] = {
      {"1 + 1", "global", "global"},
      {"vector(1)", "global", "global"},
      {"x", "shard", "shard"},
      {"rate(x[5m]) > 5", "shard", "shard"},
      {"sum(x)", "global", "global"},
      {"sum by (region) (x)", "shard", "region"},
      {"sum by (region, shard) (x)", "shard", "shard"},
      {"sum without (pod) (x)", "shard", "shard"},
      {"sum without (shard) (x)", "shard", "region"},
      {"sum without (region) (x)", "global", "shard"},
      {"sum(x{region=\"eu\"})", "shard", "shard"},
      {"sum(x{region=\"us\"})", "shard", "region"},
      {"topk by (region) (3, x)", "shard", "region"},
      {"x * on (region, job) group_left y", "shard", "region"},
      {"x * on (job) group_left y", "global", "global"},
      {"x * ignoring (pod) y", "shard", "shard"},
      {"x * ignoring (region) y", "global", "shard"},
      {"x unless on (region) y", "shard", "region"},
      {"sum by (region) (x) / sum by (region) (y)", "shard", "region"},
      {"sum by (region) (x) / on () group_left sum (y)", "global", "global"},
      {"absent(x)", "global", "global"},
      {"absent(x{region=\"eu\"})", "shard", "shard"},
      {"scalar(x)", "global", "global"},
      {"x * scalar(y{region=\"eu\"})", "global", "global"},
      {"x{region=\"eu\"} * scalar(y{region=\"eu\"})", "shard", "shard"},
      {"label_replace(x, \"a\", \"$1\", \"b\", \"(.*)\")", "shard", "shard"},
      {"label_replace(x, \"region\", \"$1\", \"b\", \"(.*)\")", "global", "global"},
      {"label_replace(x{region=\"eu\"}, \"a\", \"$1\", \"region\", \"(.*)\")", "global", "global"},
      {"histogram_quantile(0.9, sum by (le, region) (rate(h[5m])))", "shard", "region"},
      {"histogram_quantile(0.9, sum by (le) (rate(h[5m])))", "global", "global"},
      {"max_over_time(sum by (region) (x)[5m:1m])", "shard", "region"},
      {"x or vector(0)", "global", "global"},
      {"count_values by (region) (\"v\", x)", "shard", "region"},
      {"count_values by (region) (\"region\", x)", "global", "global"},
      {"x{region=\"nowhere\"}", "global", "global"},
      {"info(x)", "global", "global"},
      {"info(x{region=\"eu\"})", "global", "global"},  // info series of other regions may match
  };
  const Grid grid = Grid::Instant(1'000'000);
  for (const Row& row : rows) {
    const ExprPtr expr = MustPrepare(row.text, grid);
    ASSERT_NE(expr, nullptr);
    EXPECT_STREQ(NameOf(LocalityOf(*expr, TwoRegions())), row.two) << row.text;
    EXPECT_STREQ(NameOf(LocalityOf(*expr, ShardedRegion())), row.sharded) << row.text;
  }
}

TEST(LocalityAnalysis, TracksTheLabelsThatResultsCarry) {
  const Topology topology = ShardedRegion();
  const struct {
    const char* text;
    const char* tags;
  } rows[] = {
      {"x", "region shard"},
      {"sum by (region, job) (x{region=\"eu\"})", "region"},
      {"sum(x{region=\"eu\"})", ""},
      {"sum without (region) (x{region=\"eu\"})", "shard"},
      {"topk(1, x{region=\"eu\"})", "region shard"},
      {"x * on (region, shard) y", "region shard"},
      {"sum by (region, job) (x{region=\"eu\"}) * on (region) group_left (shard) y{region=\"eu\"}",
       "region shard"},
      {"x{region=\"eu\"} * on (region) group_left (shard) sum by (region) "
       "(y{region=\"eu\"})",
       "region"},
  };
  for (const auto& row : rows) {
    const ExprPtr expr = MustPrepare(row.text, Grid::Instant(1'000'000));
    LocalityAnalysis analysis(topology, Locality::kShard);
    EXPECT_EQ(Join(analysis.Of(*expr).tags, " "), row.tags) << row.text;
  }
}

}  // namespace
}  // namespace synoptic::promql
