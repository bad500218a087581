// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One receiver's queue: newest state per alert, sent until accepted.
//
// An alert that is queued again before it went out replaces what waits. A failed batch waits with
// full-jitter backoff and goes again. A batch the receiver finds fault with is halved until the
// faulty alerts stand alone; those are parked (reported, not retried), the others are delivered.
//
// Lives on one serial executor; not thread-safe.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "alerting/receivers/receiver.h"
#include "base/rng.h"
#include "net/async/event.h"

namespace synoptic::alerting {

struct OutboxOptions {
  size_t batch = 64;
  size_t max_alerts = 100'000;
  MonoDuration send_timeout = std::chrono::seconds(10);
  MonoDuration first_backoff = std::chrono::milliseconds(250);
  MonoDuration max_backoff = std::chrono::seconds(15);
};

// Counted for metrics, and words for the log.
struct OutboxStats {
  int64_t sent = 0;
  int64_t failed = 0;   // batches that wait for a retry
  int64_t dropped = 0;  // alerts parked, or refused because the queue is full
};

class Outbox {
 public:
  using OnProblem = std::function<void(std::string_view receiver, std::string_view what)>;

  // References must outlive the outbox and its Run().
  Outbox(const boost::asio::any_io_executor& executor, std::unique_ptr<Receiver> receiver,
         const Clock& clock, Rng& rng, OutboxOptions options = {}, OnProblem on_problem = nullptr);

  // From the next batch on, with what waits (new credentials of the same receiver).
  void SetReceiver(std::unique_ptr<Receiver> receiver) { receiver_ = std::move(receiver); }
  void Add(const OutgoingAlert& alert);
  // Sends until cancelled.
  Task<> Run();
  // Tries once more what waits, until empty or `deadline`.
  Task<> Drain(Deadline deadline);

  size_t waiting() const { return queue_.size(); }
  const OutboxStats& stats() const { return stats_; }
  const std::string& receiver() const { return receiver_->name(); }
  // Age of the oldest alert that was never accepted since it was queued; zero when none waits.
  MonoDuration OldestWaiting() const;

 private:
  struct Waiting {
    OutgoingAlert alert;
    MonoTime since;
    uint64_t order;
  };
  std::vector<OutgoingAlert> NextBatch() const;
  Task<> SendBatch(std::vector<OutgoingAlert> batch, Deadline deadline);
  // Removes what was sent, unless a newer state came meanwhile.
  void Accepted(const std::vector<OutgoingAlert>& batch);
  void Park(const OutgoingAlert& alert, const absl::Status& status);

  std::shared_ptr<Receiver> receiver_;  // a batch under way holds the one it goes through
  const Clock& clock_;
  Rng& rng_;
  const OutboxOptions options_;
  const OnProblem on_problem_;
  std::map<promql::Labels, Waiting> queue_;
  uint64_t next_order_ = 0;
  OutboxStats stats_;
  Event arrived_;
};

}  // namespace synoptic::alerting
