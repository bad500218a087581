// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// From a plan's fetches to what each shard answered: the fan-out of a query.
//
// A shard counts as a whole: when one of its answers is missing, the others are dropped too, so
// that every part of the expression sees the same shards (a ratio of two sums stays a ratio).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregator/merge/coverage.h"
#include "aggregator/query/memory.h"
#include "aggregator/query/scope.h"
#include "net/async/compute_pool.h"
#include "net/async/task_group.h"
#include "promql/parse/parser.h"
#include "promql/plan/plan.h"

namespace synoptic::aggregator {

// One answer of one shard to one fetch, and the reservation of its bytes.
struct FetchedPart {
  int fetch = 0;
  size_t shard = 0;                                            // index into Reach::shards
  std::variant<std::monostate, StepAnswer, RawAnswer> answer;  // none: the shard is missing
  std::shared_ptr<LegMemory> memory;
  AnswerInfo info;
  size_t series = 0;
};

// What is shown of a shard that does not answer.
struct ShardHistory {
  size_t shard = 0;         // index into Reach::shards
  std::vector<bool> steps;  // of the query: those that all is known for
  int64_t fetched_ms = 0;   // when the shard last said any of it; wall clock
  std::vector<FetchedPart> parts;
};

struct FetchResult {
  std::vector<FetchedPart> parts;
  std::vector<ShardHistory> history;  // their parts are among `parts`
  Coverage coverage;
  std::vector<std::string> warnings;  // of upstreams, each once
  std::vector<std::string> infos;
  // Parts that were pushed down have native histograms in their value: nothing was kept, and the
  // query is to be planned anew, knowing where they can have come from.
  bool plan_anew = false;
  promql::HistogramMetrics histograms;
  // The same, without partial sums: one comes near the greatest float.
  bool sums_overflow = false;
};

// What fetching needs besides the plan; all outlive the call.
struct FetchEnvironment {
  TaskGroup& legs;
  const Clock& clock;
  MonoDuration region_deadline;
  ComputePool& pool;
  Lane lane = Lane::kDashboards;
  bool nocache = false;
  promql::ParseOptions language = {};  // of texts that are evaluated here
  bool as_text = false;  // the only fetch's points are passed on as they are (IsPassedOn)
  // The query's steps, when those that are known of a dark shard are an answer.
  std::optional<promql::Grid> history = std::nullopt;
};

// Whether a plan is one instant vector that shards answer and nobody changes.
bool IsPassedOn(const promql::Plan& plan);

// What a shard is asked for a raw fetch.
RawRequest RawRequestOf(const promql::Fetch& fetch);
// What shard number `shard` is asked for a fetch of steps.
StepRequest StepRequestOf(const promql::Fetch& fetch, size_t shard);

// Errors: what would fail everywhere (an upstream's execution error, our memory limit); Unavailable
// when a required region is missing or nothing within reach answered; Cancelled; DeadlineExceeded
// past the query's deadline.
Task<FetchResult> RunFetches(const promql::Plan& plan, const Reach& reach, Deadline deadline,
                             std::shared_ptr<QueryMemory> memory, FetchEnvironment environment);

// One line a leg: who, how many series and bytes, how long.
std::string ExplainCost(const FetchResult& result, const Reach& reach);

}  // namespace synoptic::aggregator
