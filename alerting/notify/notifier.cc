// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/notify/notifier.h"

#include "net/async/fan_out.h"

namespace synoptic::alerting {

struct Notifier::Running {
  Running(const boost::asio::any_io_executor& executor, std::unique_ptr<Receiver> receiver,
          const Clock& clock, Rng& rng, OutboxOptions options, Outbox::OnProblem on_problem)
      : outbox(executor, std::move(receiver), clock, rng, options, std::move(on_problem)) {}
  Outbox outbox;
  TaskHandle task;
};

Notifier::Notifier(const boost::asio::any_io_executor& executor, TaskGroup& tasks,
                   const Clock& clock, Rng& rng, OutboxOptions options,
                   Outbox::OnProblem on_problem)
    : executor_(executor),
      tasks_(tasks),
      clock_(clock),
      rng_(rng),
      options_(options),
      on_problem_(std::move(on_problem)) {}

Task<> Notifier::Loop(std::shared_ptr<Running> running) {
  co_return co_await running->outbox.Run();
}

void Notifier::SetReceivers(std::vector<std::unique_ptr<Receiver>> receivers) {
  std::vector<std::shared_ptr<Running>> old = std::move(running_);
  running_.clear();
  for (auto& receiver : receivers) {
    const auto same = [&receiver](const std::shared_ptr<Running>& candidate) {
      return candidate != nullptr && candidate->outbox.receiver() == receiver->name();
    };
    const auto it = std::find_if(old.begin(), old.end(), same);
    if (it != old.end()) {
      (*it)->outbox.SetReceiver(std::move(receiver));
      running_.push_back(std::move(*it));
      continue;
    }
    auto fresh = std::make_shared<Running>(executor_, std::move(receiver), clock_, rng_, options_,
                                           on_problem_);
    fresh->task = tasks_.Spawn(executor_, "outbox " + fresh->outbox.receiver(), Loop(fresh));
    running_.push_back(std::move(fresh));
  }
  for (const auto& gone : old) {
    if (gone != nullptr) gone->task.Cancel();
  }
}

Task<> Notifier::Deliver(std::vector<OutgoingAlert> alerts, Records /*state*/) {
  for (const auto& running : running_) {
    for (const OutgoingAlert& alert : alerts) running->outbox.Add(alert);
  }
  co_return absl::OkStatus();
}

Task<> Notifier::DrainOne(std::shared_ptr<Running> running, Deadline deadline) {
  co_return co_await running->outbox.Drain(deadline);
}

Task<> Notifier::Drain(Deadline deadline) {
  std::vector<Leg<void>> legs;
  for (const auto& running : running_) {
    // The loop would send the same batch beside us.
    running->task.Cancel();
    legs.push_back({DrainOne(running, deadline), deadline});
  }
  TaskGroup group;  // not `tasks_`: that one may have been stopped already
  absl::Status worst = absl::OkStatus();
  const std::vector<absl::Status> drained = co_await FanOut(group, clock_, std::move(legs));
  for (const absl::Status& status : drained) worst.Update(status);
  co_return worst;
}

std::vector<const Outbox*> Notifier::outboxes() const {
  std::vector<const Outbox*> result;
  for (const auto& running : running_) result.push_back(&running->outbox);
  return result;
}

}  // namespace synoptic::alerting
