// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What upstreams report, as metrics and log lines. Lives on the event loop's executor.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "aggregator/upstream/inventory.h"
#include "aggregator/upstream/upstream.h"
#include "app/flap_log.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "domain/verdict/clock_skew.h"

namespace synoptic::app {

class UpstreamMetrics final : public aggregator::UpstreamObserver {
 public:
  UpstreamMetrics(Metrics& metrics, const Clock& clock) : metrics_(metrics), clock_(clock) {}

  // The replicas there are from now on; gauges of others go away.
  void SetInventory(const aggregator::Inventory& inventory);

  // Every region, and whether any of its servers answered its last probe.
  std::map<std::string, bool> Reachable() const;

  // By how many seconds the clocks of each region are ahead of ours (negative: behind): of the
  // server that is off most. Of regions that have answered.
  const std::map<std::string, double>& ClockSkews() const { return skews_; }

  void OnDate(const aggregator::ReplicaId& id, int64_t sent_ms, int64_t received_ms,
              int64_t date_s) override;
  void OnRequest(const aggregator::ReplicaId& id, std::string_view code, MonoDuration duration,
                 int64_t bytes) override;
  void OnExtra(const aggregator::ReplicaId& id, std::string_view why) override;
  void OnState(const aggregator::ReplicaId& id, aggregator::BreakerState breaker, bool up) override;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // region, shard, replica
  using KeyView = std::tuple<std::string_view, std::string_view, std::string_view>;
  // Kept, because finding a metric by its labels is no trifle for each of a thousand answers.
  struct Requests {
    Histogram duration;
    Counter bytes;
    std::map<std::string, Counter, std::less<>> count;  // by code
  };
  struct State {
    bool up = true;
    aggregator::BreakerState breaker = aggregator::BreakerState::kClosed;
    bool told = false;
    FlapLog log;
    domain::ClockSkew clock;
    Gauge told_up;  // once something was told
    Gauge told_breaker;
  };
  static Metrics::LabelMap LabelsOf(const Key& key);
  Requests& RequestsOf(const aggregator::ReplicaId& id);
  void Say(const Key& key, State& state);
  // What was not said when it changed, once its time has come.
  void SayOwed();
  // True when every shard of the region has a replica that is up.
  bool RegionIsUp(const std::string& region) const;
  void TellRegion(const std::string& region);
  void TellClock(const std::string& region);

  Metrics& metrics_;
  const Clock& clock_;
  std::map<Key, State, std::less<>> replicas_;
  std::map<Key, Requests, std::less<>> requests_;  // of former replicas, too
  std::set<Key> owed_;                             // whose state is other than the log says
  MonoTime next_say_owed_{};                       // not to look at each request
  std::map<std::string, bool> region_up_;
  std::map<std::string, double> skews_;
};

}  // namespace synoptic::app
