// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Synoptic's eye on itself: which regions it and its peers can reach, who is blind when they
// disagree, and the built-in alerts that say so.
//
// Lives on the event loop's executor.
#pragma once

#include <functional>
#include <string>

#include "alerting/observer/builtin_querier.h"
#include "alerting/observer/careful_querier.h"
#include "alerting/observer/judgement.h"
#include "alerting/observer/peer_watch.h"
#include "alerting/rule/rule.h"
#include "app/config.h"
#include "app/http_clients.h"
#include "app/upstream_metrics.h"

namespace synoptic::app {

class SelfWatch {
 public:
  // Fills what the rules, the outboxes and the store know.
  using Fill = std::function<void(alerting::Conditions&)>;

  // References outlive this object and `tasks`.
  SelfWatch(const boost::asio::any_io_executor& executor, TaskGroup& tasks, const Clock& clock,
            const UpstreamMetrics& upstreams, alerting::Querier& world, Fill fill);

  // REQUIRES: `clients` can serve every peer's TLS settings.
  void Apply(const Config& config, HttpClients& clients);
  // The built-in rules; asks this object.
  alerting::RuleGroup Group(bool watchdog);
  // The data of /api/v1/synoptic/observers.
  std::string ReportJson() const;
  // Parts of the world that answer and do not count: with old data, or by a clock that is off by
  // more than half of what queries look back.
  std::vector<alerting::DoubtfulPart> Doubtful() const;
  // By region: the share of its targets that it has lost lately.
  std::map<std::string, double> SeriesDrops() const;
  // Which of several replicas is first.
  const alerting::PeerWatch& peers() const { return peers_; }
  const ObserversConfig& config() const { return config_; }
  // Others can page in this observer's place, and should.
  bool LeavesPagingToOthers() const;

 private:
  alerting::ObserverReport Report() const;
  alerting::Conditions Now() const;

  const Clock& clock_;
  const UpstreamMetrics& upstreams_;
  alerting::Querier& world_;
  const Fill fill_;
  ObserversConfig config_;
  double most_skew_s_ = 150;
  alerting::PeerWatch peers_;
  alerting::BuiltinQuerier querier_;
};

}  // namespace synoptic::app
