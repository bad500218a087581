// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One question to a shard: its replicas in turn until one answers. Internal to this library.
//
// A sibling is tried when a replica fails, and beside it
//   - when it seems dead: it gave no sign of life for a while and neither did a probe sent
//   meanwhile;
//   - when it is slower than it was to nearly all others lately (a hedge), once, if the sibling is
//     well and the shard's budget for that allows it.
// The first answer wins and the other attempt is cancelled. When all have failed in a way that may
// pass (a broken connection, a server error), one is asked again after a random pause. What is
// asked after failures has its budget too: an outage is not made worse by those who repeat
// themselves.
#pragma once

#include <boost/asio/this_coro.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "aggregator/upstream/replica.h"
#include "net/async/keep.h"
#include "net/async/task_group.h"

namespace synoptic::aggregator {

// Asks one replica. Called to make a coroutine that owns what it uses.
template <class T>
using Attempt = std::function<Task<T>(std::shared_ptr<ReplicaState>, Deadline)>;

// The attempts of one question, without their results' type.
class AttemptPlan {
 public:
  // `only`: urls of those that may be asked; empty: any.
  AttemptPlan(std::shared_ptr<ShardState> shard, Deadline deadline,
              const std::vector<std::string>& only)
      : shard_(std::move(shard)), deadline_(deadline), candidates_(shard_->Candidates(only)) {
    shard_->hedges.OnQuestion();
    shard_->retries.OnQuestion();
  }

  bool empty() const { return candidates_.empty(); }
  // Another replica to try; there may be none.
  std::shared_ptr<ReplicaState> Next();
  // Tells the observer of an attempt beyond the first.
  void Tell(const ReplicaState& replica) const;
  // When to look again if nothing happens before.
  MonoTime NextLook() const;
  // Looks: has replicas that were asked and are silent for long probed. True when another attempt
  // should be started now: the last one stayed silent even so, a hedge is due, or a retry is.
  bool Look();
  enum class Then { kStop, kStart, kPause };
  // Nothing runs any more; this was the last error.
  Then AfterFailure(const absl::Status& error);
  Deadline deadline() const { return deadline_; }
  const ShardState& shard() const { return *shard_; }

 private:
  bool LookAtSilence();

  const std::shared_ptr<ShardState> shard_;
  const Deadline deadline_;
  std::vector<std::shared_ptr<ReplicaState>> candidates_;
  size_t next_ = 0;
  struct Watched {
    std::shared_ptr<ReplicaState> replica;
    MonoTime asked;
    MonoDuration patience;
    MonoTime next_look;
  };
  std::vector<Watched> watched_;  // whose attempts may run, in their order
  std::optional<MonoTime> hedge_at_;
  std::optional<MonoTime> retry_at_;
  int retries_ = 0;
  std::string_view why_;  // the next attempt is made
};

// What the shard's failure reads like: names region, shard and, of several, the replica.
absl::Status ShardError(const ShardState& shard, const ReplicaState* replica, std::string_view what,
                        const absl::Status& status);
absl::Status NobodyToAsk(const ShardState& shard, std::string_view what);

namespace internal {

template <class T>
struct Race {
  using Result = typename synoptic::internal::TaskResult<T>::type;
  explicit Race(const boost::asio::any_io_executor& executor) : progress(executor) {}
  Event progress;
  int running = 0;
  std::optional<Result> winner;
  absl::Status last_error;
  std::shared_ptr<ReplicaState> failed;  // whose error that is
};

// What becomes of an attempt's result.
template <class T>
void Keep(Race<T>& race, std::shared_ptr<ReplicaState> replica, typename Race<T>::Result result) {
  --race.running;
  const absl::Status error = result.status();
  if (error.ok()) {
    if (!race.winner.has_value()) race.winner.emplace(std::move(result));
  } else if (race.last_error.ok() ||
             (!absl::IsCancelled(error) && WorthAnotherTry(race.last_error))) {
    // A sibling's cancellation is no news beside a real failure, nor is any failure beside an
    // answer that says why there is none.
    race.last_error = error;
    race.failed = std::move(replica);
  }
  race.progress.Set();
}

}  // namespace internal

// `what` names the question in errors: "query_range". Returns when no attempt runs any more, so
// attempts may refer to what outlives this call (the caller's budget), cancelled or not.
template <class T>
Task<T> Ask(std::shared_ptr<ShardState> shard, std::string what, Attempt<T> attempt,
            Deadline deadline, std::vector<std::string> only = {}) {
  namespace asio = boost::asio;
  deadline = deadline.Earlier(
      Deadline::After(shard->clock(), std::chrono::milliseconds(shard->shard.timeout_ms)));
  AttemptPlan plan(shard, deadline, only);
  if (plan.empty()) co_return NobodyToAsk(*shard, what);
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto race = std::make_shared<internal::Race<T>>(shard->deps.executor);
  TaskGroup group;
  std::vector<TaskHandle> handles;
  const auto start = [&] {
    std::shared_ptr<ReplicaState> replica = plan.Next();
    if (replica == nullptr) return false;
    plan.Tell(*replica);
    ++race->running;
    const auto keep = [race, replica](typename internal::Race<T>::Result result) {
      internal::Keep<T>(*race, replica, std::move(result));
    };
    handles.push_back(group.Spawn(shard->deps.executor, what,
                                  RunAndKeep(attempt(replica, plan.deadline()), keep)));
    return true;
  };
  start();
  bool cancelled = false;
  while (!race->winner.has_value()) {
    const absl::Status wait = co_await race->progress.WaitUntil(shard->clock(), plan.NextLook());
    // Not before the wait: an attempt can end while it is being started.
    race->progress.Reset();
    if (race->winner.has_value()) break;
    if (absl::IsCancelled(wait)) {
      cancelled = true;
      break;
    }
    if (wait.ok()) {
      // One failed. Others may still run.
      if (!WorthAnotherTry(race->last_error)) break;
      if (race->running > 0) continue;
      const AttemptPlan::Then then = plan.AfterFailure(race->last_error);
      if (then == AttemptPlan::Then::kStop) break;
      if (then == AttemptPlan::Then::kStart && !start()) break;
    } else if (deadline.Expired(shard->clock())) {
      break;
    } else if (plan.Look()) {
      // A retry may find that all breakers opened meanwhile.
      if (!start() && race->running == 0) break;
    }
  }
  for (const TaskHandle& handle : handles) handle.Cancel();
  if (race->running > 0) {
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    while (race->running > 0) {
      race->progress.Reset();
      (void)co_await race->progress.Wait();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (cancelled) co_return absl::CancelledError("cancelled");
  if (race->winner.has_value()) co_return *std::move(race->winner);
  if (race->last_error.ok() || absl::IsCancelled(race->last_error)) {
    co_return ShardError(*shard, nullptr, what,
                         absl::DeadlineExceededError("no answer before the deadline"));
  }
  co_return ShardError(*shard, race->failed.get(), what, race->last_error);
}

}  // namespace synoptic::aggregator
