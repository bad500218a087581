// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Readiness and drills: the part of PlanningService that looks at the ledger.
#include <algorithm>
#include <chrono>

#include "aggregator/api/params.h"
#include "app/planning_params.h"
#include "app/planning_service.h"
#include "base/go_format.h"
#include "base/log.h"
#include "base/status.h"

namespace synoptic::app {

using aggregator::InvalidParameter;
using aggregator::PlanningQuestion;
using aggregator::PlanningReply;
using reports::Drill;

namespace {

constexpr auto kMeasureTimeout = std::chrono::seconds(60);

std::string DateOf(int64_t ms) { return reports::TimeText(ms).substr(0, 10); }

// Times that a person knows better than the metrics.
absl::Status ReadMarks(const PlanningQuestion& question, Drill* drill) {
  for (const auto& [name, at] : {std::pair("fault", &drill->fault_ms),
                                 {"detected", &drill->detected_ms},
                                 {"decided", &drill->decided_ms},
                                 {"recovered", &drill->recovered_ms}}) {
    ASSIGN_OR_RETURN(*at, TimeParameter(question, name, *at));
  }
  return absl::OkStatus();
}

}  // namespace

reports::ReadinessDesk PlanningService::Desk() {
  reports::ReadinessDesk desk;
  desk.spec = readiness_;
  desk.capacity = desk_;
  auto drills = ledger_.All();
  if (drills.ok()) {
    desk.drills = *std::move(drills);
  } else {
    log::Warn("no drill ledger", {{"why", MessageOf(drills.status())}});
  }
  return desk;
}

Task<std::vector<reports::PairReadiness>> PlanningService::JudgeAll(
    std::shared_ptr<const reports::ReadinessDesk> desk, std::vector<size_t> from,
    std::vector<size_t> to, int64_t at_ms, Deadline deadline) {
  std::vector<reports::PairReadiness> pairs;
  for (const size_t a : from) {
    for (const size_t b : to) {
      if (a == b) continue;
      CO_ASSIGN_OR_RETURN(reports::PairReadiness pair,
                          co_await reports::JudgePair(door(), *desk, a, b, at_ms, deadline));
      pairs.push_back(std::move(pair));
    }
  }
  co_return pairs;
}

Task<PlanningReply> PlanningService::Readiness(PlanningQuestion question) {
  const auto desk = std::make_shared<const reports::ReadinessDesk>(Desk());
  const auto& regions = desk->capacity->spec().regions;
  CO_ASSIGN_OR_RETURN(const int64_t at_ms, TimeParameter(question, "at", clock_.WallMillis()));
  CO_ASSIGN_OR_RETURN(const std::optional<reports::Form> form, FormParameter(question));
  CO_ASSIGN_OR_RETURN(std::vector<size_t> from, RegionsParameter(question, "from", regions));
  CO_ASSIGN_OR_RETURN(std::vector<size_t> to, RegionsParameter(question, "to", regions));
  if (from.size() == 1 && from == to) {
    co_return InvalidParameter("to", "expected another region than `from`");
  }
  // Neither given: every pair.
  for (std::vector<size_t>* list : {&from, &to}) {
    if (!list->empty()) continue;
    for (size_t r = 0; r < regions.size(); ++r) list->push_back(r);
  }
  CO_ASSIGN_OR_RETURN(const auto pairs,
                      co_await JudgeAll(desk, from, to, at_ms, question.deadline));
  PlanningReply reply;
  if (form) {
    reply.media_type = reports::MediaType(*form);
    reply.body = reports::Render(reports::ReadinessDocument(*desk, pairs, at_ms), *form);
  } else {
    reply.body = reports::ReadinessJson(*desk, pairs, at_ms);
  }
  if (pairs.size() == 1) reply.verdict = domain::ReadinessName(pairs[0].verdict);
  co_return reply;
}

Task<Drill> PlanningService::StartDrill(PlanningQuestion question) {
  const auto& regions = desk_->spec().regions;
  Drill drill;
  CO_ASSIGN_OR_RETURN(const size_t from, RegionParameter(question, "from", regions));
  CO_ASSIGN_OR_RETURN(const std::vector<size_t> to, RegionsParameter(question, "to", regions));
  drill.from = regions[from].name;
  if (to.size() == 1) drill.to = regions[to[0]].name;
  if (drill.to == drill.from) {
    co_return InvalidParameter("to", "expected another region than `from`");
  }
  drill.kind = ParameterOf(question, "kind");
  if (drill.kind.empty()) drill.kind = "traffic";
  drill.planned = ParameterOf(question, "planned") != "false";
  drill.fault_ms = clock_.WallMillis();
  CO_RETURN_IF_ERROR(ReadMarks(question, &drill));
  co_return Begin(std::move(drill));
}

absl::StatusOr<Drill> PlanningService::Begin(Drill drill) {
  ASSIGN_OR_RETURN(const std::vector<Drill> drills, ledger_.All());
  for (const Drill& other : drills) {
    if (other.running()) {
      return MakeStatus(absl::StatusCode::kFailedPrecondition,
                        "drill {} is running; finish it first", other.id);
    }
  }
  const std::string base = fmt::format("{}-{}-{}", DateOf(drill.fault_ms), drill.from, drill.kind);
  drill.id = base;
  const auto taken = [&] {
    return std::any_of(drills.begin(), drills.end(),
                       [&](const Drill& other) { return other.id == drill.id; });
  };
  for (int n = 2; taken(); ++n) drill.id = fmt::format("{}-{}", base, n);
  if (const auto evidence = reports::EvidenceOf(drills, drill.from, readiness_.rto_s)) {
    drill.predicted_rto_s = evidence->p50;
  }
  RETURN_IF_ERROR(ledger_.Put(drill));
  return drill;
}

Task<Drill> PlanningService::FinishDrill(PlanningQuestion question) {
  CO_ASSIGN_OR_RETURN(const std::vector<Drill> drills, ledger_.All());
  const std::string_view id = ParameterOf(question, "id");
  const Drill* found = nullptr;
  for (const Drill& drill : drills) {
    if (id.empty() ? drill.running() : drill.id == id) found = &drill;
  }
  if (found == nullptr) {
    co_return id.empty() ? absl::FailedPreconditionError("no drill is running")
                         : InvalidParameter("id", fmt::format("no drill {}", GoQuote(id)));
  }
  Drill drill = *found;
  CO_ASSIGN_OR_RETURN(drill.finished_ms, TimeParameter(question, "at", clock_.WallMillis()));
  CO_RETURN_IF_ERROR(ReadMarks(question, &drill));
  if (drill.finished_ms < drill.fault_ms) {
    co_return InvalidParameter("at", "expected a time after the fault");
  }
  co_return co_await End(std::move(drill));
}

Task<Drill> PlanningService::End(Drill drill) {
  drill.notes.clear();
  CO_ASSIGN_OR_RETURN(drill,
                      co_await reports::MeasureDrill(door(), readiness_.measures, std::move(drill),
                                                     Deadline::After(clock_, kMeasureTimeout)));
  const int64_t now_ms = clock_.WallMillis();
  CO_RETURN_IF_ERROR(
      co_await slos_.Refresh(door(), now_ms, Deadline::After(clock_, kMeasureTimeout)));
  drill.budget = slos_.SpentBetween(
      drill.fault_ms, drill.recovered_ms != 0 ? drill.recovered_ms : drill.finished_ms, now_ms);
  std::map<std::string, double> spent;
  for (const Drill::Spent& part : drill.budget) spent[part.objective] += part.share;
  drill.budget_spent.reset();
  for (const auto& [objective, share] : spent) {
    drill.budget_spent = std::max(drill.budget_spent.value_or(share), share);
  }
  CO_RETURN_IF_ERROR(ledger_.Put(drill));
  co_return drill;
}

Task<PlanningReply> PlanningService::Drills(PlanningQuestion question) {
  CO_ASSIGN_OR_RETURN(const std::optional<reports::Form> form, FormParameter(question));
  const std::string action(ParameterOf(question, "action"));
  std::optional<Drill> one;
  if (action == "start" || action == "finish") {
    if (question.method != "POST") co_return InvalidParameter("action", "expected POST");
    auto drill = action == "start" ? co_await StartDrill(question) : co_await FinishDrill(question);
    if (!drill.ok()) co_return drill.status();
    one = *std::move(drill);
  } else if (!action.empty() && action != "status") {
    co_return InvalidParameter(
        "action", fmt::format("expected start, finish or status, got {}", GoQuote(action)));
  }
  CO_ASSIGN_OR_RETURN(std::vector<Drill> drills, ledger_.All());
  CO_ASSIGN_OR_RETURN(auto calendar,
                      reports::CalendarOf(readiness_.calendar, drills, clock_.WallMillis()));
  const auto running = std::find_if(drills.begin(), drills.end(),
                                    [](const Drill& drill) { return drill.running(); });
  std::vector<reports::AbortState> abort;
  if (!one && running != drills.end()) {
    CO_ASSIGN_OR_RETURN(
        abort, co_await reports::WatchDrill(door(), readiness_.abort, *running, clock_.WallMillis(),
                                            question.deadline));
  }
  PlanningReply reply;
  if (action == "status") {
    if (running == drills.end()) co_return absl::FailedPreconditionError("no drill is running");
    one = *running;
    reply.verdict = reports::AbortVerdict(abort);
  }
  if (one) drills = {*one}, calendar.clear();
  if (form) {
    reply.media_type = reports::MediaType(*form);
    reports::Document document =
        reports::DrillsDocument(drills, calendar, readiness_.rto_s, clock_.WallMillis());
    if (!abort.empty()) document.sections.push_back(reports::AbortSection(abort));
    document.verdict = reply.verdict;
    reply.body = reports::Render(document, *form);
  } else {
    reply.body = one ? reports::DrillJson(*one) : reports::DrillsJson(drills, calendar);
    if (!one || action == "status") {
      reply.body.pop_back();
      reply.body += ",\"abort\":" + reports::AbortJson(abort) + "}";
    }
  }
  co_return reply;
}

void PlanningService::CollectDrills() {
  if (readiness_.calendar.empty()) return;
  const auto drills = ledger_.All();
  if (!drills.ok()) return;
  const auto calendar = reports::CalendarOf(readiness_.calendar, *drills, clock_.WallMillis());
  if (!calendar.ok()) return;
  for (const reports::CalendarEntry& entry : *calendar) {
    const Metrics::LabelMap labels = {{"kind", entry.kind}};
    metrics_
        .Gauge(
            "synoptic_drill_overdue",
            "0 while drills of that kind are within their cadence, 0.5 when due, 1 when overdue.",
            labels)
        .Set(entry.state == domain::DrillState::kOk    ? 0
             : entry.state == domain::DrillState::kDue ? 0.5
                                                       : 1);
    metrics_
        .Gauge("synoptic_drill_last_success_timestamp_seconds",
               "When the last drill of that kind finished; 0: never.", labels)
        .Set(static_cast<double>(entry.last_ms) / 1000);
  }
  for (const reports::DrillCadence& cadence : readiness_.calendar) {
    const Metrics::LabelMap labels = {{"kind", cadence.kind}};
    metrics_
        .Gauge("synoptic_drill_cadence_seconds", "How often drills of that kind are to be held.",
               labels)
        .Set(cadence.every_s);
    metrics_
        .Gauge("synoptic_drill_grace_seconds", "How long after that a drill is overdue.", labels)
        .Set(cadence.grace_s);
  }
}

}  // namespace synoptic::app
