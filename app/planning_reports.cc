// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Objectives and reports: the part of PlanningService that makes documents.
#include <chrono>

#include "aggregator/api/params.h"
#include "app/planning_params.h"
#include "app/planning_service.h"
#include "base/go_format.h"
#include "base/log.h"
#include "base/status.h"
#include "net/async/timer.h"
#include "reports/capacity_report.h"

namespace synoptic::app {

using aggregator::InvalidParameter;
using aggregator::PlanningQuestion;
using aggregator::PlanningReply;

namespace {

constexpr auto kCountEvery = std::chrono::seconds(60);
constexpr auto kQuestionTimeout = std::chrono::seconds(60);
constexpr auto kReportTimeout = std::chrono::seconds(120);

}  // namespace

Task<PlanningReply> PlanningService::Slos(PlanningQuestion question) {
  CO_ASSIGN_OR_RETURN(const std::optional<reports::Form> form, FormParameter(question));
  const std::string id(ParameterOf(question, "id"));
  const int64_t now_ms = clock_.WallMillis();
  CO_RETURN_IF_ERROR(co_await slos_.Refresh(door(), now_ms, question.deadline));
  PlanningReply reply;
  if (form) {
    CO_ASSIGN_OR_RETURN(const reports::Document document, slos_.DocumentOf(id, now_ms));
    reply.media_type = reports::MediaType(*form);
    reply.body = reports::Render(document, *form);
  } else {
    CO_ASSIGN_OR_RETURN(reply.body, slos_.JsonOf(id, now_ms));
  }
  co_return reply;
}

Task<reports::Document> PlanningService::MakeReport(std::string name, int64_t at_ms,
                                                    Deadline deadline) {
  if (name == "capacity") {
    const auto desk = desk_;
    if (desk->spec().resources.empty()) {
      co_return absl::FailedPreconditionError(
          "no capacity is configured: add capacity.resources to the configuration");
    }
    CO_ASSIGN_OR_RETURN(reports::Document document,
                        co_await reports::CapacityReport(door(), *desk, at_ms, deadline));
    if (!readiness_.flows.empty()) {
      document.sections.push_back(reports::VisibilitySection(readiness_, desk->spec().regions));
    }
    co_return document;
  }
  if (name == "slo") {
    CO_RETURN_IF_ERROR(co_await slos_.Refresh(door(), at_ms, deadline));
    co_return slos_.DocumentOf("", at_ms);
  }
  if (name == "readiness") {
    const auto desk = std::make_shared<const reports::ReadinessDesk>(Desk());
    std::vector<size_t> all(desk->capacity->spec().regions.size());
    for (size_t r = 0; r < all.size(); ++r) all[r] = r;
    CO_ASSIGN_OR_RETURN(const auto pairs, co_await JudgeAll(desk, all, all, at_ms, deadline));
    co_return reports::ReadinessDocument(*desk, pairs, at_ms);
  }
  if (name == "drills") {
    CO_ASSIGN_OR_RETURN(const std::vector<reports::Drill> drills, ledger_.All());
    CO_ASSIGN_OR_RETURN(const auto calendar,
                        reports::CalendarOf(readiness_.calendar, drills, at_ms));
    co_return reports::DrillsDocument(drills, calendar, readiness_.rto_s, at_ms);
  }
  co_return InvalidParameter(
      "name", fmt::format("expected capacity, slo, readiness or drills, got {}", GoQuote(name)));
}

Task<PlanningReply> PlanningService::Report(PlanningQuestion question) {
  CO_ASSIGN_OR_RETURN(const std::optional<reports::Form> form, FormParameter(question));
  CO_ASSIGN_OR_RETURN(const int64_t at_ms, TimeParameter(question, "at", clock_.WallMillis()));
  CO_ASSIGN_OR_RETURN(
      const reports::Document document,
      co_await MakeReport(std::string(ParameterOf(question, "name")), at_ms, question.deadline));
  PlanningReply reply;
  reply.body = reports::Render(document, form.value_or(reports::Form::kJson));
  if (form) reply.media_type = reports::MediaType(*form);
  co_return reply;
}

Task<> PlanningService::KeepCounting(int generation) {
  while (generation == generation_) {
    const int64_t now_ms = clock_.WallMillis();
    const absl::Status status =
        co_await slos_.Refresh(door(), now_ms, Deadline::After(clock_, kQuestionTimeout));
    if (absl::IsCancelled(status)) co_return status;
    OwnSeries series(metrics_, records_);
    slos_.Tell(series, now_ms);
    const absl::Status kept =
        series.Keep("objectives", now_ms, std::chrono::milliseconds(kCountEvery).count());
    if (!kept.ok()) log::Warn("budgets are not kept", {{"why", MessageOf(kept)}});
    const int64_t wait_ms = SloDesk::NextCountMs(clock_.WallMillis()) - clock_.WallMillis();
    CO_RETURN_IF_ERROR(co_await SleepFor(clock_, std::chrono::milliseconds(wait_ms)));
  }
  co_return absl::OkStatus();
}

Task<> PlanningService::WriteReports(const ReportSchedule& schedule) {
  CO_RETURN_IF_ERROR(fs_.CreateDirectories(schedule.directory));
  const int64_t at_ms = clock_.WallMillis();
  for (const std::string& name : schedule.names) {
    const auto document = co_await MakeReport(name, at_ms, Deadline::After(clock_, kReportTimeout));
    if (!document.ok()) {
      if (absl::IsCancelled(document.status())) co_return document.status();
      log::Warn("a report was not written",
                {{"report", name}, {"why", MessageOf(document.status())}});
      continue;
    }
    for (const std::string& format : schedule.formats) {
      const auto form = reports::FormNamed(format);
      if (!form.ok()) continue;
      const std::string path =
          fmt::format("{}/{}-{}.{}", schedule.directory, reports::TimeText(at_ms).substr(0, 10),
                      name, reports::FileExtension(*form));
      CO_RETURN_IF_ERROR(fs_.WriteFileAtomically(path, reports::Render(*document, *form)));
    }
  }
  co_return absl::OkStatus();
}

Task<> PlanningService::KeepWriting(int generation, ReportSchedule schedule) {
  while (generation == generation_) {
    if (const absl::Status status = co_await WriteReports(schedule); !status.ok()) {
      if (absl::IsCancelled(status)) co_return status;
      log::Warn("reports were not written", {{"why", MessageOf(status)}});
    }
    CO_RETURN_IF_ERROR(co_await SleepFor(clock_, std::chrono::milliseconds(schedule.every_ms)));
  }
  co_return absl::OkStatus();
}

}  // namespace synoptic::app
