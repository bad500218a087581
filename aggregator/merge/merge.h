// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Adding up what shards answered. Different shards hold different series: sets are merged by
// labels, never added or deduplicated, and two equal series from two shards are an error that names
// both. Pure functions; inputs sorted, outputs sorted.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/model/series.h"

namespace synoptic::aggregator {

// One shard's series. `source` names it in errors: `region "eu-1" shard "main"`.
template <class SeriesT>
struct ShardPart {
  std::string source;
  std::vector<SeriesT> series;
};

// FailedPrecondition when a label set comes twice, from two shards or from one.
absl::StatusOr<std::vector<promql::RawSeries>> MergeShards(
    std::vector<ShardPart<promql::RawSeries>> parts);
absl::StatusOr<std::vector<promql::StepSeries>> MergeShards(
    std::vector<ShardPart<promql::StepSeries>> parts);

// That error.
absl::Status SameSeries(const promql::Labels& labels, const std::string& a, const std::string& b);

// Union, for names and values.
std::vector<std::string> MergeNames(std::vector<std::vector<std::string>> parts);

}  // namespace synoptic::aggregator
