// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/planning_service.h"

#include <algorithm>
#include <chrono>

#include "app/planning_params.h"
#include "base/log.h"
#include "base/status.h"
#include "net/async/timer.h"
#include "reports/what_if_document.h"

namespace synoptic::app {
namespace {

using aggregator::PlanningQuestion;
using aggregator::PlanningReply;

constexpr auto kRefreshTimeout = std::chrono::seconds(20);

PlanningReply Rendered(const reports::Document& document, reports::Form form) {
  PlanningReply reply;
  reply.media_type = reports::MediaType(form);
  reply.body = reports::Render(document, form);
  return reply;
}

}  // namespace

Task<reports::Answer> ReportQuerier::Ask(std::string expr, promql::Grid grid, Deadline deadline) {
  aggregator::QueryRequest request;
  request.text = std::move(expr);
  request.grid = grid;
  request.range_query = grid.size() > 1;
  request.deadline = deadline;
  // A report says what is missing; it does not fail for it.
  request.partial = aggregator::PartialPolicy::kDegrade;
  CO_ASSIGN_OR_RETURN(aggregator::QueryAnswer result, co_await service_->Query(std::move(request)));
  reports::Answer answer;
  answer.grid = grid;
  for (promql::StepSeries& series : result.value.series) {
    answer.series.push_back({std::move(series.labels), std::move(series.values)});
  }
  for (const aggregator::PartCoverage& part : result.coverage.parts()) {
    if (part.reason.empty()) continue;
    if (answer.unseen.empty() || answer.unseen.back().region != part.region) {
      answer.unseen.push_back({part.region, part.reason});
    }
  }
  answer.warnings = result.annotations.warnings();
  co_return answer;
}

PlanningService::PlanningService(boost::asio::any_io_executor executor, TaskGroup& tasks,
                                 const Clock& clock, Metrics& metrics, Fs& fs,
                                 const std::string& data_dir)
    : executor_(std::move(executor)),
      tasks_(tasks),
      clock_(clock),
      metrics_(metrics),
      ledger_(data_dir + "/drills.db"),
      fs_(fs) {
  metrics_.OnCollect([this] { CollectDrills(); });
}

void PlanningService::Apply(const Config& config, const std::vector<alerting::Slo>& slos,
                            aggregator::QueryService* service) {
  querier_.SetService(service);
  auto desk = std::make_shared<reports::CapacityDesk>(config.capacity);
  if (desk_ != nullptr) desk->TakeMemoryOf(*desk_);
  desk_ = std::move(desk);
  readiness_ = config.readiness;
  slos_.Apply(slos, config.capacity.regions);
  ++generation_;
  if (!slos_.empty()) tasks_.Spawn(executor_, "objectives", KeepCounting(generation_));
  if (!config.reports.directory.empty()) {
    tasks_.Spawn(executor_, "reports", KeepWriting(generation_, config.reports));
  }
  if (!readiness_.abort.empty() || !readiness_.marker.empty()) {
    tasks_.Spawn(executor_, "drills", KeepDrilling(generation_));
  }
  if (!config.capacity.resources.empty()) {
    tasks_.Spawn(executor_, "headroom", KeepFresh(generation_));
  }
}

Task<PlanningReply> PlanningService::Answer(PlanningQuestion question) {
  if (question.topic == "whatif" || question.topic == "capacity") {
    co_return co_await WhatIf(std::move(question));
  }
  if (question.topic == "readiness") co_return co_await Readiness(std::move(question));
  if (question.topic == "failover") co_return co_await FailoverPlan(std::move(question));
  if (question.topic == "slos") co_return co_await Slos(std::move(question));
  if (question.topic == "reports") co_return co_await Report(std::move(question));
  if (question.topic == "drills") co_return co_await Drills(std::move(question));
  co_return MakeStatus(absl::StatusCode::kNotFound, "no such question: {}", question.topic);
}

Task<PlanningReply> PlanningService::WhatIf(PlanningQuestion question) {
  const auto desk = desk_;  // a reload may bring another meanwhile
  const reports::CapacitySpec& spec = desk->spec();
  if (spec.resources.empty()) {
    co_return absl::FailedPreconditionError(
        "no capacity is configured: add capacity.resources to the configuration");
  }
  CO_ASSIGN_OR_RETURN(const int64_t at_ms, TimeParameter(question, "at", clock_.WallMillis()));
  CO_ASSIGN_OR_RETURN(const std::optional<reports::Form> form, FormParameter(question));
  reports::Scenario scenario;
  CO_ASSIGN_OR_RETURN(scenario.growth, FactorParameter(question, "growth", 1));
  CO_ASSIGN_OR_RETURN(scenario.lose, RegionsParameter(question, "lose", spec.regions));
  if (question.topic == "whatif" && scenario.lose.empty()) {
    co_return absl::InvalidArgumentError(
        "invalid parameter \"lose\": expected a region, got nothing");
  }
  CO_ASSIGN_OR_RETURN(const reports::CapacityInputs inputs,
                      co_await desk->Gather(door(), at_ms, true, question.deadline));
  CO_ASSIGN_OR_RETURN(const reports::WhatIf answer,
                      reports::AskWhatIf(spec, inputs.pools, scenario));
  PlanningReply reply;
  if (form) {
    reply = Rendered(reports::WhatIfDocument(spec, inputs, answer), *form);
  } else {
    reply.body = reports::WhatIfJson(spec, inputs, answer);
    reply.warnings = answer.notes;
  }
  reply.verdict = reports::FitName(answer.fits);
  co_return reply;
}

Task<> PlanningService::KeepFresh(int generation) {
  while (generation == generation_) {
    const auto desk = desk_;
    if (const absl::Status status = co_await Refresh(desk); !status.ok()) {
      if (absl::IsCancelled(status)) co_return status;
      log::Warn("headroom is not known", {{"why", MessageOf(status)}});
    }
    CO_RETURN_IF_ERROR(
        co_await SleepFor(clock_, std::chrono::milliseconds(desk->spec().interval_ms)));
  }
  co_return absl::OkStatus();
}

Task<> PlanningService::Refresh(std::shared_ptr<reports::CapacityDesk> desk) {
  const reports::CapacitySpec& spec = desk->spec();
  const int64_t now_ms = clock_.WallMillis();
  OwnSeries series(metrics_, records_);
  CO_ASSIGN_OR_RETURN(
      const reports::CapacityInputs inputs,
      co_await desk->Gather(door(), now_ms, false, Deadline::After(clock_, kRefreshTimeout)));
  for (size_t lost = 0; lost < spec.regions.size(); ++lost) {
    CO_ASSIGN_OR_RETURN(const reports::WhatIf answer,
                        reports::AskWhatIf(spec, inputs.pools, {{lost}, 1}));
    // The tightest pool of each resource: pools come and go, and 200 of them would be 200 series.
    std::map<size_t, double> headroom;
    std::map<size_t, bool> fits;
    for (const reports::PoolOutcome& pool : answer.pools) {
      fits.try_emplace(pool.resource, true).first->second &= pool.fits == domain::Verdict::kTrue;
      if (!pool.tightest) continue;
      const auto [it, fresh] = headroom.try_emplace(pool.resource, pool.tightest_fraction);
      if (!fresh) it->second = std::min(it->second, pool.tightest_fraction);
    }
    for (const auto& [resource, good] : fits) {
      const Metrics::LabelMap labels = {{"resource", spec.resources[resource].name},
                                        {"lost", spec.regions[lost].name}};
      series.Set("synoptic_headroom_fits",
                 "1 when losing that region fits in what serves now, in every pool; 0 when not, or "
                 "when nobody knows.",
                 labels, good ? 1 : 0);
      if (!headroom.contains(resource)) continue;
      series.Set(
          "synoptic_headroom_ratio",
          "Headroom left when that region is lost, of the tightest survivor's usable supply.",
          labels, headroom[resource]);
    }
  }
  const absl::Status kept = series.Keep("headroom", now_ms, spec.interval_ms);
  if (!kept.ok()) log::Warn("headroom is not kept", {{"why", MessageOf(kept)}});
  co_return absl::OkStatus();
}

}  // namespace synoptic::app
