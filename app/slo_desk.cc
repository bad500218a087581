// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/slo_desk.h"

#include <algorithm>
#include <cmath>

#include "alerting/slo/rules.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/status.h"
#include "domain/slo/low_traffic.h"
#include "promql/model/sample.h"
#include "reports/capacity_desk.h"

namespace synoptic::app {
namespace {

using alerting::SloTracker;

constexpr int64_t kSettleMs = 5000;  // scrapes and writes under way are done
constexpr size_t kAtOnce = 32;       // objectives whose questions are asked together
constexpr int kRounds = 4;           // the newest slots, then holes of either grain
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

// Sums by region and step; NaN where there is nothing.
std::vector<std::vector<double>> SumsOf(const reports::Answer& answer, size_t regions,
                                        const std::vector<reports::RegionInfo>& infos) {
  std::vector<std::vector<double>> sums(regions,
                                        std::vector<double>(answer.grid.size(), std::nan("")));
  for (const reports::Answer::Series& series : answer.series) {
    const size_t region = RegionOf(series.labels, infos, regions > 1);
    if (region == kNoRegion) continue;
    for (size_t i = 0; i < series.values.size() && i < sums[region].size(); ++i) {
      if (promql::IsAbsent(series.values[i])) continue;
      double& sum = sums[region][i];
      sum = std::isnan(sum) ? series.values[i] : sum + series.values[i];
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

// B14: so few events in an alert's window that one failure alone is above its threshold.
std::string TooFewEvents(const SloTracker& tracker, int64_t now_ms) {
  const alerting::Slo& slo = tracker.slo();
  if (!slo.sli.events() || slo.windows.empty()) return "";
  const alerting::BurnWindow& window = slo.windows[0];
  const alerting::BurnStatus burn = tracker.Burn(window, now_ms);
  const auto least = domain::LeastRequests(window.threshold_value);
  if (!least.ok() || burn.total <= 0 || burn.total >= static_cast<double>(*least)) return "";
  return fmt::format(
      "{}: {} events in {}; below {} one failure alone is above the threshold of {}: count more "
      "services together, take a longer window, or send canaries",
      slo.id(), reports::NumberText(burn.total), alerting::WindowText(window.long_s), *least,
      reports::NumberText(window.threshold_value));
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
  std::vector<std::shared_ptr<Entry>> next;
  for (const alerting::Slo& slo : slos) {
    auto entry = std::make_shared<Entry>();
    entry->key = KeyOf(slo);
    for (const auto& old : trackers_) {
      if (same && old->key == entry->key) *entry = *old;
    }
    if (entry->tracker == nullptr) {
      const bool apart = slo.sli.events() && slo.sli.by_region;
      entry->tracker = std::make_shared<SloTracker>(slo, apart ? regions.size() : 1, kSettleMs);
      std::vector<std::string> names;
      for (size_t r = 0; apart && r < regions.size(); ++r) names.push_back(regions[r].name);
      entry->series = std::make_shared<SloSeries>(slo, std::move(names));
    }
    next.push_back(std::move(entry));
  }
  trackers_ = std::move(next);
  regions_ = std::move(regions);
  Index();
}

Task<> SloDesk::Feed(reports::Door door, std::vector<reports::RegionInfo> regions,
                     std::vector<Wanted> wanted, Deadline deadline) {
  std::vector<reports::Question> questions;
  for (const auto& [entry, range] : wanted) {
    const promql::Grid grid{range.first_ms, range.last_ms, range.slot_ms};
    const std::string slot = alerting::WindowText(range.range_ms / 1000);
    const alerting::Sli& sli = entry->tracker->slo().sli;
    if (sli.events()) questions.push_back({alerting::Sli::Over(sli.total, slot), grid});
    questions.push_back(
        {sli.events() ? alerting::Sli::Over(sli.bad, slot) : sli.RatioOver(slot), grid});
  }
  const auto answers = co_await reports::AskAll(door, std::move(questions), deadline);
  size_t next = 0;
  for (const auto& [entry, range] : wanted) {
    SloTracker& tracker = *entry->tracker;
    const bool events = tracker.slo().sli.events();
    const auto& total = answers[next];
    const auto& bad = answers[events ? next + 1 : next];
    next += events ? 2 : 1;
    const absl::Status status = total.ok() ? bad.status() : total.status();
    if (absl::IsCancelled(status)) co_return status;
    entry->problem = std::string(MessageOf(status));
    if (!status.ok()) continue;
    std::vector<reports::Unseen> unseen = total->unseen;
    unseen.insert(unseen.end(), bad->unseen.begin(), bad->unseen.end());
    entry->coverage = reports::CoverageText(unseen.empty()          ? unseen
                                            : total->unseen.empty() ? bad->unseen
                                                                    : total->unseen);
    const size_t n = tracker.regions();
    const auto totals = SumsOf(*total, n, regions);
    const auto bads = SumsOf(*bad, n, regions);
    const double share = static_cast<double>(range.slot_ms) / static_cast<double>(range.range_ms);
    // A ratio counts as one event a minute, good or bad by its share: the mean over time.
    const double weight = static_cast<double>(range.slot_ms) / 60'000;
    for (size_t r = 0; r < n; ++r) {
      const bool dark = std::any_of(unseen.begin(), unseen.end(), [&](const reports::Unseen& u) {
        return n == 1 || u.region == regions[r].name;
      });
      if (dark) continue;  // asked again once it is back
      for (size_t i = 0; i < total->grid.size(); ++i) {
        if (events) {
          // No series of what is bad: nothing is.
          const double some_bad = std::isnan(bads[r][i]) ? 0 : bads[r][i];
          tracker.Count(range.grain, r, total->grid.at(i), some_bad * share, totals[r][i] * share);
        } else {
          tracker.Count(range.grain, r, total->grid.at(i), bads[r][i] * weight, weight);
        }
      }
    }
    tracker.Asked(range);
  }
  co_return absl::OkStatus();
}

int64_t SloDesk::NextCountMs(int64_t now_ms) {
  constexpr int64_t kMinute = 60'000;
  return (now_ms - kSettleMs) / kMinute * kMinute + kMinute + kSettleMs;
}

Task<> SloDesk::Restore(std::vector<std::shared_ptr<Entry>> entries, int64_t now_ms) {
  if (store_ == nullptr) co_return absl::OkStatus();
  for (const std::shared_ptr<Entry>& entry : entries) {
    if (std::exchange(entry->restored, true)) continue;
    const SloTracker& tracker = *entry->tracker;
    // Months are longer than their nominal length.
    const int64_t from_ms = now_ms - tracker.slo().period_s * 1100;
    auto kept = co_await RunOn(
        *pool_,
        [store = store_, series = entry->series, from_ms, now_ms,
         fine_ms = tracker.slot_ms(SloTracker::Grain::kFine),
         coarse_ms = tracker.slot_ms(
             SloTracker::Grain::kCoarse)]() -> absl::StatusOr<std::vector<SloTracker::Kept>> {
          ASSIGN_OR_RETURN(const auto read, store->Read(series->Selector(), from_ms, now_ms));
          return series->Read(read, fine_ms, coarse_ms);
        });
    if (absl::IsCancelled(kept.status())) co_return kept.status();
    if (!kept.ok()) {
      log::Warn("counts of an objective are not known and asked for again",
                {{"slo", tracker.slo().id()}, {"why", MessageOf(kept.status())}});
      kept = std::vector<SloTracker::Kept>();
    }
    for (const SloTracker::Kept& slot : *kept) entry->series->Advance(slot);
    entry->tracker->Restore(*std::move(kept));
    entry->tracker->CollectNews();
  }
  co_return absl::OkStatus();
}

Task<> SloDesk::Keep(std::vector<std::shared_ptr<Entry>> entries) {
  if (store_ == nullptr) co_return absl::OkStatus();
  SloNews news;
  for (const std::shared_ptr<Entry>& entry : entries) news.Add(*entry->series, *entry->tracker);
  if (news.empty()) co_return absl::OkStatus();
  const absl::Status kept =
      co_await RunOn(*pool_, [store = store_, &news] { return news.Write(*store); });
  if (absl::IsCancelled(kept)) co_return kept;
  if (!kept.ok()) log::Warn("counts of objectives are not kept", {{"why", MessageOf(kept)}});
  co_return absl::OkStatus();
}

Task<> SloDesk::Refresh(reports::Door door, int64_t now_ms, Deadline deadline) {
  // A reload may replace the list meanwhile: what is counted goes to trackers that both know.
  const std::vector<std::shared_ptr<Entry>> all = trackers_;
  const std::vector<reports::RegionInfo> regions = regions_;
  CO_RETURN_IF_ERROR(co_await Restore(all, now_ms));
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Wanted> wanted;
    for (size_t i = 0; i < all.size(); ++i) {
      if (const auto question = all[i]->tracker->Next(now_ms))
        wanted.emplace_back(all[i], *question);
      if (wanted.empty() || (wanted.size() < kAtOnce && i + 1 < all.size())) continue;
      std::vector<std::shared_ptr<Entry>> counted;
      for (const auto& [entry, question] : wanted) counted.push_back(entry);
      CO_RETURN_IF_ERROR(co_await Feed(door, regions, std::move(wanted), deadline));
      CO_RETURN_IF_ERROR(co_await Keep(std::move(counted)));
      wanted.clear();
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
    if (std::string few = TooFewEvents(*entry->tracker, now_ms); !few.empty()) {
      document.warnings.push_back(std::move(few));
    }
    reports::Source source;
    source.query = slo.sli.RatioOver(alerting::WindowText(slo.period_s));
    source.model = slo.sli.events() ? "sum of bad events over sum of events, by slot and region"
                                    : "mean of the slots' ratios";
    source.coverage = entry->coverage;
    source.age_s =
        static_cast<double>(now_ms % entry->tracker->slot_ms(SloTracker::Grain::kFine)) / 1000;
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

std::vector<reports::Drill::Spent> SloDesk::SpentBetween(int64_t from_ms, int64_t to_ms,
                                                         int64_t now_ms) const {
  std::vector<reports::Drill::Spent> all;
  for (const auto& entry : trackers_) {
    const SloTracker& tracker = *entry->tracker;
    const std::vector<double> shares = tracker.SpentBetween(from_ms, to_ms, now_ms);
    for (size_t r = 0; r < shares.size(); ++r) {
      all.push_back({tracker.slo().id(), shares.size() > 1 ? regions_[r].name : "", shares[r]});
    }
  }
  return all;
}

void SloDesk::Tell(OwnSeries& series, int64_t now_ms) const {
  for (const auto& entry : trackers_) {
    const alerting::Slo& slo = entry->tracker->slo();
    const auto status = entry->tracker->Status(now_ms);
    if (!status.ok()) continue;
    for (const auto& [bound, value] :
         {std::pair("worst", status->remaining.lo), {"best", status->remaining.hi}}) {
      series.Set("synoptic_slo_budget_remaining_ratio",
                 "What is left of the error budget, 1 at first; at worst and at best, which differ "
                 "while a part was not observed.",
                 {{"slo", slo.name}, {"service", slo.service}, {"bound", bound}}, value);
    }
    series.Set("synoptic_slo_unobserved_ratio", "The share of the period that nobody saw.",
               {{"slo", slo.name}, {"service", slo.service}}, status->unobserved_share);
    series.Set("synoptic_slo_burn_rate",
               "How many times too fast the budget is spent, over the last hour; at worst.",
               {{"slo", slo.name}, {"service", slo.service}},
               entry->tracker->ErrorRatio(3600, now_ms).hi / slo.budget);
  }
}

}  // namespace synoptic::app
