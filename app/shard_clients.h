// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The clients of all shards, kept over reloads and while replicas come and go. Lives on the event
// loop's executor.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "aggregator/cache/fragment_cache.h"
#include "aggregator/query/service.h"
#include "aggregator/upstream/upstream.h"
#include "app/config.h"
#include "app/http_clients.h"

namespace synoptic::app {

class ShardClients {
 public:
  // `deps`: what all clients have in common, but what a configuration says. `http` outlives this.
  ShardClients(aggregator::UpstreamDeps deps, HttpClients& http)
      : deps_(std::move(deps)), http_(http) {}

  // What is asked from now on. `inventory`: the configuration's, with the replicas that are known;
  // its clients were checked (wiring.h). `cache`: null: none.
  aggregator::Upstreams Make(const Config& config, aggregator::Inventory inventory,
                             aggregator::FragmentCache* cache);
  void Clear() { entries_.clear(); }

 private:
  struct Entry {
    std::shared_ptr<aggregator::UpstreamClient> client;
    std::set<std::string> replicas;
    // The replicas it began with. What is cached of their answers is true of others that join them,
    // not of those that take the place of all.
    std::string known_as;
  };
  static void SetReplicas(const aggregator::Shard& shard, Entry& entry);
  void AddCaches(const std::string& common, aggregator::FragmentCache& cache,
                 aggregator::Upstreams& upstreams) const;

  aggregator::UpstreamDeps deps_;
  HttpClients& http_;
  std::map<std::string, Entry> entries_;  // by fingerprint
};

}  // namespace synoptic::app
