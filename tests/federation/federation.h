// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A whole federation in one process: the real query service and the real shard clients over
// upstreams in memory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aggregator/cache/fragment_cache.h"
#include "aggregator/query/service.h"
#include "net/async/testing.h"
#include "tests/federation/memory_upstream.h"

namespace synoptic::federation {

// One shard and what each of its replicas stores, without the shard's labels.
struct ShardData {
  std::string region;
  std::string shard;
  promql::Labels labels;
  std::vector<std::vector<promql::RawSeries>> replicas;
};

struct FederationOptions {
  aggregator::ReadForm read = aggregator::ReadForm::kAuto;
  bool pushdown = true;
  bool cache = false;  // with a cache in memory, that all fits into
  std::string canary = "up";
  int64_t wall_ms = 1'700'000'000'000;  // what time it is; not before
  aggregator::QueryServiceOptions service;
};

class Federation {
 public:
  Federation(std::vector<ShardData> shards, const FederationOptions& options);
  ~Federation();
  absl::StatusOr<aggregator::QueryAnswer> Ask(aggregator::QueryRequest request);
  // Fragments in the cache; 0 without one.
  int64_t fragments() const;

 private:
  AsyncTest loop_;
  ComputePool pool_{1};
  MemoryHttp http_;
  std::unique_ptr<aggregator::FragmentCache> cache_;
  std::unique_ptr<aggregator::FederatedQueryService> service_;
};

}  // namespace synoptic::federation
