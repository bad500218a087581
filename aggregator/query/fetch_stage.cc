// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/fetch_stage.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "absl/strings/str_cat.h"
#include "aggregator/query/ask_shards.h"
#include "aggregator/query/history.h"
#include "aggregator/query/outcome.h"
#include "aggregator/query/stored_shard.h"
#include "aggregator/upstream/reason.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

using promql::Fetch;

RawRequest MakeRaw(const Fetch& fetch, size_t shard, const Reach& reach, Lane lane) {
  RawRequest request = RawRequestOf(fetch);
  if (reach.IsOwn(shard)) request.matchers = fetch.own_matchers;
  request.lane = lane;
  request.check_chunks = reach.check_chunks;
  request.via = reach.via;
  return request;
}

StepRequest MakeSteps(const Fetch& fetch, size_t shard, const Reach& reach,
                      const FetchEnvironment& environment) {
  StepRequest request = StepRequestOf(fetch, shard);
  request.lane = environment.lane;
  request.as_text = environment.as_text;
  request.via = reach.via;
  return request;
}

Task<FetchedPart> AskRaw(StoredShard shard, std::shared_ptr<ShardCache> cache, RawRequest request,
                         Deadline deadline, FetchedPart part, FetchEnvironment environment) {
  const ShardCache::AskRaw ask = [shard, deadline, environment](RawRequest within) {
    return AskRawOf(shard, std::move(within), deadline, environment);
  };
  CO_ASSIGN_OR_RETURN(RawAnswer answer, cache == nullptr
                                            ? co_await ask(std::move(request))
                                            : co_await cache->Raw(std::move(request), ask, deadline,
                                                                  &shard.memory->leg));
  part.info = std::move(answer.info);
  part.series = answer.series.size();
  part.answer = std::move(answer);
  co_return part;
}

Task<FetchedPart> AskSteps(StoredShard shard, std::shared_ptr<ShardCache> cache,
                           std::vector<promql::Look> looks, StepRequest request, Deadline deadline,
                           FetchedPart part, FetchEnvironment environment) {
  const ShardCache::AskSteps ask = [shard, looks, deadline, environment](StepRequest within) {
    return AskStepsOf(shard, looks, std::move(within), deadline, environment);
  };
  CO_ASSIGN_OR_RETURN(StepAnswer answer, cache == nullptr
                                             ? co_await ask(std::move(request))
                                             : co_await cache->Steps(std::move(request), ask,
                                                                     deadline, &shard.memory->leg));
  part.info = std::move(answer.info);
  part.series = answer.series.size() + (answer.texts ? answer.texts->size() : 0);
  part.answer = std::move(answer);
  co_return part;
}

std::vector<ShardLeg<FetchedPart>> MakeLegs(const promql::Plan& plan, const Reach& reach,
                                            Deadline deadline,
                                            const std::shared_ptr<QueryMemory>& memory,
                                            const FetchEnvironment& environment) {
  std::vector<ShardLeg<FetchedPart>> legs;
  for (const Fetch& fetch : plan.fetches) {
    for (size_t slot = 0; slot < fetch.shards.size(); ++slot) {
      FetchedPart part;
      part.fetch = fetch.id;
      part.shard = static_cast<size_t>(fetch.shards[slot]);
      if (!reach.shards[part.shard].asked) continue;
      part.memory = std::make_shared<LegMemory>(memory);
      const ReachableShard& at = reach.shards[part.shard];
      StoredShard shard{at.stores, at.place, part.memory};
      const std::shared_ptr<ShardCache> cache = environment.nocache ? nullptr : at.cache;
      ShardLeg<FetchedPart> leg;
      leg.shard = part.shard;
      leg.question = static_cast<size_t>(fetch.id);
      leg.task =
          fetch.form == Fetch::Form::kRaw
              ? AskRaw(std::move(shard), cache, MakeRaw(fetch, leg.shard, reach, environment.lane),
                       deadline, std::move(part), environment)
              : AskSteps(std::move(shard), cache, fetch.looks,
                         MakeSteps(fetch, leg.shard, reach, environment), deadline, std::move(part),
                         environment);
      legs.push_back(std::move(leg));
    }
  }
  return legs;
}

// The sample times a fetch looks at.
void SetTimes(const Fetch& fetch, PartCoverage& part) {
  const bool raw = fetch.form == Fetch::Form::kRaw;
  part.min_t = raw ? fetch.min_t : fetch.grid.start;
  part.max_t = raw ? fetch.max_t : fetch.grid.end;
}

// An upstream's annotation names a place in the text it was sent, not in the user's query.
std::string WithoutPosition(std::string text) {
  const size_t open = text.rfind(" (");
  if (open == std::string::npos || !text.ends_with(')')) return text;
  const std::string_view inside = std::string_view(text).substr(open + 2, text.size() - open - 3);
  const bool position = !inside.empty() && inside.find(':') != std::string_view::npos &&
                        inside.find_first_not_of("0123456789:") == std::string_view::npos;
  return position ? text.substr(0, open) : text;
}

void AddOnce(const std::vector<std::string>& from, std::vector<std::string>& to) {
  for (const std::string& text : from) {
    std::string clean = WithoutPosition(text);
    if (std::find(to.begin(), to.end(), clean) == to.end()) to.push_back(std::move(clean));
  }
}

// Sums of parts may then differ from the sum of all by more than their last bits.
bool NearOverflow(const FetchedPart& part) {
  constexpr double kNear = 1e300;
  const auto* steps = std::get_if<StepAnswer>(&part.answer);
  return steps != nullptr &&
         std::any_of(steps->series.begin(), steps->series.end(), [](const auto& series) {
           return std::any_of(series.values.begin(), series.values.end(), [](double v) {
             return std::abs(v) > kNear;  // not so for NaN: absent, or a sum of what is none
           });
         });
}

size_t IndexOf(const Reach& reach, const PartCoverage& part) {
  const auto found =
      std::find_if(reach.shards.begin(), reach.shards.end(), [&](const ReachableShard& shard) {
        return shard.place.region == part.region && shard.place.shard == part.shard;
      });
  return static_cast<size_t>(found - reach.shards.begin());
}

// What the fetches stand for in the tree.
void CollectHistograms(const promql::Plan& plan, const std::set<int>& fetches,
                       promql::HistogramMetrics& metrics) {
  std::vector<const promql::Expr*> todo = {plan.root.get()};
  while (!todo.empty()) {
    const promql::Expr* expr = todo.back();
    todo.pop_back();
    if (expr->kind != promql::ExprKind::kFetched) {
      for (const promql::Expr* child : promql::Children(*expr)) todo.push_back(child);
      continue;
    }
    const auto& fetched = promql::As<promql::Fetched>(*expr);
    if (fetches.contains(fetched.fetch_id)) {
      promql::CollectHistogramKeys(*fetched.original, metrics);
    }
  }
}

}  // namespace

bool IsPassedOn(const promql::Plan& plan) {
  const promql::Expr* root = plan.root.get();
  while (root->kind == promql::ExprKind::kParen || root->kind == promql::ExprKind::kStepInvariant) {
    root = promql::Children(*root).front();
  }
  if (root->kind != promql::ExprKind::kFetched || plan.fetches.size() != 1) return false;
  const Fetch& fetch = plan.fetches.front();
  return fetch.form == Fetch::Form::kSteps && fetch.grid.size() == 1 &&
         fetch.strip_labels.empty() && !fetch.partial_sums;
}

RawRequest RawRequestOf(const Fetch& fetch) {
  RawRequest request;
  request.matchers = fetch.matchers;
  request.min_t = fetch.min_t;
  request.max_t = fetch.max_t;
  request.hint_func = fetch.hint_func;
  request.hint_step_ms = fetch.hint_step_ms;
  request.hint_range_ms = fetch.hint_range_ms;
  return request;
}

StepRequest StepRequestOf(const Fetch& fetch, size_t shard) {
  StepRequest request;
  const auto slot = std::find(fetch.shards.begin(), fetch.shards.end(), static_cast<int>(shard)) -
                    fetch.shards.begin();
  request.text =
      fetch.shard_texts.empty() ? fetch.text : fetch.shard_texts[static_cast<size_t>(slot)];
  request.grid = fetch.grid;
  request.instant = fetch.grid.size() == 1;
  request.lookback_ms = fetch.lookback_ms;
  request.windows = fetch.windows;
  return request;
}

Task<FetchResult> RunFetches(const promql::Plan& plan, const Reach& reach, Deadline deadline,
                             std::shared_ptr<QueryMemory> memory, FetchEnvironment environment) {
  std::vector<ShardLeg<FetchedPart>> legs = MakeLegs(plan, reach, deadline, memory, environment);
  std::vector<std::pair<size_t, size_t>> asked;  // shard, fetch: of each leg
  for (const ShardLeg<FetchedPart>& leg : legs) asked.emplace_back(leg.shard, leg.question);
  std::vector<absl::StatusOr<FetchedPart>> answers =
      co_await AskShards(environment.legs, environment.clock, reach, deadline,
                         environment.region_deadline, std::move(legs));

  FetchResult result;
  std::set<int> histograms;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (ReasonOf(answers[i].status()) == kHistogramsReason) {
      histograms.insert(static_cast<int>(asked[i].second));
    }
  }
  if (!histograms.empty()) {
    result.plan_anew = true;
    CollectHistograms(plan, histograms, result.histograms);
    co_return result;
  }
  for (size_t i = 0; i < answers.size(); ++i) {
    if (!plan.fetches[asked[i].second].partial_sums || !answers[i].ok()) continue;
    if (!NearOverflow(*answers[i])) continue;
    result.plan_anew = result.sums_overflow = true;
    co_return result;
  }
  result.coverage = NotAsked(reach);
  std::vector<std::vector<int>> missing(reach.shards.size());  // by shard: fetches without answer
  Coverage gone;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].ok()) continue;
    const ReachableShard& place = reach.shards[asked[i].first];
    CO_RETURN_IF_ERROR(FailsTheQuery(place, answers[i].status()));
    missing[asked[i].first].push_back(static_cast<int>(asked[i].second));
    PartCoverage part = MissingPart(place, answers[i].status());
    SetTimes(plan.fetches[asked[i].second], part);
    gone.Add(std::move(part));
  }
  for (PartCoverage part : gone.parts()) {
    const size_t shard = IndexOf(reach, part);
    std::optional<ShardHistory> history;
    if (environment.history && reach.shards[shard].cache != nullptr) {
      CO_ASSIGN_OR_RETURN(history, co_await HistoryOf(plan, reach, shard, missing[shard], deadline,
                                                      memory, environment));
    }
    if (history) {
      part = StalePart(std::move(part), *history, *environment.history,
                       environment.clock.WallMillis());
      std::move(history->parts.begin(), history->parts.end(), std::back_inserter(result.parts));
      history->parts.clear();
      result.history.push_back(*std::move(history));
      missing[shard].clear();
    }
    result.coverage.Add(std::move(part));
  }
  for (size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].ok() || !missing[asked[i].first].empty()) continue;
    PartCoverage part = AnsweredPart(reach.shards[asked[i].first], answers[i]->info);
    SetTimes(plan.fetches[asked[i].second], part);
    result.coverage.Add(std::move(part));
    AddOnce(answers[i]->info.warnings, result.warnings);
    AddOnce(answers[i]->info.infos, result.infos);
    result.parts.push_back(*std::move(answers[i]));
  }
  if (deadline.Expired(environment.clock)) {
    co_return absl::DeadlineExceededError("query timed out in query execution");
  }
  CO_RETURN_IF_ERROR(CheckAnswered(reach, result.coverage));
  co_return result;
}

std::string ExplainCost(const FetchResult& result, const Reach& reach) {
  std::string out;
  for (const FetchedPart& part : result.parts) {
    const promql::TopologyShard& place = reach.shards[part.shard].place;
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(part.info.duration);
    absl::StrAppend(&out, "#", part.fetch, " ", place.region, "/", place.shard, ": ", part.series,
                    " series, ", part.info.bytes, " bytes, ", us.count() / 1000, ".",
                    us.count() % 1000 / 100, " ms\n");
    for (const std::string& note : part.info.notes) absl::StrAppend(&out, "  ", note, "\n");
  }
  for (const PartCoverage& part : result.coverage.parts()) {
    if (part.reason.empty()) continue;
    absl::StrAppend(&out, part.region, "/", part.shard, ": ", part.reason, ": ", part.detail, "\n");
  }
  return out;
}

}  // namespace synoptic::aggregator
