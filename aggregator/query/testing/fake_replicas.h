// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A shard of several replicas in memory for tests, each with its own data and faults. Asks them in
// order, those that may be asked and are up, until one answers.
#pragma once

#include "aggregator/query/testing/fake_shard.h"

namespace synoptic::aggregator {

class FakeReplicas final : public ShardClient {
 public:
  // Named r0, r1, ...
  FakeReplicas(const Clock& clock, promql::TopologyShard place,
               std::vector<std::string> topology_labels,
               std::vector<std::vector<promql::RawSeries>> replicas);

  FakeShard& At(size_t replica) { return *replicas_[replica]; }

  Task<StepAnswer> Steps(StepRequest request, Deadline deadline, MemoryBudget* budget) override;
  Task<RawAnswer> Raw(RawRequest request, Deadline deadline, MemoryBudget* budget) override;
  Task<SeriesList> Series(LabelsRequest request, Deadline deadline, MemoryBudget* budget) override {
    return replicas_[0]->Series(std::move(request), deadline, budget);
  }
  Task<ListOf<std::string>> LabelNames(LabelsRequest request, Deadline deadline) override {
    return replicas_[0]->LabelNames(std::move(request), deadline);
  }
  Task<ListOf<std::string>> LabelValues(std::string name, LabelsRequest request,
                                        Deadline deadline) override {
    return replicas_[0]->LabelValues(std::move(name), std::move(request), deadline);
  }
  Task<JsonAnswer> Json(std::string path, std::string query, std::string via,
                        Deadline deadline) override {
    return replicas_[0]->Json(std::move(path), std::move(query), std::move(via), deadline);
  }
  bool available() const override;
  size_t replicas() const override { return replicas_.size(); }
  std::vector<std::string> replica_names() const override;
  const std::string& region() const override { return replicas_[0]->region(); }
  const std::string& shard() const override { return replicas_[0]->shard(); }

 private:
  std::vector<size_t> Candidates(const std::vector<std::string>& only) const;

  std::vector<std::unique_ptr<FakeShard>> replicas_;
};

}  // namespace synoptic::aggregator
