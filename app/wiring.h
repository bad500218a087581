// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// From the configuration to the options of the parts.
#pragma once

#include "aggregator/api/api.h"
#include "aggregator/cache/fragment_cache.h"
#include "aggregator/query/service.h"
#include "aggregator/upstream/replica_policy.h"
#include "app/config.h"
#include "app/http_clients.h"

namespace synoptic::app {

aggregator::QueryServiceOptions QueryOptionsOf(const Config& config);
aggregator::FragmentCacheOptions CacheOptionsOf(const Config& config);
aggregator::ReplicaPolicy::Options BreakerOf(const Config& config);
aggregator::ApiOptions ApiOptionsOf(const Config& config, bool lifecycle, std::string identity);

// That every shard's TLS settings give a client; names the shard where they do not.
absl::Status CheckClients(const aggregator::Inventory& inventory, HttpClients& clients);

}  // namespace synoptic::app
