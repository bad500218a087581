// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Alerting, wired: rules ask the query service through one door, alerts go out through outboxes,
// and the API sees both. aggregator and alerting meet here only.
//
// Lives on the event loop's executor.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aggregator/api/rule_view.h"
#include "aggregator/query/query_service.h"
#include "alerting/notify/notifier.h"
#include "alerting/notify/replica_turns.h"
#include "alerting/rule/rule_manager.h"
#include "app/config.h"
#include "app/http_clients.h"
#include "app/recorder.h"
#include "app/self_watch.h"
#include "app/service_querier.h"
#include "base/metrics.h"
#include "promql/model/topology.h"

namespace synoptic::app {

class RuleService final : public aggregator::RuleView {
 public:
  // References outlive this object and `tasks`.
  RuleService(const boost::asio::any_io_executor& executor, TaskGroup& tasks, const Clock& clock,
              Rng& rng, Metrics& metrics, const UpstreamMetrics& upstreams, Recorder& records);

  ServiceQuerier& querier() { return querier_; }
  // Before the first Apply: where alert state is kept, and what the last process left there.
  void SetStore(alerting::OpenedStore opened);
  // One route an Alertmanager address and webhook; made before anything is applied, as it may fail.
  static absl::StatusOr<std::vector<alerting::Route>> MakeRoutes(const Config& config,
                                                                 const std::string& external_url,
                                                                 HttpClients& clients);
  // Unchanged groups and receivers go on undisturbed.
  void Apply(const Config& config, std::string external_url, std::vector<alerting::Route> routes,
             std::vector<alerting::RuleGroup> groups, HttpClients& clients);
  // Sends what waits, for shutdown.
  Task<> Drain(Deadline deadline) { return notifier_.Drain(deadline); }

  // The group of that file and name, while it runs; else null.
  const alerting::RuleGroup* FindGroup(const std::string& file, const std::string& name) const;
  std::vector<aggregator::RuleGroupInfo> Groups() const override;
  absl::StatusOr<aggregator::BackfillInfo> Backfill(int64_t start_ms, int64_t end_ms,
                                                    std::string_view group) const override;
  std::string ObserversJson() const { return watch_.ReportJson(); }
  std::string DeliveriesJson(int64_t since) const {
    return alerting::EncodeDeliveries(turns_.own().Since(since));
  }
  // Every group has finished an evaluation within three intervals.
  bool Evaluating() const;

 private:
  alerting::Conditions::Expected ExpectedOf(const alerting::RuleGroup& group,
                                            const alerting::Rule& rule) const;
  void FillConditions(alerting::Conditions& now) const;
  void OnEvaluation(const alerting::GroupEvaluation& evaluation);
  void Collect();

  Metrics& metrics_;
  Recorder& records_;
  ServiceQuerier querier_;
  alerting::CarefulQuerier careful_;
  std::unique_ptr<alerting::StateStore> store_;
  alerting::Notifier notifier_;
  alerting::RuleManager manager_;
  SelfWatch watch_;
  alerting::ReplicaTurns turns_;
  const Clock& clock_;
  int64_t applied_at_ms_ = 0;
  std::map<std::string, double> shown_drops_;  // by region, as of the last scrape
  std::map<std::string, promql::Labels> region_labels_;
};

}  // namespace synoptic::app
