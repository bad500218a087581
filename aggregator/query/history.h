// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Shards that do not answer, and what the cache knows of them.
//
// A step is shown with such a shard when all that the step looks at is settled and known, and
// without it otherwise, as if it were missing there: no step is made from a part of its samples.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "aggregator/query/fetch_stage.h"
#include "aggregator/query/fetched_data.h"
#include "promql/eval/evaluator.h"

namespace synoptic::aggregator {

// What is known of the fetches that shard number `shard` gave no answer to, by their ids. Nothing
// when no step of `environment.history` can be made from it.
Task<std::optional<ShardHistory>> HistoryOf(const promql::Plan& plan, const Reach& reach,
                                            size_t shard, const std::vector<int>& unanswered,
                                            Deadline deadline, std::shared_ptr<QueryMemory> memory,
                                            FetchEnvironment environment);

// The stale part of a shard that is missing as `missing` says.
PartCoverage StalePart(PartCoverage missing, const ShardHistory& history, const promql::Grid& steps,
                       int64_t now_ms);

// Evaluates every step with those shards of `fetched.history` that are known there. Takes the parts
// out of `fetched`.
absl::StatusOr<promql::EvalResult> EvaluateWithHistory(const promql::Plan& plan, const Reach& reach,
                                                       FetchResult& fetched,
                                                       const promql::EvalOptions& options);

}  // namespace synoptic::aggregator
