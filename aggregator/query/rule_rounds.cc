// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/rule_rounds.h"

#include <boost/asio/this_coro.hpp>

#include "absl/strings/str_cat.h"
#include "aggregator/query/ask_shards.h"
#include "aggregator/query/outcome.h"
#include "aggregator/query/rule_round.h"
#include "aggregator/query/stored_shard.h"
#include "base/status.h"
#include "net/async/fan_out.h"
#include "net/async/timer.h"
#include "promql/parse/printer.h"

namespace synoptic::aggregator {
namespace {

constexpr MonoDuration kCountedFor = std::chrono::hours(1);
constexpr size_t kItemsAtOnce = 256;

}  // namespace

// What is new; or everything, when another replica than before answers.
Task<RuleRounds::Part> RuleRounds::AskNew(StoredShard shard, RawRequest request, int64_t from,
                                          std::string replica, Deadline deadline,
                                          FetchEnvironment environment) {
  Part part;
  part.memory = shard.memory;
  part.asked_from = request.min_t;
  part.asked_ms = environment.clock.WallMillis();
  CO_ASSIGN_OR_RETURN(part.answer, co_await AskRawOf(shard, request, deadline, environment));
  if (part.asked_from > from && part.answer.info.replica != replica) {
    request.min_t = part.asked_from = from;
    part.asked_ms = environment.clock.WallMillis();
    CO_ASSIGN_OR_RETURN(part.answer,
                        co_await AskRawOf(shard, std::move(request), deadline, environment));
  }
  co_return part;
}

RuleRounds::RuleRounds(Services services)
    : services_(std::move(services)),
      kept_(services_.memory.get()),
      turn_(std::make_unique<Gate>(1)) {}

RuleRounds::~RuleRounds() = default;

Task<TogetherAnswers> RuleRounds::Query(std::vector<QueryRequest> requests, MonoDuration gather) {
  const auto executor = co_await boost::asio::this_coro::executor;
  Deadline deadline = Deadline::Infinite();
  for (const QueryRequest& request : requests) deadline = deadline.Earlier(request.deadline);
  const auto call = std::make_shared<Call>(std::move(requests), executor);
  pending_.push_back(call);
  if (!gathering_) {
    gathering_ = true;
    if (!services_.legs.Spawn(executor, "rules' round", Run(gather))) {
      co_return absl::CancelledError("shutting down");
    }
  }
  CO_RETURN_IF_ERROR(co_await call->done.WaitUntil(services_.clock, deadline.at()));
  co_return std::move(call->answers);
}

Task<> RuleRounds::Run(MonoDuration gather) {
  CO_RETURN_IF_ERROR(co_await SleepUntil(services_.clock, last_round_ + gather));
  CO_ASSIGN_OR_RETURN(
      const Gate::Place turn,
      co_await turn_->Enter(services_.clock, Deadline::Infinite(), Lane::kDashboards));
  gathering_ = false;
  last_round_ = services_.clock.Mono();
  std::vector<std::shared_ptr<Call>> calls = std::exchange(pending_, {});
  const absl::Status status = co_await AnswerAll(calls);
  for (const auto& call : calls) call->done.Set();
  co_return status;
}

// How many series a metric has, where nobody knows yet: fetched blindly, it could be millions.
Task<> RuleRounds::CountUnknown(Round& round) {
  std::vector<std::string> names;
  std::vector<Leg<QueryAnswer>> legs;
  const MonoTime now = services_.clock.Mono();
  for (const auto& [metric, window] : windows_->metrics()) {
    if (window.questions == 0) continue;
    if (window.series && now - window.counted < kCountedFor) continue;
    if (window.unfit_at) continue;
    QueryRequest request;
    request.text = absl::StrCat("count(", promql::PrintMatchers(window.matchers), ")");
    request.grid = promql::Grid::Instant(round.items.front().time_ms());
    request.deadline = round.deadline;
    request.partial = PartialPolicy::kDegrade;
    request.lane = Lane::kRules;
    names.push_back(metric);
    legs.push_back({services_.ask_alone(std::move(request)), round.deadline});
  }
  if (legs.empty()) co_return absl::OkStatus();
  auto answers = co_await FanOut<QueryAnswer>(services_.legs, services_.clock, std::move(legs));
  for (size_t i = 0; i < answers.size(); ++i) {
    if (absl::IsCancelled(answers[i].status())) co_return answers[i].status();
    if (!answers[i].ok()) continue;
    const auto& series = answers[i]->value.series;
    MetricWindow& window = windows_->At(names[i]);
    window.series = series.empty() ? 0 : static_cast<int64_t>(series[0].values[0]);
    // What a missing region has is counted soon.
    const bool whole = answers[i]->coverage.complete();
    window.counted = now - (whole ? MonoDuration{} : kCountedFor - std::chrono::minutes(1));
  }
  co_return absl::OkStatus();
}

Task<RuleRounds::Fetched> RuleRounds::FetchMetric(std::shared_ptr<Round> round,
                                                  std::string metric) {
  const Round::Want& want = round->wants.at(metric);
  std::vector<ShardLeg<Part>> legs;
  for (size_t i = 0; i < want.shards.size(); ++i) {
    const ReachableShard& at = round->reach.shards[want.shards[i]];
    StoredShard shard{at.stores, at.place, std::make_shared<LegMemory>(round->memory)};
    RawRequest request = want.request;
    request.min_t = want.asked_from[i];
    ShardLeg<Part> leg;
    leg.shard = want.shards[i];
    leg.task = AskNew(std::move(shard), std::move(request), want.from, want.replicas[i],
                      round->deadline, round->environment);
    legs.push_back(std::move(leg));
  }
  Fetched fetched;
  fetched.shards = want.shards;
  fetched.parts =
      co_await AskShards(round->environment.legs, round->environment.clock, round->reach,
                         round->deadline, round->environment.region_deadline, std::move(legs));
  co_return fetched;
}

Task<> RuleRounds::FetchAll(const std::shared_ptr<Round>& round) {
  std::vector<std::string> names;
  std::vector<Leg<Fetched>> legs;
  for (const auto& [metric, want] : round->wants) {
    names.push_back(metric);
    legs.push_back({FetchMetric(round, metric), round->deadline});
  }
  auto answers = co_await FanOut<Fetched>(services_.legs, services_.clock, std::move(legs));
  for (size_t i = 0; i < answers.size(); ++i) {
    if (absl::IsCancelled(answers[i].status())) co_return answers[i].status();
    if (answers[i].ok()) round->fetched.emplace(names[i], *std::move(answers[i]));
  }
  co_return absl::OkStatus();
}

Task<> RuleRounds::AnswerAll(std::vector<std::shared_ptr<Call>>& calls) {
  const std::shared_ptr<const Upstreams> upstreams = services_.upstreams();
  if (upstreams != upstreams_) {
    upstreams_ = upstreams;
    plans_.reset();
    windows_.reset();
  }
  const auto round = std::make_shared<Round>(services_.environment());
  CO_ASSIGN_OR_RETURN(round->reach, ReachOf(*upstreams, {}, PartialPolicy::kDegrade));
  WatchEdges(round->reach, co_await boost::asio::this_coro::executor, services_.clock,
             services_.legs);
  if (!windows_.has_value()) {
    windows_.emplace(round->reach.shards.size());
    plans_.emplace(services_.language, *windows_);
  }
  round->not_asked = NotAsked(round->reach);
  round->memory = std::make_shared<QueryMemory>(services_.memory, 0);
  CO_RETURN_IF_ERROR(co_await RunOn(services_.pool, [&] { Plan(calls, *round); }));
  CO_RETURN_IF_ERROR(co_await CountUnknown(*round));
  Choose(*round);
  if (round->items.empty()) co_return absl::OkStatus();
  CO_RETURN_IF_ERROR(co_await FetchAll(round));
  CO_RETURN_IF_ERROR(co_await RunOn(services_.pool, [&] { Keep(*round); }));
  for (size_t begin = 0; begin < round->items.size(); begin += kItemsAtOnce) {
    const size_t end = std::min(round->items.size(), begin + kItemsAtOnce);
    CO_ASSIGN_OR_RETURN(
        const Gate::Place place,
        co_await services_.gate.Enter(services_.clock, round->deadline, Lane::kRules));
    CO_RETURN_IF_ERROR(co_await RunOn(services_.pool, [&] {
      for (size_t i = begin; i < end; ++i) Evaluate(*round, round->items[i]);
    }));
  }
  for (const Item& item : round->items) item.question->core->value.reset();
  co_return absl::OkStatus();
}

}  // namespace synoptic::aggregator
