// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The fan-out of the aggregator: every leg's answer or the reason why there is none, waiting for
// each region as long as Patience says and not longer than its breaker stays closed.
#pragma once

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "aggregator/query/patience.h"
#include "aggregator/query/scope.h"
#include "aggregator/upstream/reason.h"
#include "net/async/event.h"
#include "net/async/keep.h"
#include "net/async/task_group.h"

namespace synoptic::aggregator {

// One question to one shard. The task owns what it uses: it may outlive the query.
template <class T>
struct ShardLeg {
  size_t shard = 0;     // index into Reach::shards
  size_t question = 0;  // legs of one question are alike: their times are compared
  Task<T> task;
};

namespace internal {

template <class T>
struct AskState {
  AskState(const boost::asio::any_io_executor& executor, const Clock& with, size_t n)
      : progress(executor), clock(with), results(n), ended(n), open(n) {}
  void Decide(size_t leg, absl::StatusOr<T> result) {
    if (results[leg].has_value()) return;
    ended[leg] = clock.Mono();
    results[leg].emplace(std::move(result));
    fresh.push_back(leg);
    --open;
    progress.Set();
  }
  Event progress;
  const Clock& clock;  // the service's: outlives every leg
  std::vector<std::optional<absl::StatusOr<T>>> results;
  std::vector<MonoTime> ended;
  std::vector<size_t> fresh;  // decided legs that nobody took notice of yet
  size_t open;
};

}  // namespace internal

// How often a wait looks whether a breaker opened meanwhile.
inline constexpr MonoDuration kBreakerLook = std::chrono::milliseconds(100);

// One round of asking: decides legs whose time is over. Lives in AskShards' frame.
template <class T>
class Asking {
 public:
  Asking(TaskGroup& group, const Clock& clock, const Reach& reach, Deadline query,
         MonoDuration region_deadline, std::vector<ShardLeg<T>> legs,
         const boost::asio::any_io_executor& executor)
      : clock_(clock),
        reach_(reach),
        legs_(std::move(legs)),
        handles_(legs_.size()),
        next_look_(Deadline::At(clock.Mono())),
        state_(std::make_shared<internal::AskState<T>>(executor, clock, legs_.size())) {
    size_t questions = 0;
    for (const ShardLeg<T>& leg : legs_) questions = std::max(questions, leg.question + 1);
    patience_.assign(questions, Patience(clock.Mono(), region_deadline, query));
    for (size_t i = 0; i < legs_.size(); ++i) Start(group, executor, i);
  }

  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  ~Asking() { CancelAll(); }

  Event& progress() { return state_->progress; }

  // Whether anything is still running; `next` is when to look again. Costs by what was decided
  // since the last look: with many legs each answer is one.
  bool Look(Deadline* next) {
    state_->progress.Reset();
    while (!state_->fresh.empty()) TakeNotice();
    if (next_look_.Expired(clock_)) LookAtOpen();
    *next = next_look_;
    return state_->open > 0;
  }

  void CancelAll() {
    for (size_t i = 0; i < legs_.size(); ++i) {
      if (!Decided(i)) GiveUp(i, absl::CancelledError("cancelled"));
    }
  }

  std::vector<absl::StatusOr<T>> Take() {
    std::vector<absl::StatusOr<T>> results;
    results.reserve(legs_.size());
    for (auto& result : state_->results) results.push_back(*std::move(result));
    return results;
  }

 private:
  void TakeNotice() {
    const size_t leg = state_->fresh.back();
    state_->fresh.pop_back();
    const absl::Status& status = state_->results[leg]->status();
    if (status.ok()) {
      Patience& patience = patience_[legs_[leg].question];
      // From the first answer on there is something to compare with.
      if (!patience.answered()) next_look_ = Deadline::At(clock_.Mono());
      patience.Answered(state_->ended[leg]);
    } else if (ReasonOf(status) != kHistogramsReason) {
      // (One that has histograms is not missing: the query is planned anew for that part.)
      GiveUpShard(legs_[leg].shard, absl::Status(status));
    }
  }

  // Limits only move out after a question's first answer: none is missed until the next look.
  void LookAtOpen() {
    next_look_ = Deadline::After(clock_, kBreakerLook);
    for (size_t i = 0; i < legs_.size(); ++i) {
      if (!Decided(i)) LookAt(i);
    }
  }

  bool Decided(size_t leg) const { return state_->results[leg].has_value(); }
  const ReachableShard& ShardOf(size_t leg) const { return reach_.shards[legs_[leg].shard]; }

  void Start(TaskGroup& group, const boost::asio::any_io_executor& executor, size_t i) {
    if (!ShardOf(i).available()) {
      const absl::Status status = absl::UnavailableError("not asked: recent failures");
      return state_->Decide(i, WithReason(status, "breaker_open"));
    }
    const auto keep = [state = state_, i](absl::StatusOr<T> result) {
      state->Decide(i, std::move(result));
    };
    handles_[i] = group.Spawn(executor, "shard leg", RunAndKeep(std::move(legs_[i].task), keep));
    if (!handles_[i]) state_->Decide(i, absl::CancelledError("shutting down"));
  }

  void LookAt(size_t i) {
    const Patience& patience = patience_[legs_[i].question];
    const Deadline limit = ShardOf(i).required ? patience.ForRequired() : patience.ForTolerated();
    next_look_ = next_look_.Earlier(limit);
    if (limit.Expired(clock_)) {
      GiveUpShard(legs_[i].shard,
                  absl::DeadlineExceededError("no answer before the region's deadline"));
    } else if (!ShardOf(i).available()) {
      GiveUpShard(legs_[i].shard,
                  WithReason(absl::UnavailableError("went down while asked"), "down"));
    }
  }

  void GiveUp(size_t leg, const absl::Status& why) {
    handles_[leg].Cancel();
    state_->Decide(leg, why);
  }
  // Half of a shard's answers is none: what else it was asked is not worth waiting for.
  void GiveUpShard(size_t shard, const absl::Status& why) {
    for (size_t i = 0; i < legs_.size(); ++i) {
      if (legs_[i].shard == shard && !Decided(i)) GiveUp(i, why);
    }
  }

  const Clock& clock_;
  const Reach& reach_;
  std::vector<ShardLeg<T>> legs_;
  std::vector<TaskHandle> handles_;
  std::vector<Patience> patience_;  // per question
  Deadline next_look_;              // at legs that are open
  std::shared_ptr<internal::AskState<T>> state_;
};

// All legs' results, in their order. A leg whose time is over is cancelled and lives on in `group`
// until it notices. If the caller is cancelled, so are all legs.
template <class T>
boost::asio::awaitable<std::vector<absl::StatusOr<T>>> AskShards(TaskGroup& group,
                                                                 const Clock& clock,
                                                                 const Reach& reach, Deadline query,
                                                                 MonoDuration region_deadline,
                                                                 std::vector<ShardLeg<T>> legs) {
  const auto executor = co_await boost::asio::this_coro::executor;
  Asking<T> asking(group, clock, reach, query, region_deadline, std::move(legs), executor);
  Deadline next = Deadline::Infinite();
  while (asking.Look(&next)) {
    if (asking.progress().is_set()) continue;
    const absl::Status wait = co_await asking.progress().WaitUntil(clock, next.at());
    if (absl::IsCancelled(wait)) asking.CancelAll();
  }
  co_return asking.Take();
}

}  // namespace synoptic::aggregator
