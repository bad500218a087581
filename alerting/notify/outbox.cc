// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/notify/outbox.h"

#include <algorithm>

#include "base/crash_point.h"
#include "base/status.h"
#include "net/async/fan_out.h"
#include "net/async/timer.h"

namespace synoptic::alerting {
namespace {

constexpr size_t kMaxParked = 10'000;
// How often those that wait for their turn look whether another was quicker.
constexpr MonoDuration kLook = std::chrono::milliseconds(500);
constexpr std::string_view kEnd = "\xff";  // no name of a label: not UTF-8

size_t AboutBytes(const OutgoingAlert& alert) {
  size_t bytes = 200 + alert.generator_url.size() + alert.labels.MemoryBytes();
  for (const auto& [name, text] : alert.annotations) bytes += name.size() + text.size() + 8;
  return bytes;
}

}  // namespace

Outbox::Outbox(const boost::asio::any_io_executor& executor, std::unique_ptr<Receiver> receiver,
               const Clock& clock, Rng& rng, OutboxOptions options, Listener listener)
    : receiver_(std::move(receiver)),
      clock_(clock),
      rng_(rng),
      options_(options),
      listener_(std::move(listener)),
      arrived_(executor) {}

void Outbox::Problem(std::string what) {
  last_problem_ = std::move(what);
  if (listener_.on_problem) listener_.on_problem(receiver_->name(), last_problem_);
}

// An end that waits apart from its beginning is known by a label that no alert can have.
promql::Labels Outbox::KeyOf(const OutgoingAlert& alert) const {
  if (alert.firing() || receiver_->wants_repetitions()) return alert.labels;
  return promql::LabelsBuilder(alert.labels).Set(kEnd, "1").Build();
}

// Takes out of the queue, and off the disk, what `alert` makes stale and does not replace.
void Outbox::Supersede(const OutgoingAlert& alert) {
  if (receiver_->wants_repetitions()) {
    // One place in the queue, two on disk: the other state of it.
    const auto it = queue_.find(alert.labels);
    if (it == queue_.end() || it->second.alert->firing() == alert.firing()) return;
    if (it->second.durable && listener_.on_done) {
      listener_.on_done(alert.labels, it->second.alert->firing());
    }
    return;
  }
  if (!alert.firing()) return;
  const promql::Labels end = promql::LabelsBuilder(alert.labels).Set(kEnd, "1").Build();
  const auto it = queue_.find(end);
  // Its own end may have been quicker through the disk.
  if (it != queue_.end() && it->second.alert->starts_at_ms < alert.starts_at_ms) Remove(end);
}

void Outbox::Add(SharedAlert alert, bool durable) {
  if (!parked_.empty() && parked_.contains(alert->labels)) {
    if (!alert->transition) return;
    parked_.erase(alert->labels);
  }
  Supersede(*alert);
  const promql::Labels labels = KeyOf(*alert);
  const auto it = queue_.find(labels);
  if (it != queue_.end()) {
    it->second.alert = std::move(alert);
    it->second.durable = it->second.durable || durable;
  } else if (queue_.size() >= options_.max_alerts) {
    ++stats_.dropped;
    Problem("queue is full: " + labels.ToString());
    return;
  } else {
    order_.emplace_back(next_order_, labels);
    queue_.emplace(labels, Entry{std::move(alert), clock_.Mono(), next_order_++, 0, durable});
  }
  arrived_.Set();
}

bool Outbox::Gone(const std::pair<uint64_t, promql::Labels>& place) const {
  const auto it = queue_.find(place.second);
  return it == queue_.end() || it->second.order != place.first;
}

MonoDuration Outbox::OldestWaiting() const {
  for (const auto& place : order_) {
    if (Gone(place)) continue;
    const MonoDuration left = turns_ == nullptr ? MonoDuration::zero() : turns_->Wait();
    return std::max(MonoDuration::zero(), clock_.Mono() - queue_.at(place.second).since - left);
  }
  return MonoDuration::zero();
}

std::vector<std::pair<SharedAlert, bool>> Outbox::Waiting() const {
  std::vector<std::pair<SharedAlert, bool>> result;
  for (const auto& [labels, entry] : queue_) result.emplace_back(entry.alert, entry.durable);
  return result;
}

Outbox::Batch Outbox::NextBatch() {
  while (!order_.empty() && Gone(order_.front())) order_.pop_front();
  const size_t most = std::min(receiver_->max_batch(), batch_limit_);
  Batch batch;
  size_t bytes = 0;
  for (const auto& place : order_) {
    if (batch.size() >= most || bytes >= options_.max_bytes) break;
    if (Gone(place)) continue;
    Entry& entry = queue_[place.second];
    ++entry.attempts;
    bytes += AboutBytes(*entry.alert);
    batch.push_back(entry.alert);
  }
  return batch;
}

void Outbox::Remove(const promql::Labels& key) {
  const auto it = queue_.find(key);
  const bool durable = it->second.durable;
  const SharedAlert alert = std::move(it->second.alert);
  queue_.erase(it);
  if (durable && listener_.on_done) listener_.on_done(alert->labels, alert->firing());
}

void Outbox::Accepted(const Batch& batch) {
  stats_.sent += static_cast<int64_t>(batch.size());
  for (const SharedAlert& sent : batch) {
    if (turns_ != nullptr) turns_->Delivered(receiver_->KeyOf(*sent));
    const promql::Labels key = KeyOf(*sent);
    const auto it = queue_.find(key);
    if (it == queue_.end()) continue;
    if (it->second.alert == sent) {
      Remove(key);
    } else {
      it->second.attempts = 0;
    }
  }
}

void Outbox::Park(const OutgoingAlert& alert, const absl::Status& status) {
  ++stats_.dropped;
  if (parked_.size() < kMaxParked) parked_.insert(alert.labels);
  if (const promql::Labels key = KeyOf(alert); queue_.contains(key)) Remove(key);
  Problem(fmt::format("refused {}: {}", alert.labels.ToString(), MessageOf(status)));
}

SendRequest Outbox::RequestFor(const Batch& batch) const {
  SendRequest request;
  request.now_ms = clock_.WallMillis();
  request.alerts = batch;
  if (const auto it = queue_.find(KeyOf(*batch.front())); it != queue_.end()) {
    request.attempt = std::max(1, it->second.attempts);
  }
  return request;
}

Task<> Outbox::SendBatch(Batch batch, Deadline deadline) {
  const Deadline limit = deadline.Earlier(Deadline::After(clock_, options_.send_timeout));
  const std::shared_ptr<Receiver> receiver = receiver_;
  CrashPoint("outbox-before-send");
  const absl::Status status = co_await receiver->Send(RequestFor(batch), limit);
  CrashPoint("outbox-after-send");
  if (status.ok()) Accepted(batch);
  CrashPoint("outbox-after-accept");
  co_return status;
}

Task<> Outbox::Isolate(Batch batch, Deadline deadline) {
  absl::Status fault = InvalidArgument("refused");
  while (batch.size() > 1) {
    Batch half(batch.begin(), batch.begin() + static_cast<ptrdiff_t>(batch.size() / 2));
    const absl::Status status = co_await SendBatch(half, deadline);
    if (absl::IsInvalidArgument(status)) {
      // What is in the other half nobody knows: it stays in the queue.
      fault = status;
      batch = std::move(half);
      continue;
    }
    CO_RETURN_IF_ERROR(status);
    batch.erase(batch.begin(), batch.begin() + static_cast<ptrdiff_t>(half.size()));
  }
  Park(*batch.front(), fault);
  co_return absl::OkStatus();
}

Task<> Outbox::SendNext(Deadline deadline) {
  if (receiver_->at_once() > 1) co_return co_await SendSingles(deadline);
  Batch batch = NextBatch();
  const absl::Status status = co_await SendBatch(batch, deadline);
  if (status.ok()) {
    if (batch_limit_ < receiver_->max_batch()) batch_limit_ *= 2;
    co_return status;
  }
  if (absl::IsInvalidArgument(status)) {
    if (batch.size() > 1) co_return co_await Isolate(std::move(batch), deadline);
    Park(*batch.front(), status);
    co_return absl::OkStatus();
  }
  if (absl::IsResourceExhausted(status)) {
    if (batch.size() == 1) Park(*batch.front(), status);
    batch_limit_ = std::max<size_t>(1, batch.size() / 2);
    co_return absl::OkStatus();
  }
  co_return status;
}

MonoDuration Outbox::UntilOurTurn() {
  if (turns_ == nullptr) return MonoDuration::zero();
  while (!order_.empty()) {
    const auto& place = order_.front();
    if (!Gone(place)) {
      const Entry& entry = queue_.at(place.second);
      if (!turns_->DeliveredByOther(receiver_->KeyOf(*entry.alert))) {
        return std::max(MonoDuration::zero(), entry.since + turns_->Wait() - clock_.Mono());
      }
      ++stats_.by_others;
      Remove(place.second);
    }
    order_.pop_front();
  }
  return MonoDuration::zero();
}

Outbox::Batch Outbox::NextSingles() {
  // A receiver that fails is asked once, not eight times.
  const size_t most = failures_ == 0 ? receiver_->at_once() : 1;
  const MonoDuration left = turns_ == nullptr ? MonoDuration::zero() : turns_->Wait();
  while (!order_.empty() && Gone(order_.front())) order_.pop_front();
  Batch batch;
  for (const auto& place : order_) {
    if (batch.size() >= most) break;
    if (Gone(place)) continue;
    Entry& entry = queue_.at(place.second);
    if (entry.since + left > clock_.Mono()) break;
    // Only the front is known not to be another's by now; the next round looks there again.
    if (turns_ != nullptr && turns_->DeliveredByOther(receiver_->KeyOf(*entry.alert))) break;
    const bool its_beginning_is_under_way = std::any_of(
        batch.begin(), batch.end(),
        [&entry](const SharedAlert& chosen) { return chosen->labels == entry.alert->labels; });
    if (its_beginning_is_under_way) continue;
    ++entry.attempts;
    batch.push_back(entry.alert);
  }
  return batch;
}

Task<> Outbox::SendAlone(std::shared_ptr<Receiver> receiver, SendRequest request,
                         Deadline deadline) {
  CrashPoint("outbox-before-send");
  const absl::Status status = co_await receiver->Send(std::move(request), deadline);
  CrashPoint("outbox-after-send");
  co_return status;
}

Task<> Outbox::SendSingles(Deadline deadline) {
  const Batch batch = NextSingles();
  const Deadline limit = deadline.Earlier(Deadline::After(clock_, options_.send_timeout));
  std::vector<Leg<void>> legs;
  for (const SharedAlert& alert : batch) {
    legs.push_back({SendAlone(receiver_, RequestFor({alert}), limit), limit});
  }
  const std::vector<absl::Status> sent = co_await FanOut(requests_, clock_, std::move(legs));
  absl::Status worst = absl::OkStatus();
  for (size_t i = 0; i < batch.size(); ++i) {
    if (sent[i].ok()) {
      Accepted({batch[i]});
      CrashPoint("outbox-after-accept");
    } else if (absl::IsInvalidArgument(sent[i]) || absl::IsResourceExhausted(sent[i])) {
      Park(*batch[i], sent[i]);
    } else if (worst.ok() || RetryAfterOf(sent[i]) > RetryAfterOf(worst)) {
      worst = sent[i];
    }
  }
  co_return worst;
}

Task<> Outbox::Run() {
  while (true) {
    while (queue_.empty()) {
      arrived_.Reset();
      CO_RETURN_IF_ERROR(co_await arrived_.Wait());
    }
    if (const MonoDuration left = UntilOurTurn(); left > MonoDuration::zero()) {
      CO_RETURN_IF_ERROR(co_await SleepFor(clock_, std::min(left, kLook)));
      continue;
    }
    if (queue_.empty()) continue;
    const absl::Status status = co_await SendNext(Deadline::Infinite());
    if (absl::IsCancelled(status)) co_return status;
    if (status.ok()) {
      failures_ = 0;
      continue;
    }
    ++stats_.failed;
    const MonoDuration ceiling =
        std::min(options_.max_backoff, options_.first_backoff * (1 << std::min(failures_, 16)));
    if (failures_++ == 0) Problem(std::string(MessageOf(status)));
    if (failures_ == options_.broken_after && listener_.on_broken) listener_.on_broken();
    // At least a tenth of the ceiling, so that a run of small draws is not a storm.
    const double share = 0.1 + 0.9 * rng_.Uniform();
    const auto backoff = std::chrono::duration_cast<MonoDuration>(ceiling * share);
    CO_RETURN_IF_ERROR(co_await SleepFor(clock_, std::max(backoff, RetryAfterOf(status))));
  }
}

Task<> Outbox::Drain(Deadline deadline) {
  while (!queue_.empty() && !deadline.Expired(clock_)) {
    if (UntilOurTurn() > MonoDuration::zero()) co_return absl::OkStatus();
    if (queue_.empty()) break;
    CO_RETURN_IF_ERROR(co_await SendNext(deadline));
  }
  co_return queue_.empty()
      ? absl::OkStatus()
      : MakeStatus(absl::StatusCode::kDeadlineExceeded, "{}: {} alerts were not delivered",
                   receiver_->name(), queue_.size());
}

}  // namespace synoptic::alerting
