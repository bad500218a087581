// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/self_watch.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "alerting/observer/builtin_rules.h"

namespace synoptic::app {
namespace {

std::string HostName() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

SelfWatch::SelfWatch(const boost::asio::any_io_executor& executor, TaskGroup& tasks,
                     const Clock& clock, const UpstreamMetrics& upstreams, alerting::Querier& world,
                     Fill fill)
    : clock_(clock),
      upstreams_(upstreams),
      world_(world),
      fill_(std::move(fill)),
      peers_(executor, tasks, clock),
      querier_([this] { return Now(); }, world) {}

void SelfWatch::Apply(const Config& config, HttpClients& clients) {
  config_ = config.observers;
  most_skew_s_ = static_cast<double>(config.global.query.lookback_delta_ms) / 2000;
  if (config_.name.empty()) config_.name = HostName();
  std::vector<alerting::PeerOptions> peers;
  for (const PeerConfig& peer : config_.peers) {
    peers.push_back({peer.name, peer.region, peer.origin, AuthHeaders(peer.auth),
                     *clients.Get(peer.tls, peer.auth), peer.replica});
  }
  peers_.SetPeers(std::move(peers), std::chrono::milliseconds(config_.interval_ms));
}

alerting::RuleGroup SelfWatch::Group(bool watchdog) {
  alerting::RuleGroup group =
      alerting::BuiltinGroup({config_.interval_ms, config_.confirm_ms, watchdog});
  group.querier = &querier_;
  return group;
}

alerting::ObserverReport SelfWatch::Report() const {
  alerting::ObserverReport report;
  report.observer = config_.name;
  report.region = config_.region;
  report.time_ms = clock_.WallMillis();
  for (const auto& [region, reachable] : upstreams_.Reachable()) {
    alerting::RegionSight& sight = report.regions.emplace_back();
    sight.region = region;
    sight.reachable = reachable;
    const auto skew = upstreams_.ClockSkews().find(region);
    if (skew != upstreams_.ClockSkews().end()) sight.clock_skew_s = skew->second;
  }
  const alerting::Judgement judgement = alerting::JudgeRegions(report, peers_.Peers());
  report.isolated = judgement.isolated;
  for (alerting::RegionSight& sight : report.regions) {
    sight.verdict = domain::ReachabilityName(domain::Reachability::kOk);
    for (const alerting::RegionJudgement& judged : judgement.regions) {
      if (judged.region == sight.region) sight.verdict = domain::ReachabilityName(judged.verdict);
    }
  }
  return report;
}

std::vector<alerting::DoubtfulPart> SelfWatch::Doubtful() const {
  std::vector<alerting::DoubtfulPart> parts;
  for (const promql::Labels& labels : querier_.StaleParts()) parts.push_back({labels, "stale"});
  const std::shared_ptr<const promql::Topology> world = world_.World();
  if (world == nullptr) return parts;
  for (const auto& [region, skew] : upstreams_.ClockSkews()) {
    if (std::abs(skew) <= most_skew_s_) continue;
    for (const promql::TopologyShard& shard : world->shards) {
      if (shard.region == region) parts.push_back({shard.labels, "clock"});
    }
  }
  return parts;
}

std::map<std::string, double> SelfWatch::SeriesDrops() const {
  std::map<std::string, double> drops;
  const std::shared_ptr<const promql::Topology> world = world_.World();
  if (world == nullptr) return drops;
  for (const promql::TopologyShard& shard : world->shards) {
    double& drop = drops[shard.region];
    const auto it = querier_.SeriesDrops().find(shard.labels);
    if (it != querier_.SeriesDrops().end()) drop = std::max(drop, it->second);
  }
  return drops;
}

std::string SelfWatch::ReportJson() const {
  return alerting::EncodeReport(Report(), peers_.Peers());
}

bool SelfWatch::LeavesPagingToOthers() const { return !config_.peers.empty() && Report().isolated; }

alerting::Conditions SelfWatch::Now() const {
  alerting::Conditions now;
  now.observer = config_.name;
  const alerting::Judgement judgement = alerting::JudgeRegions(Report(), peers_.Peers());
  now.isolated = judgement.isolated;
  now.unreachable_count = judgement.unreachable;
  for (const alerting::RegionJudgement& region : judgement.regions) {
    now.unreachable.push_back({region.region, static_cast<int>(region.confirmed_by.size())});
  }
  fill_(now);
  return now;
}

}  // namespace synoptic::app
