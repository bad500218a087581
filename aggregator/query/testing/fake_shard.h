// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A shard in memory for tests: answers as a Prometheus of our own evaluator would, with faults on
// request, and remembers what it was asked.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aggregator/query/service.h"
#include "aggregator/upstream/shard_client.h"
#include "base/clock.h"
#include "promql/model/topology.h"

namespace synoptic::aggregator {

class FakeShard final : public ShardClient {
 public:
  // `series` as the upstream stores them: without the place's labels. One that has a label named in
  // `topology_labels` gets it renamed exported_<name>, as a real client does.
  FakeShard(const Clock& clock, promql::TopologyShard place,
            std::vector<std::string> topology_labels, std::vector<promql::RawSeries> series);

  // Faults, changed by tests at any time.
  absl::Status fault = absl::OkStatus();  // what calls end in
  std::string fault_on;                   // only those whose log line holds this
  MonoDuration delay{};                   // before it answers
  bool up = true;                         // available()
  // Logs: one line a call.
  std::vector<std::string> asked;

  Task<StepAnswer> Steps(StepRequest request, Deadline deadline, MemoryBudget* budget) override;
  Task<RawAnswer> Raw(RawRequest request, Deadline deadline, MemoryBudget* budget) override;
  Task<SeriesList> Series(LabelsRequest request, Deadline deadline, MemoryBudget* budget) override;
  Task<ListOf<std::string>> LabelNames(LabelsRequest request, Deadline deadline) override;
  Task<ListOf<std::string>> LabelValues(std::string name, LabelsRequest request,
                                        Deadline deadline) override;
  Task<JsonAnswer> Json(std::string path, std::string query, std::string via,
                        Deadline deadline) override;
  bool available() const override { return up; }
  const std::string& region() const override { return place_.region; }
  const std::string& shard() const override { return place_.shard; }

  // The answers themselves, without coroutines.
  absl::StatusOr<StepAnswer> AnswerSteps(const StepRequest& request) const;
  RawAnswer AnswerRaw(const RawRequest& request) const;

 private:
  Task<> Obey(std::string line);
  promql::Labels WithPlace(const promql::Labels& labels) const;

  const Clock& clock_;
  const promql::TopologyShard place_;
  const std::vector<std::string> topology_labels_;
  const std::vector<promql::RawSeries> series_;
};

// The series of all shards with their places' labels, as one Prometheus would hold them.
std::vector<promql::RawSeries> UnionOf(
    const std::vector<std::string>& topology_labels,
    const std::vector<std::pair<promql::TopologyShard, std::vector<promql::RawSeries>>>& shards);

}  // namespace synoptic::aggregator
