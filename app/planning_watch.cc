// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Drills while they run: the part of PlanningService that follows a marker and looks for reasons to
// end.
#include <algorithm>
#include <chrono>

#include "aggregator/api/params.h"
#include "app/planning_params.h"
#include "app/planning_service.h"
#include "base/log.h"
#include "base/status.h"
#include "net/async/timer.h"

namespace synoptic::app {

using reports::Drill;

namespace {

constexpr auto kLookEvery = std::chrono::seconds(5);
constexpr auto kLookTimeout = std::chrono::seconds(20);

}  // namespace

Task<aggregator::PlanningReply> PlanningService::FailoverPlan(
    aggregator::PlanningQuestion question) {
  const auto desk = std::make_shared<const reports::ReadinessDesk>(Desk());
  const auto& regions = desk->capacity->spec().regions;
  CO_ASSIGN_OR_RETURN(const size_t from, RegionParameter(question, "from", regions));
  CO_ASSIGN_OR_RETURN(const size_t to, RegionParameter(question, "to", regions));
  if (from == to) {
    co_return aggregator::InvalidParameter("to", "expected another region than `from`");
  }
  const int64_t now_ms = clock_.WallMillis();
  CO_ASSIGN_OR_RETURN(const auto pair, co_await reports::JudgePair(door(), *desk, from, to, now_ms,
                                                                   question.deadline));
  std::vector<reports::AbortState> abort;
  for (const Drill& drill : desk->drills) {
    if (!drill.running()) continue;
    CO_ASSIGN_OR_RETURN(abort, co_await reports::WatchDrill(door(), readiness_.abort, drill, now_ms,
                                                            question.deadline));
  }
  aggregator::PlanningReply reply;
  reply.body = reports::PlanJson(*desk, pair, abort, now_ms);
  reply.verdict = reports::PlanStateName(reports::PlanStateOf(
      pair.verdict, regions[from].name, regions[to].name, desk->drills, abort, now_ms));
  co_return reply;
}

Task<> PlanningService::FollowMarker(int64_t now_ms) {
  CO_ASSIGN_OR_RETURN(const reports::Answer answer,
                      co_await querier_.Ask(readiness_.marker, promql::Grid::Instant(now_ms),
                                            Deadline::After(clock_, kLookTimeout)));
  CO_ASSIGN_OR_RETURN(const std::vector<Drill> drills, ledger_.All());
  const auto running = std::find_if(drills.begin(), drills.end(),
                                    [](const Drill& drill) { return drill.running(); });
  if (running == drills.end()) {
    auto marked = reports::MarkedDrill(answer, now_ms);
    if (!marked) co_return absl::OkStatus();
    const auto& regions = desk_->spec().regions;
    const bool known = std::any_of(regions.begin(), regions.end(),
                                   [&](const auto& r) { return r.name == marked->from; });
    if (!known) {
      co_return MakeStatus(absl::StatusCode::kInvalidArgument,
                           "the marker's label from=\"{}\" is no region", marked->from);
    }
    CO_ASSIGN_OR_RETURN(const Drill drill, Begin(*std::move(marked)));
    marked_id_ = drill.id;
    log::Info("a drill begins", {{"drill", drill.id}, {"by", "marker"}});
    co_return absl::OkStatus();
  }
  // What people began, people end; after a restart, too, for then nobody knows.
  if (marked_id_ != running->id || !reports::MarkIsGone(answer, *running)) {
    co_return absl::OkStatus();
  }
  Drill drill = *running;
  drill.finished_ms = now_ms;
  CO_ASSIGN_OR_RETURN(drill, co_await End(std::move(drill)));
  marked_id_.clear();
  log::Info("a drill is over", {{"drill", drill.id}, {"by", "marker"}});
  co_return absl::OkStatus();
}

Task<> PlanningService::WatchRunning(int64_t now_ms) {
  CO_ASSIGN_OR_RETURN(const std::vector<Drill> drills, ledger_.All());
  const auto running = std::find_if(drills.begin(), drills.end(),
                                    [](const Drill& drill) { return drill.running(); });
  std::vector<reports::AbortState> states;
  if (running != drills.end()) {
    CO_ASSIGN_OR_RETURN(states,
                        co_await reports::WatchDrill(door(), readiness_.abort, *running, now_ms,
                                                     Deadline::After(clock_, kLookTimeout)));
  }
  for (size_t i = 0; i < readiness_.abort.size(); ++i) {
    const domain::Verdict met = i < states.size() ? states[i].met : domain::Verdict::kFalse;
    metrics_
        .Gauge("synoptic_drill_abort",
               "1 while a drill runs whose abort condition is met, 0.5 when that is not known.",
               {{"id", readiness_.abort[i].id}})
        .Set(met == domain::Verdict::kTrue      ? 1
             : met == domain::Verdict::kUnknown ? 0.5
                                                : 0);
  }
  if (reports::AbortVerdict(states) != "ABORT" || abort_of_ == running->id) {
    co_return absl::OkStatus();
  }
  abort_of_ = running->id;
  for (const reports::AbortState& state : states) {
    if (state.met != domain::Verdict::kTrue) continue;
    log::Error("the drill must end", {{"drill", running->id}, {"condition", state.id}});
  }
  co_return absl::OkStatus();
}

Task<> PlanningService::KeepDrilling(int generation) {
  while (generation == generation_) {
    const int64_t now_ms = clock_.WallMillis();
    absl::Status status;
    if (!readiness_.marker.empty()) status = co_await FollowMarker(now_ms);
    if (absl::IsCancelled(status)) co_return status;
    if (!status.ok()) log::Warn("the drill marker", {{"why", MessageOf(status)}});
    status = co_await WatchRunning(now_ms);
    if (absl::IsCancelled(status)) co_return status;
    if (!status.ok()) log::Warn("abort conditions", {{"why", MessageOf(status)}});
    CO_RETURN_IF_ERROR(co_await SleepFor(clock_, kLookEvery));
  }
  co_return absl::OkStatus();
}

}  // namespace synoptic::app
