// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What was fetched, merged over shards, as the evaluator reads it. CPU work: made on the pool.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregator/query/fetch_stage.h"
#include "promql/eval/evaluator.h"

namespace synoptic::aggregator {

class FetchedData final : public promql::DataSource {
 public:
  // Takes the parts out of `result`. `plan` outlives this. FailedPrecondition when two shards sent
  // the same series.
  static absl::StatusOr<FetchedData> Merge(const promql::Plan& plan, const Reach& reach,
                                           FetchResult& result);
  // The same of a plan that IsPassedOn.
  static absl::StatusOr<PointUnion> MergePoints(const Reach& reach, FetchResult& result);

  absl::StatusOr<std::span<const promql::RawSeries>> Raw(int fetch_id) override;
  // `grid` may be any part of what was fetched: its points must all be among the fetched ones.
  absl::StatusOr<std::span<const promql::StepSeries>> Steps(int fetch_id,
                                                            const promql::Grid& grid) override;
  // The raw series of every fetch, and what holds their memory's reservations.
  std::vector<std::vector<promql::RawSeries>> TakeRaw(
      std::vector<std::shared_ptr<LegMemory>>& memory);

 private:
  struct Merged {
    std::vector<promql::RawSeries> raw;
    std::vector<promql::StepSeries> steps;
    // Steps on other grids than the fetched one, as asked for.
    std::vector<std::pair<promql::Grid, std::vector<promql::StepSeries>>> views;
    std::vector<std::shared_ptr<LegMemory>> memory;
  };
  explicit FetchedData(const promql::Plan& plan) : plan_(&plan), merged_(plan.fetches.size()) {}

  const promql::Plan* plan_;
  std::vector<Merged> merged_;
};

}  // namespace synoptic::aggregator
