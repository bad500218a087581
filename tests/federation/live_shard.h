// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A shard whose data come in while it is asked: each sample can be read only from when it arrives,
// sometimes long after its time, and the shard is dark at times. Some shards tell of themselves how
// late their samples come, as a Prometheus does, so that the cache learns its edge from them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aggregator/query/testing/fake_shard.h"
#include "tests/federation/random_world.h"

namespace synoptic::federation {

struct LiveSeries {
  promql::Labels labels;  // without the shard's
  promql::SampleColumns samples;
  std::vector<int64_t> arrives;  // by sample: from when it can be read, ms
};

// What is recorded by rules with an offset of their own, where there are such.
inline constexpr const char* kRecorded = "rec:one";

// What a shard has ever stored.
struct LiveData {
  promql::TopologyShard place;
  std::vector<LiveSeries> series;
  // Of those that tell: scrapes take less than their timeout and come in order, but for samples out
  // of order within a window; `kRecorded` is written so long after its time.
  bool tells = false;
  int64_t out_of_order_ms = 0;
  int64_t rules_late_ms = 0;  // 0: there are no rules
};

// The shards of a world, by the region and shard labels of its targets. No sample comes later than
// `most_late_ms`.
std::vector<LiveData> LiveDataOf(const World& world, int64_t most_late_ms, Random& random);

class LiveShard final : public aggregator::ShardClient {
 public:
  // `data` and `clock` outlive it.
  LiveShard(const Clock& clock, const LiveData& data, std::vector<std::string> topology_labels)
      : clock_(clock), data_(data), topology_labels_(std::move(topology_labels)) {}

  bool up = true;      // the breaker is closed
  bool fails = false;  // asked, it ends in an error
  int64_t asked = 0;   // for data
  int64_t began = 0;   // changes when it begins anew

  Task<aggregator::StepAnswer> Steps(aggregator::StepRequest request, Deadline deadline,
                                     MemoryBudget* budget) override;
  Task<aggregator::RawAnswer> Raw(aggregator::RawRequest request, Deadline deadline,
                                  MemoryBudget* budget) override;
  Task<aggregator::SeriesList> Series(aggregator::LabelsRequest request, Deadline deadline,
                                      MemoryBudget* budget) override;
  Task<aggregator::ListOf<std::string>> LabelNames(aggregator::LabelsRequest request,
                                                   Deadline deadline) override;
  Task<aggregator::ListOf<std::string>> LabelValues(std::string name,
                                                    aggregator::LabelsRequest request,
                                                    Deadline deadline) override;
  Task<aggregator::JsonAnswer> Json(std::string path, std::string query, std::string via,
                                    Deadline deadline) override;
  bool available() const override { return up; }
  const std::string& region() const override { return data_.place.region; }
  const std::string& shard() const override { return data_.place.shard; }

 private:
  // What can be read now.
  absl::StatusOr<std::shared_ptr<aggregator::FakeShard>> Now();
  std::string RulesText() const;

  const Clock& clock_;
  const LiveData& data_;
  const std::vector<std::string> topology_labels_;
  std::shared_ptr<aggregator::FakeShard> now_;
  int64_t now_ms_ = 0;
};

}  // namespace synoptic::federation
