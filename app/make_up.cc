// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/make_up.h"

#include <algorithm>
#include <set>

#include "alerting/rule/dependencies.h"
#include "alerting/rule/rule_samples.h"
#include "base/log.h"
#include "base/status.h"
#include "net/async/timer.h"

namespace synoptic::app {
namespace {

constexpr auto kEvery = std::chrono::seconds(5);
constexpr auto kAgainAfter = std::chrono::seconds(10);
constexpr auto kPatience = std::chrono::seconds(60);
constexpr int64_t kSettledMs = 5000;  // what is younger may still arrive
constexpr size_t kAtOnce = 64;        // rules a round
constexpr int kMostFailures = 3;      // a round: where a region is dark others will fail, too

std::string NameOf(const alerting::RecordOrigin& origin) {
  return fmt::format("{}\n{}\n{}", origin.file, origin.group, origin.rule);
}

// Two of it are not independent.
bool ReadsItself(const alerting::Rule& rule) {
  alerting::RuleGroup twice;
  twice.rules = {rule, rule};
  return alerting::ConcurrentRuns(twice).size() > 1;
}

}  // namespace

absl::StatusOr<std::vector<aggregator::LoggedSample>> RecordingsOver(
    const alerting::Rule& rule, int limit, const promql::Grid& grid,
    const promql::QueryValue& value, std::set<promql::Labels>& before) {
  std::vector<aggregator::LoggedSample> out;
  for (size_t step = 0; step < grid.size(); ++step) {
    alerting::RuleAnswer answer;
    for (const promql::StepSeries& series : value.series) {
      const promql::HistogramPtr histogram =
          series.histograms.empty() ? nullptr : series.histograms[step];
      if (histogram == nullptr && promql::IsAbsent(series.values[step])) continue;
      answer.elements.push_back(
          {series.labels, histogram == nullptr ? series.values[step] : 0, histogram});
    }
    ASSIGN_OR_RETURN(std::vector<alerting::RecordedSample> samples,
                     alerting::RecordingSamples(rule, limit, answer));
    alerting::EndVanished({}, before, samples);
    for (alerting::RecordedSample& sample : samples) {
      out.push_back(
          {std::move(sample.labels), grid.at(step), sample.value, std::move(sample.histogram)});
    }
  }
  return out;
}

MakeUp::MakeUp(std::shared_ptr<aggregator::SeriesStore> store, std::shared_ptr<MissedSlots> missed,
               alerting::Querier& querier, FindGroup find_group, ComputePool& pool,
               const Clock& clock)
    : store_(std::move(store)),
      missed_(std::move(missed)),
      querier_(querier),
      find_group_(std::move(find_group)),
      pool_(pool),
      clock_(clock) {}

Task<> MakeUp::Run() {
  while (true) {
    CO_RETURN_IF_ERROR(co_await SleepFor(clock_, kEvery));
    CO_RETURN_IF_ERROR(co_await Round());
  }
}

Task<> MakeUp::Round() {
  missed_->DropBefore(store_->stats().min_t);
  const std::vector<MissedSlots::Work> due =
      missed_->Due(clock_.WallMillis() - kSettledMs, kAtOnce * 16);
  size_t tried = 0;
  int failures = 0;
  for (const MissedSlots::Work& work : due) {
    const std::string name = NameOf(work.origin);
    const auto wait = not_before_.find(name);
    if (wait != not_before_.end() && clock_.Mono() < wait->second) continue;
    if (tried++ == kAtOnce) break;
    const absl::Status status = co_await Try(work);
    if (absl::IsCancelled(status)) co_return status;
    if (status.ok()) {
      not_before_.erase(name);
    } else {
      not_before_[name] = clock_.Mono() + kAgainAfter;
      if (++failures == kMostFailures) break;
    }
  }
  co_return absl::OkStatus();
}

Task<> MakeUp::Try(MissedSlots::Work work) {
  const alerting::RuleGroup* found = find_group_(work.origin.file, work.origin.group);
  std::vector<Making> rules;
  const int limit = found == nullptr ? 0 : found->limit;
  if (found != nullptr) {
    for (const alerting::Rule& rule : found->rules) {
      if (!rule.alerting() && rule.record == work.origin.rule) rules.push_back({rule, {}});
    }
  }
  if (rules.empty()) {
    stats_.given_up += work.span.count();
    missed_->Done(work.origin, work.span);
    co_return absl::OkStatus();
  }
  const bool alone = std::any_of(rules.begin(), rules.end(),
                                 [](const Making& one) { return ReadsItself(one.rule); });
  if (!alone) co_return co_await Make(rules, limit, work);
  MissedSlots::Work slot = work;
  for (int64_t t = work.span.from; t <= work.span.to; t += work.span.interval_ms) {
    slot.span.from = slot.span.to = t;
    missed_->SetAside(work.origin, t);
    const absl::Status status = co_await Make(rules, limit, slot);
    missed_->SetAside(work.origin, std::nullopt);
    CO_RETURN_IF_ERROR(status);
  }
  co_return absl::OkStatus();
}

Task<> MakeUp::Make(std::vector<Making>& rules, int limit, const MissedSlots::Work& work) {
  promql::Grid grid;
  grid.start = work.span.from;
  grid.end = work.span.to;
  grid.step = work.span.interval_ms;
  for (Making& one : rules) {
    CO_ASSIGN_OR_RETURN(
        const alerting::RangeAnswer answer,
        co_await querier_.Range(one.rule.expr, grid, Deadline::After(clock_, kPatience)));
    if (!answer.complete) co_return absl::UnavailableError(answer.missing);
    CO_ASSIGN_OR_RETURN(
        const int64_t fresh, co_await RunOn(pool_, [&]() -> absl::StatusOr<int64_t> {
          ASSIGN_OR_RETURN(const auto samples,
                           RecordingsOver(one.rule, limit, grid, answer.value, one.before));
          return store_->Insert(samples);
        }));
    log::Debug("made up for missed evaluations", {{"group", work.origin.group},
                                                  {"rule", work.origin.rule},
                                                  {"slots", work.span.count()},
                                                  {"samples", fresh}});
  }
  stats_.slots += work.span.count();
  missed_->Done(work.origin, work.span);
  co_return absl::OkStatus();
}

}  // namespace synoptic::app
