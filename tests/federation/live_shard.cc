// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/federation/live_shard.h"

#include <map>

#include "base/status.h"
#include "fmt/format.h"

namespace synoptic::federation {

using aggregator::FakeShard;

std::vector<LiveData> LiveDataOf(const World& world, int64_t most_late_ms, Random& random) {
  std::map<std::string, LiveData> shards;
  for (const Target& target : world.targets) {
    LiveData& shard = shards[target.region + "/" + target.shard];
    promql::LabelsBuilder place;
    place.Set("region", target.region);
    if (!target.shard.empty()) place.Set("shard", target.shard);
    shard.place = {target.region, target.shard.empty() ? "main" : target.shard, place.Build()};
    // A scrape's samples arrive together.
    std::map<int64_t, int64_t> arrives;
    for (const int64_t t : target.times) {
      const bool late = random.Chance(12);
      arrives[t] = t + (late ? random.Below(most_late_ms) : random.Below(2'000));
    }
    for (const promql::RawSeries& series : target.series) {
      promql::LabelsBuilder labels(series.labels);
      labels.Delete("region");
      labels.Delete("shard");
      LiveSeries& live = shard.series.emplace_back();
      live.labels = labels.Build();
      live.samples = std::get<promql::SampleColumns>(series.data);
      for (const int64_t t : live.samples.t) live.arrives.push_back(arrives.at(t));
    }
  }
  std::vector<LiveData> out;
  for (auto& [key, shard] : shards) out.push_back(std::move(shard));
  return out;
}

absl::StatusOr<std::shared_ptr<FakeShard>> LiveShard::Now() {
  ++asked;
  if (fails) return absl::UnavailableError("connection refused");
  const int64_t now_ms = clock_.WallMillis();
  if (now_ != nullptr && now_ms == now_ms_) return now_;
  now_ms_ = now_ms;
  std::vector<promql::RawSeries> series;
  for (const LiveSeries& live : data_.series) {
    promql::SampleColumns samples;
    for (size_t i = 0; i < live.samples.size() && live.samples.t[i] <= now_ms; ++i) {
      if (live.arrives[i] <= now_ms) samples.push_back(live.samples.t[i], live.samples.v[i]);
    }
    if (!samples.empty()) series.push_back({live.labels, std::move(samples), {}});
  }
  now_ = std::make_shared<FakeShard>(clock_, data_.place, topology_labels_, std::move(series));
  return now_;
}

Task<aggregator::StepAnswer> LiveShard::Steps(aggregator::StepRequest request, Deadline deadline,
                                              MemoryBudget* budget) {
  CO_ASSIGN_OR_RETURN(const auto now, Now());
  co_return co_await now->Steps(std::move(request), deadline, budget);
}

Task<aggregator::RawAnswer> LiveShard::Raw(aggregator::RawRequest request, Deadline deadline,
                                           MemoryBudget* budget) {
  CO_ASSIGN_OR_RETURN(const auto now, Now());
  co_return co_await now->Raw(std::move(request), deadline, budget);
}

Task<aggregator::SeriesList> LiveShard::Series(aggregator::LabelsRequest request, Deadline deadline,
                                               MemoryBudget* budget) {
  CO_ASSIGN_OR_RETURN(const auto now, Now());
  co_return co_await now->Series(std::move(request), deadline, budget);
}

Task<aggregator::ListOf<std::string>> LiveShard::LabelNames(aggregator::LabelsRequest request,
                                                            Deadline deadline) {
  CO_ASSIGN_OR_RETURN(const auto now, Now());
  co_return co_await now->LabelNames(std::move(request), deadline);
}

Task<aggregator::ListOf<std::string>> LiveShard::LabelValues(std::string name,
                                                             aggregator::LabelsRequest request,
                                                             Deadline deadline) {
  CO_ASSIGN_OR_RETURN(const auto now, Now());
  co_return co_await now->LabelValues(std::move(name), std::move(request), deadline);
}

Task<aggregator::JsonAnswer> LiveShard::Json(std::string path, std::string query, std::string via,
                                             Deadline deadline) {
  CO_ASSIGN_OR_RETURN(const auto now, Now());
  co_return co_await now->Json(std::move(path), std::move(query), std::move(via), deadline);
}

}  // namespace synoptic::federation
