// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Where rules hand their alerts: every alert goes to every receiver's outbox (all members of an
// Alertmanager cluster get each alert, as its design asks).
//
// Lives on one serial executor; not thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "alerting/notify/outbox.h"
#include "net/async/task_group.h"

namespace synoptic::alerting {

class Notifier final : public AlertSink {
 public:
  Notifier(const boost::asio::any_io_executor& executor, TaskGroup& tasks, const Clock& clock,
           Rng& rng, OutboxOptions options = {}, Outbox::OnProblem on_problem = nullptr);

  // Replaces the receivers; the outbox of one with the same name, and what waits in it, stays.
  void SetReceivers(std::vector<std::unique_ptr<Receiver>> receivers);
  Task<> Deliver(std::vector<OutgoingAlert> alerts, Records state) override;
  // Sends what waits, for shutdown; to all receivers at once, so that none waits for a dead one.
  Task<> Drain(Deadline deadline);

  std::vector<const Outbox*> outboxes() const;

 private:
  struct Running;
  static Task<> Loop(std::shared_ptr<Running> running);
  static Task<> DrainOne(std::shared_ptr<Running> running, Deadline deadline);

  const boost::asio::any_io_executor executor_;
  TaskGroup& tasks_;
  const Clock& clock_;
  Rng& rng_;
  const OutboxOptions options_;
  const Outbox::OnProblem on_problem_;
  std::vector<std::shared_ptr<Running>> running_;
};

}  // namespace synoptic::alerting
