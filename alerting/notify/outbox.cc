// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/notify/outbox.h"

#include <algorithm>

#include "base/status.h"
#include "net/async/timer.h"

namespace synoptic::alerting {

Outbox::Outbox(const boost::asio::any_io_executor& executor, std::unique_ptr<Receiver> receiver,
               const Clock& clock, Rng& rng, OutboxOptions options, OnProblem on_problem)
    : receiver_(std::move(receiver)),
      clock_(clock),
      rng_(rng),
      options_(options),
      on_problem_(std::move(on_problem)),
      arrived_(executor) {}

void Outbox::Add(const OutgoingAlert& alert) {
  const auto it = queue_.find(alert.labels);
  if (it != queue_.end()) {
    it->second.alert = alert;
  } else if (queue_.size() >= options_.max_alerts) {
    ++stats_.dropped;
    if (on_problem_) on_problem_(receiver_->name(), "queue is full: " + alert.labels.ToString());
    return;
  } else {
    queue_.emplace(alert.labels, Waiting{alert, clock_.Mono(), next_order_++});
  }
  arrived_.Set();
}

MonoDuration Outbox::OldestWaiting() const {
  MonoTime oldest = clock_.Mono();
  for (const auto& [labels, waiting] : queue_) oldest = std::min(oldest, waiting.since);
  return clock_.Mono() - oldest;
}

std::vector<OutgoingAlert> Outbox::NextBatch() const {
  std::vector<const Waiting*> waiting;
  waiting.reserve(queue_.size());
  for (const auto& [labels, entry] : queue_) waiting.push_back(&entry);
  const size_t count = std::min(options_.batch, waiting.size());
  const auto first_come = [](const Waiting* a, const Waiting* b) { return a->order < b->order; };
  std::partial_sort(waiting.begin(), waiting.begin() + static_cast<ptrdiff_t>(count), waiting.end(),
                    first_come);
  std::vector<OutgoingAlert> batch;
  batch.reserve(count);
  for (size_t i = 0; i < count; ++i) batch.push_back(waiting[i]->alert);
  return batch;
}

void Outbox::Accepted(const std::vector<OutgoingAlert>& batch) {
  stats_.sent += static_cast<int64_t>(batch.size());
  for (const OutgoingAlert& sent : batch) {
    const auto it = queue_.find(sent.labels);
    if (it == queue_.end()) continue;
    const OutgoingAlert& now = it->second.alert;
    const bool newer = now.ends_at_ms != sent.ends_at_ms || now.starts_at_ms != sent.starts_at_ms ||
                       now.annotations != sent.annotations;
    if (!newer) queue_.erase(it);
  }
}

void Outbox::Park(const OutgoingAlert& alert, const absl::Status& status) {
  ++stats_.dropped;
  queue_.erase(alert.labels);
  if (on_problem_) {
    on_problem_(receiver_->name(),
                fmt::format("refused {}: {}", alert.labels.ToString(), MessageOf(status)));
  }
}

Task<> Outbox::SendBatch(std::vector<OutgoingAlert> batch, Deadline deadline) {
  const Deadline limit = deadline.Earlier(Deadline::After(clock_, options_.send_timeout));
  const std::shared_ptr<Receiver> receiver = receiver_;
  const absl::Status status = co_await receiver->Send(batch, limit);
  if (status.ok()) {
    Accepted(batch);
    co_return status;
  }
  if (!absl::IsInvalidArgument(status) && !absl::IsResourceExhausted(status)) co_return status;
  if (batch.size() == 1) {
    Park(batch.front(), status);
    co_return absl::OkStatus();
  }
  // Some of them are at fault (or they are too many at once): halve.
  const auto middle = batch.begin() + static_cast<ptrdiff_t>(batch.size() / 2);
  std::vector<OutgoingAlert> rest(std::make_move_iterator(middle),
                                  std::make_move_iterator(batch.end()));
  batch.erase(middle, batch.end());
  CO_RETURN_IF_ERROR(co_await SendBatch(std::move(batch), deadline));
  co_return co_await SendBatch(std::move(rest), deadline);
}

Task<> Outbox::Run() {
  int failures = 0;
  while (true) {
    while (queue_.empty()) {
      arrived_.Reset();
      CO_RETURN_IF_ERROR(co_await arrived_.Wait());
    }
    const absl::Status status = co_await SendBatch(NextBatch(), Deadline::Infinite());
    if (absl::IsCancelled(status)) co_return status;
    if (status.ok()) {
      failures = 0;
      continue;
    }
    ++stats_.failed;
    if (failures == 0 && on_problem_) on_problem_(receiver_->name(), MessageOf(status));
    const MonoDuration ceiling =
        std::min(options_.max_backoff, options_.first_backoff * (1 << std::min(failures, 16)));
    ++failures;
    // At least a tenth of the ceiling, so that a run of small draws is not a storm.
    const double share = 0.1 + 0.9 * rng_.Uniform();
    CO_RETURN_IF_ERROR(
        co_await SleepFor(clock_, std::chrono::duration_cast<MonoDuration>(ceiling * share)));
  }
}

Task<> Outbox::Drain(Deadline deadline) {
  while (!queue_.empty() && !deadline.Expired(clock_)) {
    CO_RETURN_IF_ERROR(co_await SendBatch(NextBatch(), deadline));
  }
  co_return queue_.empty()
      ? absl::OkStatus()
      : MakeStatus(absl::StatusCode::kDeadlineExceeded, "{}: {} alerts were not delivered",
                   receiver_->name(), queue_.size());
}

}  // namespace synoptic::alerting
