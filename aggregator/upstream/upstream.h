// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How `app` makes shard clients, and what it hears of them.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aggregator/upstream/ask_options.h"
#include "aggregator/upstream/inventory.h"
#include "aggregator/upstream/replica_policy.h"
#include "aggregator/upstream/shard_client.h"
#include "base/rng.h"
#include "net/http/client.h"

namespace synoptic::aggregator {

// Who a report is about. The views live as long as the call.
struct ReplicaId {
  std::string_view region;
  std::string_view shard;
  std::string_view replica;  // its url
};

// Hears what happens at replicas: for metrics and logs. Called on the executor; must be quick.
class UpstreamObserver {
 public:
  virtual ~UpstreamObserver() = default;
  // One HTTP exchange, probes included. `code`: the status ("200"), or the reason there is none
  // ("timeout", "down", ...: reason.h).
  virtual void OnRequest(const ReplicaId& id, std::string_view code, MonoDuration duration,
                         int64_t bytes) = 0;
  // What an answer says of the time: it was asked for at `sent_ms` and its head came at
  // `received_ms` (our wall clock), dated `date_s` by the server's clock.
  virtual void OnDate(const ReplicaId& /*id*/, int64_t /*sent_ms*/, int64_t /*received_ms*/,
                      int64_t /*date_s*/) {}
  // One more attempt at a question is made, at this replica. `why`: "hedge" (the first is slow),
  // "silent" (it seems dead), "retry" (it failed).
  virtual void OnExtra(const ReplicaId& /*id*/, std::string_view /*why*/) {}
  // At the start and after each change.
  virtual void OnState(const ReplicaId& id, BreakerState breaker, bool up) = 0;
};

struct UpstreamDeps {
  // All must outlive the client and the executor's last turn.
  net::HttpClient* http = nullptr;
  const Clock* clock = nullptr;
  UpstreamObserver* observer = nullptr;   // may be null
  boost::asio::any_io_executor executor;  // serial; where the client's methods are awaited
  Rng* rng = nullptr;                     // used here and now, to seed
  // Labels that any shard of the topology sets (Topology::LabelNames).
  std::vector<std::string> topology_labels;
  ReplicaPolicy::Options breaker;
  // What tells this process from other Synoptics (loop_guard.h); empty: not told.
  std::string identity;
  AskOptions ask;
  MonoDuration probe_interval = std::chrono::seconds(5);  // +-20 %; zero: no probes
};

// A client whose replicas come and go.
class UpstreamClient : public ShardClient {
 public:
  // Who is asked from now on. Those that stay keep what is known of them: breaker, latencies,
  // connections. Requests to one that goes end as they would have.
  virtual void SetReplicas(const std::vector<Replica>& replicas) = 0;
};

// `region` and `shard` are copied. Probing starts at once; it ends with the client.
std::unique_ptr<UpstreamClient> NewShardClient(const Region& region, const Shard& shard,
                                               const UpstreamDeps& deps);

}  // namespace synoptic::aggregator
