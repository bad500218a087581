// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/upstream_metrics.h"

#include <chrono>
#include <cmath>

#include "base/log.h"

namespace synoptic::app {
namespace {

constexpr char kUp[] = "synoptic_upstream_up";
constexpr char kUpHelp[] = "Whether the replica answered its last health probe.";
constexpr char kBreaker[] = "synoptic_upstream_breaker_state";
constexpr char kBreakerHelp[] = "0 closed, 1 half open, 2 open.";
constexpr char kSkew[] = "synoptic_region_clock_skew_seconds";
constexpr char kSkewHelp[] =
    "By how much the region's clocks are ahead of ours, by their answers' Date; the server that is "
    "off most.";
constexpr double kSkewWorthALine = 10;
constexpr char kRegionUp[] = "synoptic_region_up";
constexpr char kRegionUpHelp[] = "Whether every shard of the region has a replica that is up.";

}  // namespace

Metrics::LabelMap UpstreamMetrics::LabelsOf(const Key& key) {
  const auto& [region, shard, replica] = key;
  return {{"region", region}, {"shard", shard}, {"replica", replica}};
}

void UpstreamMetrics::SetInventory(const aggregator::Inventory& inventory) {
  std::map<Key, State> kept;
  std::set<std::string> regions;
  for (const aggregator::Region& region : inventory.regions) {
    regions.insert(region.name);
    for (const aggregator::Shard& shard : region.shards) {
      for (const aggregator::Replica& replica : shard.replicas) {
        const Key key{region.name, shard.name, replica.url};
        kept.emplace(key, replicas_[key]);
      }
    }
  }
  for (const auto& [key, state] : replicas_) {
    if (kept.contains(key)) continue;
    metrics_.RemoveGauge(kUp, LabelsOf(key));
    metrics_.RemoveGauge(kBreaker, LabelsOf(key));
  }
  for (auto it = region_up_.begin(); it != region_up_.end();) {
    if (regions.contains(it->first)) {
      ++it;
      continue;
    }
    metrics_.RemoveGauge(kRegionUp, {{"region", it->first}});
    metrics_.RemoveGauge(kSkew, {{"region", it->first}});
    skews_.erase(it->first);
    it = region_up_.erase(it);
  }
  replicas_ = std::move(kept);
  for (const std::string& region : regions) TellRegion(region);
}

void UpstreamMetrics::OnRequest(const aggregator::ReplicaId& id, std::string_view code,
                                MonoDuration duration, int64_t bytes) {
  Metrics::LabelMap labels =
      LabelsOf({std::string(id.region), std::string(id.shard), std::string(id.replica)});
  metrics_
      .Histogram("synoptic_upstream_duration_seconds", "How long upstream requests took.", labels)
      .Observe(std::chrono::duration<double>(duration).count());
  metrics_
      .Counter("synoptic_upstream_bytes_total", "Bytes of upstream responses, as received.", labels)
      .Increment(static_cast<double>(bytes));
  labels.emplace("code", code);
  metrics_
      .Counter("synoptic_upstream_requests_total",
               "Requests to upstreams by HTTP status or reason of failure.", std::move(labels))
      .Increment();
}

void UpstreamMetrics::OnDate(const aggregator::ReplicaId& id, int64_t sent_ms, int64_t received_ms,
                             int64_t date_s) {
  const auto it =
      replicas_.find(Key{std::string(id.region), std::string(id.shard), std::string(id.replica)});
  if (it == replicas_.end()) return;  // of a configuration that is no longer
  it->second.clock.Observe(sent_ms, received_ms, date_s);
  TellClock(std::string(id.region));
}

void UpstreamMetrics::TellClock(const std::string& region) {
  double worst = 0;
  for (auto it = replicas_.lower_bound(Key{region, "", ""});
       it != replicas_.end() && std::get<0>(it->first) == region; ++it) {
    const double skew = it->second.clock.seconds().value_or(0);
    if (std::abs(skew) > std::abs(worst)) worst = skew;
  }
  const auto [known, is_new] = skews_.emplace(region, 0);
  const bool was_off = std::abs(known->second) > kSkewWorthALine;
  const bool is_off = std::abs(worst) > kSkewWorthALine;
  if (was_off != is_off) {
    const auto log = is_off ? log::Warn : log::Info;
    log(is_off ? "a region's clock differs from ours" : "a region's clock agrees with ours again",
        {{"region", region}, {"seconds_ahead", worst}});
  }
  if (!is_new && known->second == worst) return;
  known->second = worst;
  metrics_.Gauge(kSkew, kSkewHelp, {{"region", region}}).Set(worst);
}

void UpstreamMetrics::OnExtra(const aggregator::ReplicaId& id, std::string_view why) {
  Metrics::LabelMap labels =
      LabelsOf({std::string(id.region), std::string(id.shard), std::string(id.replica)});
  labels.emplace("why", why);
  metrics_
      .Counter("synoptic_upstream_extra_requests_total",
               "Further attempts at a question: hedge, retry, or because the first is silent.",
               std::move(labels))
      .Increment();
}

void UpstreamMetrics::OnState(const aggregator::ReplicaId& id, aggregator::BreakerState breaker,
                              bool up) {
  const Key key{std::string(id.region), std::string(id.shard), std::string(id.replica)};
  const auto it = replicas_.find(key);
  if (it == replicas_.end()) return;  // of a configuration that is no longer
  State& state = it->second;
  if (state.up != up) {
    const auto log = up ? log::Info : log::Warn;
    log(up ? "replica is up" : "replica is down",
        {{"region", id.region}, {"shard", id.shard}, {"replica", id.replica}});
  }
  state.up = up;
  state.breaker = breaker;
  state.told = true;
  metrics_.Gauge(kUp, kUpHelp, LabelsOf(key)).Set(up ? 1 : 0);
  metrics_.Gauge(kBreaker, kBreakerHelp, LabelsOf(key)).Set(static_cast<double>(breaker));
  TellRegion(std::string(id.region));
}

bool UpstreamMetrics::RegionIsUp(const std::string& region) const {
  std::map<std::string, bool> shards;
  for (const auto& [key, state] : replicas_) {
    if (std::get<0>(key) != region) continue;
    bool& up = shards[std::get<1>(key)];
    up = up || state.up;
  }
  for (const auto& [shard, up] : shards) {
    if (!up) return false;
  }
  return !shards.empty();  // none was found yet
}

std::map<std::string, bool> UpstreamMetrics::Reachable() const {
  std::map<std::string, bool> reachable;
  for (const auto& [key, state] : replicas_) {
    bool& any = reachable[std::get<0>(key)];
    any = any || state.up;
  }
  return reachable;
}

void UpstreamMetrics::TellRegion(const std::string& region) {
  const bool up = RegionIsUp(region);
  const auto [it, is_new] = region_up_.emplace(region, true);
  if (it->second != up) {
    const auto log = up ? log::Info : log::Warn;
    log(up ? "region is back" : "region is dark: queries go on without it", {{"region", region}});
  }
  it->second = up;
  metrics_.Gauge(kRegionUp, kRegionUpHelp, {{"region", region}}).Set(up ? 1 : 0);
}

}  // namespace synoptic::app
