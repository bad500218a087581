// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The planner's questions, wired: reports ask the query service through one door, the API hands
// questions on, and a loop keeps the headroom series fresh.
//
// Lives on the event loop's executor.
#pragma once

#include <memory>
#include <string>

#include "aggregator/api/planning_view.h"
#include "aggregator/query/query_service.h"
#include "app/config.h"
#include "app/drill_ledger.h"
#include "app/own_series.h"
#include "app/slo_alerts.h"
#include "app/slo_desk.h"
#include "base/metrics.h"
#include "reports/capacity_desk.h"
#include "reports/document.h"
#include "reports/drill_watch.h"
#include "reports/failover_plan.h"
#include "reports/readiness.h"

namespace synoptic::app {

// The query service as reports see it: answers with what is there, and says what is missing.
class ReportQuerier final : public reports::Querier {
 public:
  // For questions from now on; `service` outlives their answers.
  void SetService(aggregator::QueryService* service) { service_ = service; }
  Task<reports::Answer> Ask(std::string expr, promql::Grid grid, Deadline deadline) override;

 private:
  aggregator::QueryService* service_ = nullptr;
};

class PlanningService final : public aggregator::PlanningView {
 public:
  // References outlive this object and `tasks`.
  PlanningService(boost::asio::any_io_executor executor, TaskGroup& tasks, const Clock& clock,
                  Metrics& metrics, Fs& fs, const std::string& data_dir);

  void Apply(const Config& config, const std::vector<alerting::Slo>& slos,
             aggregator::QueryService* service);
  // The burn-rate alerts of the objectives that were applied. They ask this object.
  std::vector<alerting::RuleGroup> BurnRules(const std::vector<alerting::Slo>& slos) {
    return app::BurnRules(slos, kBurnIntervalMs, &slo_querier_);
  }

  // Where counts of objectives are kept. Once, before Apply; `pool` outlives this object.
  void CountIn(std::shared_ptr<aggregator::SeriesStore> store, ComputePool& pool) {
    slos_.KeepIn(std::move(store), pool);
  }
  // Where headroom and budgets are kept as series, from the next refresh on; null: nowhere.
  void RecordTo(alerting::RecordSink* records) { records_ = records; }

  Task<aggregator::PlanningReply> Answer(aggregator::PlanningQuestion question) override;

 private:
  Task<aggregator::PlanningReply> WhatIf(aggregator::PlanningQuestion question);
  Task<aggregator::PlanningReply> Readiness(aggregator::PlanningQuestion question);
  Task<std::vector<reports::PairReadiness>> JudgeAll(
      std::shared_ptr<const reports::ReadinessDesk> desk, std::vector<size_t> from,
      std::vector<size_t> to, int64_t at_ms, Deadline deadline);
  Task<aggregator::PlanningReply> FailoverPlan(aggregator::PlanningQuestion question);
  Task<aggregator::PlanningReply> Drills(aggregator::PlanningQuestion question);
  Task<reports::Drill> StartDrill(aggregator::PlanningQuestion question);
  Task<reports::Drill> FinishDrill(aggregator::PlanningQuestion question);
  absl::StatusOr<reports::Drill> Begin(reports::Drill drill);
  Task<reports::Drill> End(reports::Drill drill);
  // Starts and finishes drills that a metric marks, and watches the one that runs.
  Task<> KeepDrilling(int generation);
  Task<> FollowMarker(int64_t now_ms);
  Task<> WatchRunning(int64_t now_ms);
  reports::ReadinessDesk Desk();
  Task<aggregator::PlanningReply> Slos(aggregator::PlanningQuestion question);
  Task<aggregator::PlanningReply> Report(aggregator::PlanningQuestion question);
  // One of capacity, slo, readiness, drills.
  Task<reports::Document> MakeReport(std::string name, int64_t at_ms, Deadline deadline);
  // Counts what is new of every objective, for as long as `generation` is the newest.
  Task<> KeepCounting(int generation);
  // Writes the scheduled reports.
  Task<> KeepWriting(int generation, ReportSchedule schedule);
  Task<> WriteReports(const ReportSchedule& schedule);
  void CollectDrills();
  // Asks every `interval` for as long as `generation` is the newest, and sets the gauges.
  Task<> KeepFresh(int generation);
  Task<> Refresh(std::shared_ptr<reports::CapacityDesk> desk);
  reports::Door door() { return {querier_, tasks_, clock_}; }

  const boost::asio::any_io_executor executor_;
  TaskGroup& tasks_;
  const Clock& clock_;
  Metrics& metrics_;
  alerting::RecordSink* records_ = nullptr;
  ReportQuerier querier_;
  std::shared_ptr<reports::CapacityDesk> desk_;
  reports::ReadinessSpec readiness_;
  DrillLedger ledger_;
  static constexpr int64_t kBurnIntervalMs = 30'000;
  SloDesk slos_;
  SloQuerier slo_querier_{slos_};
  Fs& fs_;
  std::string marked_id_;  // of the drill that a metric marks
  std::string abort_of_;   // the drill whose abort was told
  int generation_ = 0;
};

}  // namespace synoptic::app
