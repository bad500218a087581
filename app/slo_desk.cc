// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/slo_desk.h"

#include <algorithm>

#include "alerting/slo/rules.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/status.h"
#include "promql/model/sample.h"
#include "reports/capacity_desk.h"

namespace synoptic::app {
namespace {

using alerting::SloTracker;

constexpr size_t kNoRegion = static_cast<size_t>(-1);

// Which region a series belongs to: that whose labels it carries; everything when regions are not
// kept apart.
size_t RegionOf(const promql::Labels& series, const std::vector<reports::RegionInfo>& regions,
                bool apart) {
  if (!apart) return 0;
  for (size_t r = 0; r < regions.size(); ++r) {
    bool carries = true;
    for (const promql::Label label : regions[r].labels) {
      carries = carries && series.Get(label.name) == label.value;
    }
    if (carries) return r;
  }
  return kNoRegion;
}

// Sums by region and step; absent counts as nothing.
std::vector<std::vector<double>> SumsOf(const reports::Answer& answer, size_t regions,
                                        const std::vector<reports::RegionInfo>& infos) {
  std::vector<std::vector<double>> sums(regions, std::vector<double>(answer.grid.size()));
  for (const reports::Answer::Series& series : answer.series) {
    const size_t region = RegionOf(series.labels, infos, regions > 1);
    if (region == kNoRegion) continue;
    for (size_t i = 0; i < series.values.size() && i < sums[region].size(); ++i) {
      if (!promql::IsAbsent(series.values[i])) sums[region][i] += series.values[i];
    }
  }
  return sums;
}

std::string KeyOf(const alerting::Slo& slo) {
  std::string key = alerting::RuleFileOf({slo});
  for (const alerting::Exclusion& e : slo.exclusions) {
    key += fmt::format("{}-{},", e.start_ms, e.end_ms);
  }
  return key;
}

reports::Cell Remaining(const domain::Interval& remaining) {
  const reports::Tone tone = remaining.lo < 0     ? reports::Tone::kBad
                             : remaining.lo < 0.1 ? reports::Tone::kWarn
                                                  : reports::Tone::kGood;
  if (remaining.exact()) return reports::PercentCell(remaining.lo, tone);
  return {fmt::format("[{}, {}]", reports::PercentText(remaining.lo),
                      reports::PercentText(remaining.hi)),
          tone};
}

}  // namespace

void SloDesk::Apply(const std::vector<alerting::Slo>& slos,
                    std::vector<reports::RegionInfo> regions) {
  const bool same = std::equal(regions.begin(), regions.end(), regions_.begin(), regions_.end(),
                               [](const auto& a, const auto& b) { return a.labels == b.labels; });
  std::vector<std::unique_ptr<Entry>> next;
  for (const alerting::Slo& slo : slos) {
    auto entry = std::make_unique<Entry>();
    entry->key = KeyOf(slo);
    for (const auto& old : trackers_) {
      if (same && old->key == entry->key) entry->tracker = old->tracker;
    }
    if (entry->tracker == nullptr) {
      const bool apart = slo.sli.events() && slo.sli.by_region;
      entry->tracker = std::make_shared<SloTracker>(slo, apart ? regions.size() : 1);
    }
    next.push_back(std::move(entry));
  }
  trackers_ = std::move(next);
  regions_ = std::move(regions);
}

Task<> SloDesk::Feed(reports::Door door, std::vector<reports::RegionInfo> regions, Entry* entry,
                     int64_t now_ms, Deadline deadline) {
  const std::shared_ptr<SloTracker> tracker = entry->tracker;
  const auto range = tracker->Missing(now_ms);
  if (!range) co_return absl::OkStatus();
  const promql::Grid grid{range->first_ms, range->last_ms, tracker->slot_ms()};
  const std::string slot = alerting::WindowText(tracker->slot_ms() / 1000);
  const alerting::Sli& sli = tracker->slo().sli;
  std::vector<reports::Question> questions;
  if (sli.events()) {
    questions.push_back({alerting::Sli::Over(sli.total, slot), grid});
    questions.push_back({alerting::Sli::Over(sli.bad, slot), grid});
  } else {
    questions.push_back({sli.RatioOver(slot), grid});
  }
  const auto answers = co_await reports::AskAll(door, std::move(questions), deadline);
  std::vector<reports::Unseen> unseen;
  for (const auto& answer : answers) {
    if (!answer.ok()) co_return answer.status();
    unseen.insert(unseen.end(), answer->unseen.begin(), answer->unseen.end());
  }
  entry->coverage = reports::CoverageText(answers[0]->unseen);
  const size_t n = tracker->regions();
  const auto first = SumsOf(*answers[0], n, regions);
  const auto bad = sli.events() ? SumsOf(*answers[1], n, regions) : first;
  for (size_t r = 0; r < n; ++r) {
    const bool dark = std::any_of(unseen.begin(), unseen.end(), [&](const reports::Unseen& u) {
      return n == 1 || u.region == regions[r].name;
    });
    if (dark) continue;  // asked again until it is back
    for (size_t i = 0; i < grid.size(); ++i) {
      // A ratio counts as one event a slot: the mean of slices.
      tracker->Count(r, grid.at(i), bad[r][i], sli.events() ? first[r][i] : 1);
    }
  }
  co_return absl::OkStatus();
}

Task<> SloDesk::Refresh(reports::Door door, int64_t now_ms, Deadline deadline) {
  // A reload may replace the list meanwhile: work on what there is now.
  std::vector<std::unique_ptr<Entry>> work;
  for (const auto& entry : trackers_) work.push_back(std::make_unique<Entry>(*entry));
  for (const auto& entry : work) {
    const absl::Status status = co_await Feed(door, regions_, entry.get(), now_ms, deadline);
    if (absl::IsCancelled(status)) co_return status;
    for (const auto& current : trackers_) {
      if (current->key != entry->key) continue;
      current->problem = std::string(MessageOf(status));
      current->coverage = entry->coverage;
    }
  }
  co_return absl::OkStatus();
}

absl::StatusOr<std::vector<const SloDesk::Entry*>> SloDesk::Chosen(std::string_view id) const {
  std::vector<const Entry*> chosen;
  for (const auto& entry : trackers_) {
    if (id.empty() || entry->tracker->slo().id() == id) chosen.push_back(entry.get());
  }
  if (chosen.empty() && !id.empty()) {
    return MakeStatus(absl::StatusCode::kNotFound, "no objective {}", id);
  }
  return chosen;
}

absl::StatusOr<reports::Document> SloDesk::DocumentOf(std::string_view id, int64_t now_ms) const {
  ASSIGN_OR_RETURN(const std::vector<const Entry*> chosen, Chosen(id));
  reports::Document document;
  document.kind = "slo";
  document.title = "Objectives";
  document.at_ms = now_ms;
  using reports::Column;
  reports::Table table;
  table.columns = {"objective",
                   "period",
                   Column("target", "", true),
                   Column("error ratio", "", true),
                   Column("budget left", "", true),
                   Column("unobserved", "", true),
                   "coverage"};
  reports::Table parts;
  parts.title = "Who spent it";
  parts.columns = {"objective",
                   "region",
                   Column("bad", "", true),
                   Column("total", "", true),
                   Column("share of bad", "", true),
                   Column("ratio without it", "", true),
                   Column("unobserved", "", true)};
  for (const Entry* entry : chosen) {
    const alerting::Slo& slo = entry->tracker->slo();
    ASSIGN_OR_RETURN(const alerting::SloStatus status, entry->tracker->Status(now_ms));
    reports::Source source;
    source.query = slo.sli.RatioOver(alerting::WindowText(slo.period_s));
    source.model = slo.sli.events() ? "sum of bad events over sum of events, by slot and region"
                                    : "mean of the slots' ratios";
    source.coverage = entry->coverage;
    source.age_s = static_cast<double>(now_ms % entry->tracker->slot_ms()) / 1000;
    const int index = document.AddSource(std::move(source));
    reports::Row row;
    row.source = index;
    row.cells = {slo.id(),
                 slo.calendar ? "since " + reports::TimeText(status.start_ms)
                              : alerting::WindowText(slo.period_s),
                 reports::Cell(reports::NumberText(slo.objective * 100) + "%", slo.objective),
                 reports::NumberCell(status.error_ratio.lo),
                 Remaining(status.remaining),
                 reports::PercentCell(status.unobserved_share),
                 entry->problem.empty() ? entry->coverage : entry->problem};
    table.rows.push_back(std::move(row));
    for (size_t r = 0; status.regions.size() > 1 && r < status.regions.size(); ++r) {
      const alerting::SloStatus::Region& region = status.regions[r];
      reports::Row part;
      part.source = index;
      part.cells = {slo.id(),
                    regions_[r].name,
                    reports::NumberCell(region.bad),
                    reports::NumberCell(region.total),
                    reports::PercentCell(region.bad_share),
                    reports::NumberCell(region.ratio_if_not),
                    reports::PercentCell(region.unobserved_share)};
      parts.rows.push_back(std::move(part));
    }
  }
  reports::Section section;
  section.tables.push_back(std::move(table));
  if (!parts.rows.empty()) section.tables.push_back(std::move(parts));
  document.sections.push_back(std::move(section));
  return document;
}

absl::StatusOr<std::string> SloDesk::JsonOf(std::string_view id, int64_t now_ms) const {
  ASSIGN_OR_RETURN(const std::vector<const Entry*> chosen, Chosen(id));
  absl::Status failed;
  std::string out;
  JsonWriter json(out);
  json.Array([&] {
    for (const Entry* entry : chosen) {
      const alerting::Slo& slo = entry->tracker->slo();
      const auto status = entry->tracker->Status(now_ms);
      if (!status.ok()) {
        failed = status.status();
        continue;
      }
      json.Object([&] {
        json.Member("id", slo.id()).Member("name", slo.name).Member("service", slo.service);
        json.Member("form", alerting::SloOriginName(slo.origin));
        json.Member("objective", slo.objective).Member("period_seconds", slo.period_s);
        json.Member("start_ms", status->start_ms).Member("counted", status->any);
        json.Member("error_ratio_best", status->error_ratio.lo);
        json.Member("error_ratio_worst", status->error_ratio.hi);
        json.Member("budget_remaining_worst", status->remaining.lo);
        json.Member("budget_remaining_best", status->remaining.hi);
        json.Member("unobserved_share", status->unobserved_share);
        json.Member("coverage", entry->coverage).Member("problem", entry->problem);
        json.Member("query", slo.sli.RatioOver(alerting::WindowText(slo.period_s)));
        json.Array("regions", [&] {
          for (size_t r = 0; status->regions.size() > 1 && r < status->regions.size(); ++r) {
            json.Object([&] {
              json.Member("region", regions_[r].name).Member("bad", status->regions[r].bad);
              json.Member("total", status->regions[r].total);
              json.Member("bad_share", status->regions[r].bad_share);
              json.Member("error_ratio_without", status->regions[r].ratio_if_not);
              json.Member("unobserved_share", status->regions[r].unobserved_share);
            });
          }
        });
        json.Array("notes", [&] {
          for (const std::string& note : slo.notes) json.Value(note);
        });
      });
    }
  });
  RETURN_IF_ERROR(failed);
  return out;
}

void SloDesk::SetMetrics(Metrics& metrics, int64_t now_ms) const {
  for (const auto& entry : trackers_) {
    const alerting::Slo& slo = entry->tracker->slo();
    const auto status = entry->tracker->Status(now_ms);
    if (!status.ok()) continue;
    for (const auto& [bound, value] :
         {std::pair("worst", status->remaining.lo), {"best", status->remaining.hi}}) {
      metrics
          .Gauge("synoptic_slo_budget_remaining_ratio",
                 "What is left of the error budget, 1 at first; at worst and at best, which differ "
                 "while a part was not observed.",
                 {{"slo", slo.name}, {"service", slo.service}, {"bound", bound}})
          .Set(value);
    }
    metrics
        .Gauge("synoptic_slo_unobserved_ratio", "The share of the period that nobody saw.",
               {{"slo", slo.name}, {"service", slo.service}})
        .Set(status->unobserved_share);
  }
}

}  // namespace synoptic::app
