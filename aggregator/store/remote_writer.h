// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Sends what the series store takes to one remote-write endpoint (Prometheus' protocol, version 1).
//
// The queue is the store's log: the writer only remembers how far it is, on disk, after every
// accepted part. So an endpoint may be away for as long as the log is kept (SeriesStoreOptions::
// max_log_bytes) and misses nothing; a restart repeats at most the part that was under way, which
// receivers know to be the same samples. One request at a time, so samples arrive in order.
//
// 5xx, 429, what is about us and not the samples (401, 403, 404), and no answer: again, with
// backoff, for as long as it takes. Any other 4xx: the receiver will never take it; to find the
// samples at fault the batch is halved, and they are dropped and counted.
//
// Lives on one serial executor.
#pragma once

#include <memory>
#include <string>

#include "aggregator/store/relabel.h"
#include "aggregator/store/series_store.h"
#include "base/clock.h"
#include "base/rng.h"
#include "net/async/compute_pool.h"
#include "net/async/task.h"
#include "net/http/client.h"

namespace synoptic::aggregator {

struct RemoteWriteOptions {
  std::string name;  // shown in logs and metrics; positions are kept by it
  net::Origin origin;
  std::string target;    // path and query
  net::Headers headers;  // credentials among them
  promql::Labels external_labels;
  // What becomes of labels, external ones among them; null: nothing.
  std::shared_ptr<const Relabeller> relabeller = nullptr;
  size_t max_samples_per_send = 2000;
  MonoDuration batch_deadline = std::chrono::seconds(1);  // how long fewer than that wait
  MonoDuration timeout = std::chrono::seconds(30);
  MonoDuration min_backoff = std::chrono::milliseconds(30);
  MonoDuration max_backoff = std::chrono::seconds(5);
};

struct RemoteWriteStats {
  int64_t sent = 0;      // samples that were accepted
  int64_t dropped = 0;   // refused for good
  int64_t left_out = 0;  // by relabelling
  int64_t lost = 0;      // entries of the log that were gone before they could be sent
  int64_t retries = 0;   // requests that failed and were sent again
  int64_t behind = 0;    // entries of the log still to be sent
  int64_t newest_sent_ms = 0;
  bool failing = false;
  std::string last_error;
};

class RemoteWriter {
 public:
  // `http`, `pool` and `clock` outlive the writer.
  RemoteWriter(RemoteWriteOptions options, std::shared_ptr<SeriesStore> store,
               net::HttpClient& http, ComputePool& pool, const Clock& clock, uint64_t seed);
  // Lets go of the log.
  ~RemoteWriter();

  // Sends until it is cancelled. Once.
  Task<> Run();
  // Everything that was in the log when this was called has been sent or dropped.
  bool CaughtUp() const { return position_ >= store_->log_end(); }
  RemoteWriteStats stats() const;
  const RemoteWriteOptions& options() const { return options_; }

 private:
  // Reads on, with the labels that samples are sent with; those that are left out are not in it.
  absl::StatusOr<LogPart> ReadOn(int64_t* left_out);
  Task<> SendAll(std::span<const LoggedSample> samples);
  Task<> SendBatch(std::span<const LoggedSample> samples, int* halvings);
  // OK: accepted. InvalidArgument: refused for good. Anything else: try again.
  Task<> Post(std::span<const LoggedSample> samples);
  MonoDuration Backoff(int failures, MonoDuration asked_for);
  // Tells this writer from one of the same name that is on its way out.
  std::string HoldKey() const;
  std::string NoteKey() const { return "remote_write/" + options_.name; }

  const RemoteWriteOptions options_;
  const std::shared_ptr<SeriesStore> store_;
  net::HttpClient& http_;
  ComputePool& pool_;
  const Clock& clock_;
  SeededRng rng_;
  uint64_t position_ = 0;
  MonoDuration retry_after_{};
  RemoteWriteStats stats_;
};

}  // namespace synoptic::aggregator
