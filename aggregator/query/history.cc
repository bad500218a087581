// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/history.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/civil.h"
#include "base/status.h"
#include "promql/plan/looks.h"

namespace synoptic::aggregator {
namespace {

using promql::Fetch;
using promql::Grid;
using promql::Look;

// The samples or points of `fetch` that a step looks at.
Span Wanted(const Fetch& fetch, const Look& look, int64_t step) {
  const int64_t origin = look.absolute ? 0 : step;
  const int64_t after = look.absolute ? look.after : origin + look.after;
  Span span{after + 1, look.absolute ? look.until : origin + look.until};
  if (fetch.form == Fetch::Form::kRaw) {
    return {std::max(span.first, fetch.min_t), std::min(span.last, fetch.max_t)};
  }
  const Grid& grid = fetch.grid;
  span = {std::max(span.first, grid.start), std::min(span.last, grid.end)};
  const int64_t late = (span.first - grid.start) % grid.step;
  if (late > 0) span.first += grid.step - late;
  if (span.last >= grid.start) span.last -= (span.last - grid.start) % grid.step;
  return span;
}

bool Covered(const std::vector<Span>& known, const Span& wanted) {
  return wanted.first > wanted.last ||
         std::any_of(known.begin(), known.end(), [&](const Span& span) {
           return span.first <= wanted.first && wanted.last <= span.last;
         });
}

// By step: whether all that it looks at of the unanswered fetches is known.
std::vector<bool> StepsKnown(const promql::Plan& plan, int64_t lookback_ms, const Grid& steps,
                             const std::map<int, std::vector<Span>>& known) {
  std::vector<bool> out(steps.size(), true);
  for (const promql::FetchLook& at : promql::FetchLooksOf(*plan.root, lookback_ms)) {
    const auto found = known.find(at.fetch);
    if (found == known.end()) continue;  // the shard answered it, or was not asked
    const Fetch& fetch = plan.fetches[static_cast<size_t>(at.fetch)];
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] = out[i] && Covered(found->second, Wanted(fetch, at.look, steps.at(i)));
    }
  }
  return out;
}

// More different sets of known shards than this, and only steps where all are known show them.
constexpr size_t kMostSets = 8;

// Steps by which of the shards are known there.
std::map<std::vector<bool>, std::vector<size_t>> StepsBySet(
    const std::vector<ShardHistory>& history, size_t steps) {
  std::map<std::vector<bool>, std::vector<size_t>> sets;
  for (size_t i = 0; i < steps; ++i) {
    std::vector<bool> set;
    for (const ShardHistory& one : history) set.push_back(one.steps[i]);
    sets[std::move(set)].push_back(i);
  }
  if (sets.size() <= kMostSets) return sets;
  std::map<std::vector<bool>, std::vector<size_t>> two;
  for (const auto& [set, at] : sets) {
    const bool all = std::find(set.begin(), set.end(), false) == set.end();
    std::vector<size_t>& into = two[std::vector<bool>(set.size(), all)];
    into.insert(into.end(), at.begin(), at.end());
  }
  return two;
}

// Without the shards that are not in `set`.
FetchResult Only(const std::vector<bool>& set, const FetchResult& fetched) {
  FetchResult out;
  for (const FetchedPart& part : fetched.parts) {
    bool in = true;
    for (size_t k = 0; k < set.size(); ++k) {
      if (fetched.history[k].shard == part.shard) in = in && set[k];
    }
    if (in) out.parts.push_back(part);
  }
  return out;
}

// A range query's answer, put together of steps of several.
class Splice {
 public:
  explicit Splice(const Grid& grid) : steps_(grid.size()) {}

  void Add(const promql::QueryValue& value, const std::vector<size_t>& at) {
    for (const promql::StepSeries& one : value.series) {
      promql::StepSeries& out = series_[one.labels];
      if (out.values.empty()) {
        out = {one.labels, std::vector<double>(steps_, promql::Absent()), {}};
      }
      if (!one.histograms.empty() && out.histograms.empty()) out.histograms.resize(steps_);
      for (const size_t i : at) {
        out.values[i] = one.values[i];
        if (!one.histograms.empty()) out.histograms[i] = one.histograms[i];
      }
    }
  }

  std::vector<promql::StepSeries> Take() {
    std::vector<promql::StepSeries> out;
    for (auto& [labels, one] : series_) {
      const bool floats = !std::all_of(one.values.begin(), one.values.end(), promql::IsAbsent);
      const bool histograms = std::any_of(one.histograms.begin(), one.histograms.end(),
                                          [](const auto& value) { return value != nullptr; });
      if (!histograms) one.histograms.clear();
      if (floats || histograms) out.push_back(std::move(one));
    }
    return out;
  }

 private:
  const size_t steps_;
  std::map<promql::Labels, promql::StepSeries> series_;
};

// Whether a query without the dark shards would be an answer (CheckAnswered): another was asked or,
// by the expression, need not be.
bool AnyNeitherDarkNorMissing(const Coverage& coverage) {
  return std::any_of(coverage.parts().begin(), coverage.parts().end(),
                     [](const PartCoverage& part) {
                       return part.reason.empty() || part.state == PartState::kPartial;
                     });
}

std::string TimeText(int64_t ms) { return IsoText(CivilOf(ms / 1000)) + "Z"; }

}  // namespace

Task<std::optional<ShardHistory>> HistoryOf(const promql::Plan& plan, const Reach& reach,
                                            size_t shard, const std::vector<int>& unanswered,
                                            Deadline deadline, std::shared_ptr<QueryMemory> memory,
                                            FetchEnvironment environment) {
  const std::shared_ptr<ShardCache> cache = reach.shards[shard].cache;
  ShardHistory history;
  history.shard = shard;
  std::map<int, std::vector<Span>> known;
  int64_t lookback_ms = 0;
  for (const int id : unanswered) {
    const Fetch& fetch = plan.fetches[static_cast<size_t>(id)];
    lookback_ms = std::max(lookback_ms, fetch.lookback_ms);
    FetchedPart part;
    part.fetch = id;
    part.shard = shard;
    part.memory = std::make_shared<LegMemory>(memory);
    const auto take = [&](auto recalled) {
      known[id] = std::move(recalled.spans);
      history.fetched_ms = std::max(history.fetched_ms, recalled.fetched_ms);
      part.info = std::move(recalled.answer.info);
      part.info.notes.emplace_back("from the cache: the shard does not answer");
      part.series = recalled.answer.series.size();
      part.answer = std::move(recalled.answer);
    };
    if (fetch.form == Fetch::Form::kRaw) {
      CO_ASSIGN_OR_RETURN(auto recalled, co_await cache->KnownRaw(RawRequestOf(fetch), deadline,
                                                                  &part.memory->leg));
      take(std::move(recalled));
    } else {
      CO_ASSIGN_OR_RETURN(auto recalled, co_await cache->KnownSteps(StepRequestOf(fetch, shard),
                                                                    deadline, &part.memory->leg));
      take(std::move(recalled));
    }
    if (known[id].empty()) co_return std::nullopt;
    history.parts.push_back(std::move(part));
  }
  history.steps = StepsKnown(plan, lookback_ms, *environment.history, known);
  if (std::find(history.steps.begin(), history.steps.end(), true) == history.steps.end()) {
    co_return std::nullopt;
  }
  co_return history;
}

PartCoverage StalePart(PartCoverage missing, const ShardHistory& history, const Grid& steps,
                       int64_t now_ms) {
  missing.state = PartState::kStale;
  missing.age_ms = std::max<int64_t>(0, now_ms - history.fetched_ms);
  const auto first = std::find(history.steps.begin(), history.steps.end(), true);
  const auto last = std::find(history.steps.rbegin(), history.steps.rend(), true);
  missing.known_min_t = steps.at(static_cast<size_t>(first - history.steps.begin()));
  missing.known_max_t = steps.at(static_cast<size_t>(history.steps.rend() - last) - 1);
  missing.has_holes =
      std::find(history.steps.begin(), history.steps.end(), false) != history.steps.end();
  missing.detail = absl::StrCat("shown from the cache from ", TimeText(missing.known_min_t), " to ",
                                TimeText(missing.known_max_t), ", last heard ",
                                missing.age_ms / 1000, "s ago: ", missing.detail);
  return missing;
}

absl::StatusOr<promql::EvalResult> EvaluateWithHistory(const promql::Plan& plan, const Reach& reach,
                                                       FetchResult& fetched,
                                                       const promql::EvalOptions& options) {
  const auto sets = StepsBySet(fetched.history, options.grid.size());
  if (sets.size() == 1) {
    FetchResult only = Only(sets.begin()->first, fetched);
    ASSIGN_OR_RETURN(FetchedData data, FetchedData::Merge(plan, reach, only));
    return promql::Evaluate(*plan.root, options, data);
  }
  promql::EvalResult out;
  Splice splice(options.grid);
  const bool somebody = AnyNeitherDarkNorMissing(fetched.coverage);
  for (const auto& [set, at] : sets) {
    FetchResult only = Only(set, fetched);
    // Where nobody is known there is nothing: absent() must not say otherwise.
    if (only.parts.empty() && !somebody) continue;
    ASSIGN_OR_RETURN(FetchedData data, FetchedData::Merge(plan, reach, only));
    ASSIGN_OR_RETURN(promql::EvalResult one, promql::Evaluate(*plan.root, options, data));
    splice.Add(one.value, at);
    out.annotations.Merge(one.annotations);
    out.stats.samples_read += one.stats.samples_read;
    out.stats.peak_samples = std::max(out.stats.peak_samples, one.stats.peak_samples);
    out.value.type = one.value.type;
    out.value.grid = one.value.grid;
  }
  out.value.series = splice.Take();
  fetched.parts.clear();
  return out;
}

}  // namespace synoptic::aggregator
