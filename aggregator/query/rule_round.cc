// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The part of a round that waits for nobody: planning, choosing, keeping, evaluating.
#include "aggregator/query/rule_round.h"

#include <algorithm>
#include <set>

#include "aggregator/query/outcome.h"
#include "aggregator/upstream/reason.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// Asking one rule of every shard costs both sides about as much as the newest samples of so many
// series (scripts/bench rules).
constexpr int64_t kSeriesPerQuestion = 150;
constexpr MonoDuration kUnfitFor = std::chrono::minutes(30);
// How far back data may still change where that is not learned.
constexpr int64_t kRecentMs = 120'000;
// For a guess before anything was fetched.
constexpr int64_t kLabelBytes = 300, kSampleBytes = 16, kUsualScrapeMs = 15'000;

// The shard is away. Anything else may be so for this read alone: its rules are asked by
// themselves.
bool OnlyMissing(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) &&
         reason != "bad_response" && !reason.starts_with("http_4");
}

}  // namespace

void RuleRounds::Plan(std::vector<std::shared_ptr<Call>>& calls, Round& round) {
  const promql::Topology topology = round.reach.MakeTopology();
  for (const auto& call : calls) {
    for (size_t i = 0; i < call->requests.size(); ++i) {
      const QueryRequest& request = call->requests[i];
      auto plan = services_.plan(request, topology, round.reach.own);
      // Asked alone, it gets its error.
      if (!plan.ok() || plan->fetches.empty()) continue;
      // What was recorded here costs no question, and is there at once: nothing to keep.
      if (std::any_of(plan->fetches.begin(), plan->fetches.end(),
                      [](const promql::Fetch& fetch) { return !fetch.own_matchers.empty(); })) {
        continue;
      }
      Item item{call.get(), i, *std::move(plan), {}};
      for (const promql::Fetch& fetch : item.plan.fetches) {
        auto metric = RuleWindows::MetricOf(fetch, item.time_ms());
        if (!metric) break;
        item.metrics.push_back(*std::move(metric));
      }
      if (item.metrics.size() != item.plan.fetches.size()) continue;
      for (size_t f = 0; f < item.metrics.size(); ++f) {
        windows_->AddReader(item.metrics[f], item.plan.fetches[f], item.time_ms());
      }
      for (const std::string& metric : std::set(item.metrics.begin(), item.metrics.end())) {
        ++round.questions[metric];
      }
      round.deadline = round.deadline.Earlier(request.deadline);
      round.items.push_back(std::move(item));
    }
  }
}

void RuleRounds::Choose(Round& round) {
  const MonoTime now = services_.clock.Mono();
  const auto fits = [&](const std::string& metric) {
    MetricWindow& window = windows_->At(metric);
    if (window.unfit_at && now - *window.unfit_at < kUnfitFor) return false;
    window.unfit_at.reset();
    if (!window.series) return false;
    const int64_t each = kLabelBytes + kSampleBytes * (window.reach_ms / kUsualScrapeMs);
    if (*window.series * each > services_.max_kept_bytes) return false;
    return *window.series <= kSeriesPerQuestion * round.questions[metric];
  };
  // A rule that is asked alone no longer speaks for its other metrics.
  for (bool changed = true; changed;) {
    changed = false;
    for (Item& item : round.items) {
      if (!item.shared) continue;
      if (std::all_of(item.metrics.begin(), item.metrics.end(), fits)) continue;
      item.shared = false;
      changed = true;
      for (const std::string& metric : std::set(item.metrics.begin(), item.metrics.end())) {
        --round.questions[metric];
      }
    }
  }
  std::erase_if(round.items, [](const Item& item) { return !item.shared; });
  for (const Item& item : round.items) {
    for (size_t f = 0; f < item.metrics.size(); ++f) {
      const auto [at, fresh] = round.wants.try_emplace(item.metrics[f]);
      Round::Want& want = at->second;
      const int64_t from = item.time_ms() - windows_->At(item.metrics[f]).reach_ms;
      want.from = fresh ? from : std::min(want.from, from);
      want.until = std::max(want.until, item.plan.fetches[f].max_t);
    }
  }
  for (auto& [metric, want] : round.wants) {
    const MetricWindow& window = windows_->At(metric);
    want.request.matchers = window.matchers;
    want.request.max_t = want.until;
    want.request.lane = Lane::kRules;
    want.request.hint_step_ms = 0;
    for (size_t shard = 0; shard < window.wanted.size(); ++shard) {
      if (!window.wanted[shard]) continue;
      want.shards.push_back(shard);
      want.asked_from.push_back(window.shards[shard].AskFrom(want.from));
      want.replicas.push_back(window.shards[shard].replica());
    }
  }
}

// Runs on the pool. What could not be had whole is either a missing shard, or a metric whose rules
// are asked alone from now on.
void RuleRounds::Keep(Round& round) {
  const MonoTime now = services_.clock.Mono();
  windows_->ForgetRead();
  for (auto& [metric, fetched] : round.fetched) {
    MetricWindow& window = windows_->At(metric);
    const Round::Want& want = round.wants.at(metric);
    int64_t series = 0;
    for (size_t i = 0; i < fetched.shards.size(); ++i) {
      const size_t shard = fetched.shards[i];
      const ReachableShard& place = round.reach.shards[shard];
      absl::Status status = fetched.parts[i].status();
      if (status.ok()) {
        Part& part = *fetched.parts[i];
        const int64_t settled = place.cache == nullptr ? part.asked_ms - kRecentMs
                                                       : place.cache->edge().At(part.asked_ms);
        // What comes with a warning may lack something, and a server without any series may have
        // just been started: that is asked for again.
        const bool whole = part.answer.info.warnings.empty() && !part.answer.series.empty() &&
                           !part.answer.info.coverage.starts_with("partial");
        status = window.shards[shard].Take(part.answer, want.from, part.asked_from, want.until,
                                           whole ? settled : part.asked_from - 1);
        window.infos[shard] = std::move(part.answer.info);
        fetched.parts[i] = absl::UnknownError("kept");
      }
      if (!status.ok() && !OnlyMissing(status)) window.unfit_at = now;
      window.parts[shard] =
          status.ok() ? AnsweredPart(place, window.infos[shard]) : MissingPart(place, status);
      series += static_cast<int64_t>(window.shards[shard].series().size());
    }
    const bool whole = std::all_of(fetched.shards.begin(), fetched.shards.end(),
                                   [&](size_t shard) { return !window.parts[shard].missing(); });
    if (whole) {
      window.series = series;
      window.counted = now;
    }
  }
  int64_t bytes = 0;
  for (const auto& [metric, window] : windows_->metrics()) bytes += window.bytes();
  kept_.Reset();
  if (!kept_.Grow(bytes).ok()) {
    // Nobody shall starve for what can be asked again.
    for (auto& [metric, window] : windows_->metrics()) {
      window.unfit_at = now;
      for (KeptWindow& shard : window.shards) shard.Clear();
    }
  }
}

void RuleRounds::Evaluate(Round& round, Item& item) {
  std::vector<bool> dark(round.reach.shards.size());
  QueryAnswer answer;
  answer.coverage = round.not_asked;
  for (size_t f = 0; f < item.metrics.size(); ++f) {
    const MetricWindow& window = windows_->At(item.metrics[f]);
    if (window.unfit_at || !round.fetched.contains(item.metrics[f])) return;  // asked alone
    for (const int id : item.plan.fetches[f].shards) {
      const auto shard = static_cast<size_t>(id);
      PartCoverage part = window.parts[shard];
      part.min_t = item.plan.fetches[f].min_t;
      part.max_t = item.plan.fetches[f].max_t;
      // A shard counts as a whole: a ratio of two sums stays a ratio.
      if (part.missing()) dark[shard] = true;
      answer.coverage.Add(std::move(part));
      for (const std::string& text : window.infos[shard].warnings) {
        auto& warnings = answer.upstream_warnings;
        if (dark[shard] || std::find(warnings.begin(), warnings.end(), text) != warnings.end()) {
          continue;
        }
        warnings.push_back(text);
      }
    }
  }
  const QueryRequest& request = item.call->requests[item.index];
  std::optional<absl::StatusOr<QueryAnswer>>& out = item.call->answers[item.index];
  if (absl::Status status = CheckAnswered(round.reach, answer.coverage); !status.ok()) {
    out.emplace(std::move(status));
    return;
  }
  const auto memory = std::make_shared<QueryMemory>(services_.memory, services_.max_memory_bytes);
  promql::EvalOptions options = services_.options(request);
  options.budget = &memory->query;
  WindowSamples samples(*windows_, item.plan, item.metrics, dark);
  auto evaluated = promql::Evaluate(*item.plan.root, options, samples);
  if (!evaluated.ok()) {
    out.emplace(evaluated.status());
    return;
  }
  answer.value = std::move(evaluated->value);
  answer.annotations = std::move(evaluated->annotations);
  answer.stats = evaluated->stats;
  answer.holds = memory;
  out.emplace(std::move(answer));
}

}  // namespace synoptic::aggregator
