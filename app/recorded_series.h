// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The store of recorded series at work: opened, kept up, read by queries, sent on by remote write,
// and shown in metrics.
//
// Lives on the event loop's executor.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "aggregator/query/service.h"
#include "aggregator/store/remote_writer.h"
#include "aggregator/store/series_store.h"
#include "app/config.h"
#include "app/http_clients.h"
#include "app/recorder.h"
#include "base/metrics.h"
#include "base/rng.h"
#include "net/async/compute_pool.h"
#include "net/async/task_group.h"

namespace synoptic::app {

class RecordedSeries {
 public:
  // References outlive this object and `tasks`.
  RecordedSeries(const boost::asio::any_io_executor& executor, TaskGroup& tasks, ComputePool& pool,
                 const Clock& clock, Rng& rng, Metrics& metrics);

  // Once, before anything is applied; blocks. Never fails: what stands in the way is logged, and
  // recording rules say it. Only another process in the directory is an error.
  absl::Status Open(const std::string& path, const StoreConfig& config);
  // That every endpoint's TLS settings give a client.
  static absl::Status Check(const Config& config, HttpClients& clients);
  // Retention and endpoints from now on. REQUIRES: Check.
  void Apply(const Config& config, HttpClients& clients);
  // Makes the series a part of what queries ask.
  void AddTo(aggregator::Upstreams& upstreams) const;

  Recorder& recorder() { return recorder_; }
  const std::shared_ptr<aggregator::SeriesStore>& store() const { return store_; }

 private:
  struct Sending {
    std::shared_ptr<aggregator::RemoteWriter> writer;
    TaskHandle task;
  };
  static Task<> KeepUp(std::shared_ptr<aggregator::SeriesStore> store, ComputePool& pool,
                       const Clock& clock);
  static Task<> Send(std::shared_ptr<aggregator::RemoteWriter> writer);
  void Collect();
  void CountTo(const std::string& name, const char* help, const Metrics::LabelMap& labels,
               int64_t total);

  const boost::asio::any_io_executor executor_;
  TaskGroup& tasks_;
  ComputePool& pool_;
  const Clock& clock_;
  Rng& rng_;
  Metrics& metrics_;
  Recorder recorder_;
  std::shared_ptr<aggregator::SeriesStore> store_;  // null: could not be opened
  std::shared_ptr<aggregator::ShardClient> client_;
  std::map<std::string, Sending> sending_;  // by fingerprint
  std::map<std::string, int64_t> shown_;
};

}  // namespace synoptic::app
