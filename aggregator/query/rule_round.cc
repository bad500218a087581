// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The part of a round that waits for nobody: planning, choosing, keeping, evaluating.
#include "aggregator/query/rule_round.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "aggregator/query/outcome.h"
#include "aggregator/upstream/reason.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// Asking one rule of every shard costs both sides about as much as the newest samples of so many
// series, few of which have any (scripts/bench rules).
constexpr double kSeriesPerQuestion = 500;
constexpr MonoDuration kReadAgain = std::chrono::seconds(10);
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
  for (auto& [metric, window] : windows_->metrics()) {
    window.questions = 0;
    window.fetched = false;
  }
  for (const auto& call : calls) {
    for (size_t i = 0; i < call->requests.size(); ++i) {
      const QueryRequest& request = call->requests[i];
      auto question = plans_->Of(request, topology, round.reach.own);
      if (question == nullptr) continue;
      question->core->evaluated = false;
      for (MetricWindow* window : question->core->windows) ++window->questions;
      round.deadline = round.deadline.Earlier(request.deadline);
      round.items.push_back({call.get(), i, std::move(question)});
    }
  }
  constexpr double kNewest = 0.2;
  for (auto& [metric, window] : windows_->metrics()) {
    if (window.questions == 0) continue;
    const auto now = static_cast<double>(window.questions);
    double& usual = window.usual_questions;
    usual = usual == 0 ? now : usual + kNewest * (now - usual);
  }
}

void RuleRounds::Choose(Round& round) {
  const MonoTime now = services_.clock.Mono();
  const auto fits = [&](MetricWindow* window) {
    if (window->unfit_at && now - *window->unfit_at < kUnfitFor) return false;
    window->unfit_at.reset();
    if (!window->series) return false;
    const int64_t each = kLabelBytes + kSampleBytes * (window->reach_ms / kUsualScrapeMs);
    if (*window->series * each > services_.max_kept_bytes) return false;
    const double questions =
        std::max(static_cast<double>(window->questions), window->usual_questions);
    return static_cast<double>(*window->series) <= kSeriesPerQuestion * questions;
  };
  // A rule that is asked alone no longer speaks for its other metrics.
  for (bool changed = true; changed;) {
    changed = false;
    for (Item& item : round.items) {
      if (!item.shared) continue;
      const std::vector<MetricWindow*>& windows = item.question->core->windows;
      if (std::all_of(windows.begin(), windows.end(), fits)) continue;
      item.shared = false;
      changed = true;
      for (MetricWindow* window : windows) --window->questions;
    }
  }
  std::erase_if(round.items, [](const Item& item) { return !item.shared; });
  struct Span {
    int64_t from = INT64_MAX;
    int64_t until = INT64_MIN;
  };
  absl::flat_hash_map<const MetricWindow*, Span> spans;
  for (const Item& item : round.items) {
    for (const RuleCore::Read& read : item.question->core->reads) {
      Span& span = spans[read.selector->window];
      span.from = std::min(span.from, item.time_ms() - read.selector->window->reach_ms);
      span.until = std::max(span.until, item.time_ms() + read.max_t);
    }
  }
  for (const auto& [metric, window] : windows_->metrics()) {
    const auto span = spans.find(&window);
    if (span == spans.end()) continue;
    Round::Want& want = round.wants[metric];
    want.from = span->second.from;
    want.until = span->second.until;
  }
  for (auto& [metric, want] : round.wants) {
    MetricWindow& window = windows_->At(metric);
    window.brief = window.read_again && now - *window.read_again < kReadAgain;
    if (!window.brief) window.read_again = now;
    want.request.matchers = window.matchers;
    want.request.max_t = want.until;
    want.request.lane = Lane::kRules;
    want.request.hint_step_ms = 0;
    for (size_t shard = 0; shard < window.wanted.size(); ++shard) {
      if (!window.wanted[shard]) continue;
      want.shards.push_back(shard);
      want.asked_from.push_back(window.shards[shard].AskFrom(want.from, window.brief));
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
    window.fetched = true;
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
        KeptWindow& kept = window.shards[shard];
        const int64_t up_to = window.brief ? kept.settled() : whole ? settled : part.asked_from - 1;
        status = kept.Take(part.answer, want.from, part.asked_from, want.until, up_to);
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

std::optional<absl::StatusOr<QueryAnswer>> RuleRounds::ValueOf(Round& round, RuleCore& core,
                                                               const QueryRequest& request) {
  const int64_t time_ms = request.grid.start;
  std::vector<bool> dark(round.reach.shards.size());
  std::vector<WindowSamples::Read> reads;
  QueryAnswer answer;
  answer.coverage = round.not_asked;
  for (const RuleCore::Read& read : core.reads) {
    const MetricWindow& window = *read.selector->window;
    if (window.unfit_at || !window.fetched) return std::nullopt;  // asked alone
    reads.push_back({read.selector.get(), time_ms + read.min_t, time_ms + read.max_t});
    for (const int id : read.selector->shards) {
      const auto shard = static_cast<size_t>(id);
      PartCoverage part = window.parts[shard];
      part.min_t = reads.back().min_t;
      part.max_t = reads.back().max_t;
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
  if (absl::Status status = CheckAnswered(round.reach, answer.coverage); !status.ok()) {
    return status;
  }
  const auto memory = std::make_shared<QueryMemory>(services_.memory, services_.max_memory_bytes);
  promql::EvalOptions options = services_.options(request);
  options.query_text = core.text;
  options.budget = &memory->query;
  WindowSamples samples(*windows_, std::move(reads), dark);
  auto evaluated = promql::Evaluate(*core.root, options, samples);
  if (!evaluated.ok()) return evaluated.status();
  answer.value = std::move(evaluated->value);
  answer.annotations = std::move(evaluated->annotations);
  answer.stats = evaluated->stats;
  answer.holds = memory;
  return answer;
}

namespace {

bool Holds(promql::BinaryOp op, double a, double b) {
  switch (op) {
    case promql::BinaryOp::kEqual:
      return a == b;
    case promql::BinaryOp::kNotEqual:
      return a != b;
    case promql::BinaryOp::kGreater:
      return a > b;
    case promql::BinaryOp::kLess:
      return a < b;
    case promql::BinaryOp::kGreaterEqual:
      return a >= b;
    case promql::BinaryOp::kLessEqual:
      return a <= b;
    default:
      return false;
  }
}

// Nothing where there are histograms, whose comparison is told in an annotation.
std::optional<QueryAnswer> KeepIf(const QueryAnswer& all,
                                  std::pair<promql::BinaryOp, double> what) {
  QueryAnswer kept;
  kept.value.type = all.value.type;
  kept.value.grid = all.value.grid;
  for (const promql::StepSeries& series : all.value.series) {
    if (!series.histograms.empty()) return std::nullopt;
    if (!promql::IsAbsent(series.values[0]) && Holds(what.first, series.values[0], what.second)) {
      kept.value.series.push_back(series);
    }
  }
  kept.annotations = all.annotations;
  kept.upstream_warnings = all.upstream_warnings;
  kept.coverage = all.coverage;
  kept.holds = all.holds;
  return kept;
}

}  // namespace

void RuleRounds::Evaluate(Round& round, Item& item) {
  const QueryRequest& request = item.call->requests[item.index];
  std::optional<absl::StatusOr<QueryAnswer>>& out = item.call->answers[item.index];
  RuleCore& core = *item.question->core;
  if (!core.evaluated || core.time_ms != request.grid.start) {
    core.value = ValueOf(round, core, request);
    core.time_ms = request.grid.start;
    core.evaluated = true;
  }
  if (!core.value.has_value()) return;
  if (!core.value->ok() || !item.question->keep_if) {
    out = core.value;
  } else if (auto kept = KeepIf(**core.value, *item.question->keep_if); kept.has_value()) {
    out.emplace(*std::move(kept));
  }
}

}  // namespace synoptic::aggregator
