// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/self_watch.h"

#include <unistd.h>

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
      fill_(std::move(fill)),
      peers_(executor, tasks, clock),
      querier_([this] { return Now(); }, world) {}

void SelfWatch::Apply(const Config& config, HttpClients& clients) {
  config_ = config.observers;
  if (config_.name.empty()) config_.name = HostName();
  std::vector<alerting::PeerOptions> peers;
  for (const PeerConfig& peer : config_.peers) {
    peers.push_back({peer.name, peer.region, peer.origin, AuthHeaders(peer.auth),
                     *clients.Get(peer.tls, peer.auth)});
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
    report.regions.push_back({region, reachable, ""});
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
