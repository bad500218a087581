// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/federation/live_shard.h"

#include <algorithm>
#include <map>

#include "absl/time/time.h"
#include "base/status.h"
#include "fmt/format.h"

namespace synoptic::federation {

using aggregator::FakeShard;

namespace {

constexpr int64_t kScrapeTimeout = 10'000;
constexpr int64_t kRuleTakes = 3'000;

// Which kind of shard: two of five do not tell.
void Choose(LiveData& shard, int64_t most_late_ms, Random& random) {
  shard.tells = random.Chance(60);
  if (!shard.tells) return;
  switch (random.Below(3)) {
    case 0:
      shard.out_of_order_ms = most_late_ms;
      break;
    case 1:
      shard.rules_late_ms = 20'000 + random.Below(200'000);
      break;
    default:
      break;
  }
}

// When each of a target's scrapes can be read.
std::map<int64_t, int64_t> ArrivalsOf(const Target& target, const LiveData& shard,
                                      int64_t most_late_ms, Random& random) {
  std::map<int64_t, int64_t> arrives;
  int64_t before = 0;
  for (const int64_t t : target.times) {
    const bool late = random.Chance(12);
    if (shard.tells && shard.out_of_order_ms == 0) {
      // A scrape that follows a slow one waits for it.
      before = std::max(before, t + random.Below(late ? kScrapeTimeout : 2'000));
      arrives[t] = before;
    } else {
      arrives[t] = t + (late ? random.Below(most_late_ms) : random.Below(2'000));
    }
  }
  return arrives;
}

LiveSeries RecordedFrom(const LiveSeries& series, int64_t late_ms, Random& random) {
  LiveSeries out = series;
  promql::LabelsBuilder labels(series.labels);
  labels.Set("__name__", kRecorded);
  out.labels = labels.Build();
  for (size_t i = 0; i < out.arrives.size(); ++i) {
    out.arrives[i] = out.samples.t[i] + late_ms + random.Below(kRuleTakes);
  }
  return out;
}

}  // namespace

std::vector<LiveData> LiveDataOf(const World& world, int64_t most_late_ms, Random& random) {
  std::map<std::string, LiveData> shards;
  for (const Target& target : world.targets) {
    const auto [at, fresh] = shards.try_emplace(target.region + "/" + target.shard);
    LiveData& shard = at->second;
    if (fresh) Choose(shard, most_late_ms, random);
    promql::LabelsBuilder place;
    place.Set("region", target.region);
    if (!target.shard.empty()) place.Set("shard", target.shard);
    shard.place = {target.region, target.shard.empty() ? "main" : target.shard, place.Build()};
    // A scrape's samples arrive together.
    const std::map<int64_t, int64_t> arrives = ArrivalsOf(target, shard, most_late_ms, random);
    for (const promql::RawSeries& series : target.series) {
      promql::LabelsBuilder labels(series.labels);
      labels.Delete("region");
      labels.Delete("shard");
      LiveSeries live;
      live.labels = labels.Build();
      live.samples = std::get<promql::SampleColumns>(series.data);
      for (const int64_t t : live.samples.t) live.arrives.push_back(arrives.at(t));
      if (shard.rules_late_ms > 0 && live.labels.Get("__name__") == "one") {
        shard.series.push_back(RecordedFrom(live, shard.rules_late_ms, random));
      }
      shard.series.push_back(std::move(live));
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

std::string LiveShard::RulesText() const {
  if (data_.rules_late_ms == 0) return R"({"groups":[]})";
  // The last evaluation whose samples can be read.
  int64_t newest = 0;
  for (const LiveSeries& live : data_.series) {
    if (live.labels.Get("__name__") != kRecorded) continue;
    for (size_t i = 0; i < live.arrives.size(); ++i) {
      if (live.arrives[i] <= clock_.WallMillis()) newest = std::max(newest, live.samples.t[i]);
    }
  }
  return fmt::format(
      R"({{"groups":[{{"name":"g","file":"f","rules":[{{"type":"recording","name":"{}"}}],)"
      R"("evaluationTime":{},"lastEvaluation":"{}"}}]}})",
      kRecorded, kRuleTakes / 1000,
      absl::FormatTime(absl::RFC3339_full, absl::FromUnixMillis(newest + data_.rules_late_ms),
                       absl::UTCTimeZone()));
}

Task<aggregator::JsonAnswer> LiveShard::Json(std::string path, std::string query, std::string via,
                                             Deadline deadline) {
  if (fails) co_return absl::UnavailableError("connection refused");
  if (data_.tells && path == "status/config") {
    co_return aggregator::JsonAnswer{
        fmt::format(R"({{"yaml":"global:\n  scrape_timeout: 10s\ntsdb:\n  )"
                    R"(out_of_order_time_window: {}s\n"}})",
                    data_.out_of_order_ms / 1000),
        {}};
  }
  if (data_.tells && path == "status/flags") {
    co_return aggregator::JsonAnswer{R"({"web.enable-remote-write-receiver":"false"})", {}};
  }
  if (data_.tells && path == "status/runtimeinfo") {
    co_return aggregator::JsonAnswer{
        fmt::format(R"({{"startTime":"{}","lastConfigTime":"{}"}})", began, began), {}};
  }
  if (data_.tells && path == "rules") co_return aggregator::JsonAnswer{RulesText(), {}};
  CO_ASSIGN_OR_RETURN(const auto now, Now());
  co_return co_await now->Json(std::move(path), std::move(query), std::move(via), deadline);
}

}  // namespace synoptic::federation
