// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One receiver's queue: newest state per alert, sent until accepted.
//
// An alert that is queued again before it went out replaces what waits. Only a receiver that hears
// of beginnings and ends, and is not told states again and again, gets the beginning before the end
// however long it was away; a newer beginning replaces both. A failed batch waits with
// full-jitter backoff, or as long as the receiver asked, and goes again. A batch the receiver finds
// fault with is halved until a faulty alert stands alone; that one is parked (reported, and sent
// again only when its state changes), the others are delivered. A batch that is too large is
// halved, and so are those after it for a while. A receiver that takes one alert a request is sent
// several at once while it is well, never the end of an alert beside its beginning.
//
// Lives on one serial executor; not thread-safe.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "alerting/notify/turns.h"
#include "alerting/receivers/receiver.h"
#include "base/rng.h"
#include "net/async/event.h"
#include "net/async/task_group.h"

namespace synoptic::alerting {

struct OutboxOptions {
  size_t max_bytes = 1 << 20;  // of a batch, about
  size_t max_alerts = 250'000;
  int broken_after = 3;  // failures in a row
  MonoDuration send_timeout = std::chrono::seconds(10);
  MonoDuration first_backoff = std::chrono::milliseconds(250);
  MonoDuration max_backoff = std::chrono::seconds(10);
};

// Counted for metrics.
struct OutboxStats {
  int64_t sent = 0;
  int64_t failed = 0;     // batches that wait for a retry
  int64_t dropped = 0;    // alerts parked, or refused because the queue is full
  int64_t by_others = 0;  // alerts that another replica has delivered
};

class Outbox {
 public:
  // What its owner hears. All may be null.
  struct Listener {
    // Words for the log.
    std::function<void(std::string_view receiver, std::string_view what)> on_problem;
    // An alert that was added as durable is accepted or parked: nothing of it need be kept.
    std::function<void(const promql::Labels&, bool firing)> on_done;
    // It just became broken.
    std::function<void()> on_broken;
  };

  // References must outlive the outbox and its Run().
  Outbox(const boost::asio::any_io_executor& executor, std::unique_ptr<Receiver> receiver,
         const Clock& clock, Rng& rng, OutboxOptions options = {}, Listener listener = {});

  // From the next batch on, with what waits (new credentials of the same receiver).
  void SetReceiver(std::unique_ptr<Receiver> receiver) { receiver_ = std::move(receiver); }
  // Null: no other process sends what waits here. For receivers whose alerts have keys.
  void SetTurns(Turns* turns) { turns_ = turns; }
  void Add(SharedAlert alert, bool durable = false);
  // Sends until cancelled.
  Task<> Run();
  // Tries once more what waits, until empty or `deadline`; what is another replica's to send stays.
  Task<> Drain(Deadline deadline);

  size_t waiting() const { return queue_.size(); }
  std::vector<std::pair<SharedAlert, bool>> Waiting() const;  // with whether it is durable
  const OutboxStats& stats() const { return stats_; }
  const std::string& receiver() const { return receiver_->name(); }
  bool wants_repetitions() const { return receiver_->wants_repetitions(); }
  // It failed several times in a row and has not accepted anything since.
  bool broken() const { return failures_ >= options_.broken_after; }
  const std::string& last_problem() const { return last_problem_; }
  size_t parked() const { return parked_.size(); }
  // Age of the oldest alert that was never accepted since it was queued, or since it was this
  // process' turn to send it; zero when none waits.
  MonoDuration OldestWaiting() const;

 private:
  struct Entry {
    SharedAlert alert;
    MonoTime since;
    uint64_t order = 0;
    int attempts = 0;
    bool durable = false;
  };
  using Batch = std::vector<SharedAlert>;

  // Whether it left the queue, or has another place there.
  bool Gone(const std::pair<uint64_t, promql::Labels>& place) const;
  Batch NextBatch();
  Task<> SendNext(Deadline deadline);
  Task<> SendBatch(Batch batch, Deadline deadline);
  SendRequest RequestFor(const Batch& batch) const;
  // For receivers of one alert a request: several requests at once.
  Batch NextSingles();
  Task<> SendSingles(Deadline deadline);
  static Task<> SendAlone(std::shared_ptr<Receiver> receiver, SendRequest request,
                          Deadline deadline);
  // Takes out of the queue's front what another replica has delivered; how long the first of the
  // rest is left to the others.
  MonoDuration UntilOurTurn();
  // `batch` was refused as faulty: finds one alert that is.
  Task<> Isolate(Batch batch, Deadline deadline);
  // Removes what was sent, unless a newer state came meanwhile.
  void Accepted(const Batch& batch);
  void Remove(const promql::Labels& key);
  promql::Labels KeyOf(const OutgoingAlert& alert) const;
  void Supersede(const OutgoingAlert& alert);
  void Park(const OutgoingAlert& alert, const absl::Status& status);
  void Problem(std::string what);

  std::shared_ptr<Receiver> receiver_;  // a batch under way holds the one it goes through
  const Clock& clock_;
  Rng& rng_;
  const OutboxOptions options_;
  const Listener listener_;
  absl::flat_hash_map<promql::Labels, Entry, promql::LabelsHash> queue_;
  // First come, first sent. Those that are no longer in the queue under this number are skipped.
  std::deque<std::pair<uint64_t, promql::Labels>> order_;
  std::set<promql::Labels> parked_;
  size_t batch_limit_ = SIZE_MAX;  // smaller after a batch was too large
  uint64_t next_order_ = 0;
  int failures_ = 0;  // in a row
  std::string last_problem_;
  OutboxStats stats_;
  Event arrived_;
  Turns* turns_ = nullptr;
  TaskGroup requests_;  // those that are under way beside each other
};

}  // namespace synoptic::alerting
