// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/upstream_metrics.h"

#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

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
  std::map<Key, State, std::less<>> kept;
  std::set<std::string> regions;
  for (const aggregator::Region& region : inventory.regions) {
    regions.insert(region.name);
    for (const aggregator::Shard& shard : region.shards) {
      for (const aggregator::Replica& replica : shard.replicas) {
        const Key key{region.name, shard.name, replica.url};
        kept.emplace(key, std::move(replicas_[key]));
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

UpstreamMetrics::Requests& UpstreamMetrics::RequestsOf(const aggregator::ReplicaId& id) {
  const auto it = requests_.find(KeyView(id.region, id.shard, id.replica));
  if (it != requests_.end()) return it->second;
  const Key key{std::string(id.region), std::string(id.shard), std::string(id.replica)};
  const Metrics::LabelMap labels = LabelsOf(key);
  Requests& requests = requests_[key];
  requests.duration = metrics_.Histogram("synoptic_upstream_duration_seconds",
                                         "How long upstream requests took.", labels);
  requests.bytes = metrics_.Counter("synoptic_upstream_bytes_total",
                                    "Bytes of upstream responses, as received.", labels);
  return requests;
}

void UpstreamMetrics::OnRequest(const aggregator::ReplicaId& id, std::string_view code,
                                MonoDuration duration, int64_t bytes) {
  Requests& requests = RequestsOf(id);
  requests.duration.Observe(std::chrono::duration<double>(duration).count());
  requests.bytes.Increment(static_cast<double>(bytes));
  auto count = requests.count.find(code);
  if (count == requests.count.end()) {
    Metrics::LabelMap labels =
        LabelsOf({std::string(id.region), std::string(id.shard), std::string(id.replica)});
    labels.emplace("code", code);
    count = requests.count
                .emplace(code, metrics_.Counter(
                                   "synoptic_upstream_requests_total",
                                   "Requests to upstreams by HTTP status or reason of failure.",
                                   std::move(labels)))
                .first;
  }
  count->second.Increment();
  if (!owed_.empty()) SayOwed();
}

void UpstreamMetrics::OnDate(const aggregator::ReplicaId& id, int64_t sent_ms, int64_t received_ms,
                             int64_t date_s) {
  const auto it = replicas_.find(KeyView(id.region, id.shard, id.replica));
  if (it == replicas_.end()) return;  // of a configuration that is no longer
  it->second.clock.Observe(sent_ms, received_ms, date_s);
  TellClock(std::string(id.region));
}

void UpstreamMetrics::TellClock(const std::string& region) {
  double worst = 0;
  for (auto it = replicas_.lower_bound(KeyView(region, "", ""));
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
  const auto it = replicas_.find(KeyView(id.region, id.shard, id.replica));
  if (it == replicas_.end()) return;  // of a configuration that is no longer
  State& state = it->second;
  if (state.up != up) state.log.Changed();
  state.up = up;
  Say(it->first, state);
  state.breaker = breaker;
  if (!std::exchange(state.told, true)) {
    state.told_up = metrics_.Gauge(kUp, kUpHelp, LabelsOf(it->first));
    state.told_breaker = metrics_.Gauge(kBreaker, kBreakerHelp, LabelsOf(it->first));
  }
  state.told_up.Set(up ? 1 : 0);
  state.told_breaker.Set(static_cast<double>(breaker));
  TellRegion(std::string(id.region));
}

void UpstreamMetrics::Say(const Key& key, State& state) {
  if (const std::optional<int> changes = state.log.Due(state.up, clock_.Mono())) {
    const auto& [region, shard, replica] = key;
    const auto log = state.up ? log::Info : log::Warn;
    const std::string_view what = state.up ? "replica is up" : "replica is down";
    if (*changes > 1) {
      log(what,
          {{"region", region}, {"shard", shard}, {"replica", replica}, {"changes", *changes}});
    } else {
      log(what, {{"region", region}, {"shard", shard}, {"replica", replica}});
    }
  }
  if (state.log.Owes(state.up)) {
    owed_.insert(key);
  } else {
    owed_.erase(key);
  }
}

void UpstreamMetrics::SayOwed() {
  const MonoTime now = clock_.Mono();
  if (now < next_say_owed_) return;
  next_say_owed_ = now + std::chrono::seconds(1);
  const std::set<Key> owed = owed_;
  for (const Key& key : owed) {
    const auto it = replicas_.find(key);
    if (it == replicas_.end()) {
      owed_.erase(key);  // of a configuration that is no longer
    } else {
      Say(key, it->second);
    }
  }
}

bool UpstreamMetrics::RegionIsUp(const std::string& region) const {
  std::map<std::string, bool> shards;
  for (auto it = replicas_.lower_bound(KeyView(region, "", ""));
       it != replicas_.end() && std::get<0>(it->first) == region; ++it) {
    bool& up = shards[std::get<1>(it->first)];
    up = up || it->second.up;
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
