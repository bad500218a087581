// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One shard as its client sees it: what is configured, what is known of each replica, and the one
// way to exchange a request with a replica. Internal to this library.
//
// Everything runs on the client's serial executor; tasks keep the state alive by shared pointers.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aggregator/upstream/api_sink.h"
#include "aggregator/upstream/ask_budget.h"
#include "aggregator/upstream/flavor.h"
#include "aggregator/upstream/label_rules.h"
#include "aggregator/upstream/upstream.h"
#include "aggregator/upstream/window_ends.h"
#include "net/async/event.h"

namespace synoptic::aggregator {

// What one replica is known to be.
struct ReplicaState {
  ReplicaState(const Replica& replica, const ReplicaPolicy::Options& options, uint64_t seed,
               const boost::asio::any_io_executor& executor)
      : config(replica), policy(options, seed), kick(executor), learn(executor) {}

  const Replica config;
  ReplicaPolicy policy;
  // For a place: those of rules, and the others.
  std::deque<std::shared_ptr<Event>> waiting_rules;
  std::deque<std::shared_ptr<Event>> waiting;

  Event kick;   // probe now
  Event learn;  // learn the external labels and the windows now
  std::optional<MonoTime> probing_since;

  // The labels that its remote read adds. Unset: not learned yet; null inside: it does not tell.
  std::optional<std::optional<promql::Labels>> external;
  MonoTime external_until{};  // learn again from then on
  MonoTime no_remote_read_until{};
  bool no_streaming = false;  // sends chunks that we do not know

  // Unset: not learned yet.
  std::optional<WindowEnds> windows;
  MonoTime windows_until{};  // learn again from then on

  BreakerState reported_state = BreakerState::kClosed;
  bool reported_up = true;
};

struct ShardState {
  Region region;  // without its shards
  Shard shard;
  UpstreamDeps deps;
  LabelRules rules;
  const FlavorTraits& traits;
  MonoDuration probe_timeout;
  std::vector<std::shared_ptr<ReplicaState>> replicas;
  AskBudget hedges;
  AskBudget retries;
  SeededRng rng;  // for jitter

  const Clock& clock() const { return *deps.clock; }
  MonoTime now() const { return deps.clock->Mono(); }
  ReplicaId Id(const ReplicaState& replica) const {
    return {region.name, shard.name, replica.config.url};
  }
  // Tells the observer when the breaker or the probe's verdict changed.
  void Report(ReplicaState& replica) const;
  // Whose answers are to be expected: in the order of configuration, those in doubt last, those
  // with an open breaker not at all. `only`: urls of those that may be asked; empty: any.
  std::vector<std::shared_ptr<ReplicaState>> Candidates(
      const std::vector<std::string>& only = {}) const;
};

// In which lane an exchange goes, and how it went besides its status.
struct ExchangeInfo {
  Lane lane = Lane::kDashboards;
  int64_t bytes = 0;
  MonoDuration duration{};
};

// Takes a place at the replica (waiting for one), sends, decodes into `sink`, judges the answer,
// tells policy and observer. The status is the sink's verdict, with its reason attached; errors of
// transport are annotated with what happened, not with who.
Task<> Exchange(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica,
                net::HttpRequest request, Deadline deadline, ApiSink& sink, ExchangeInfo& info);

// The same past breaker and places: for probes.
Task<> ProbeExchange(std::shared_ptr<ShardState> shard, std::shared_ptr<ReplicaState> replica,
                     net::HttpRequest request, Deadline deadline, ApiSink& sink);

// Whether a sibling might answer what failed so.
bool WorthAnotherTry(const absl::Status& status);
// Whether the same replica might answer in a moment: a broken connection, a server that is busy.
bool WorthAskingAgain(const absl::Status& status);

}  // namespace synoptic::aggregator
