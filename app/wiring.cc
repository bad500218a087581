// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/wiring.h"

#include <algorithm>

#include "base/status.h"

namespace synoptic::app {

aggregator::QueryServiceOptions QueryOptionsOf(const Config& config) {
  aggregator::QueryServiceOptions options;
  options.default_lookback_ms = config.global.query.lookback_delta_ms;
  options.default_subquery_step_ms = config.global.evaluation_interval_ms;
  options.max_samples = config.global.query.max_samples;
  options.max_memory_bytes = config.global.query.max_memory_bytes;
  options.max_total_memory_bytes =
      std::max(options.max_total_memory_bytes, options.max_memory_bytes);
  options.max_concurrency = static_cast<int>(config.global.query.max_concurrency);
  const FeatureConfig& features = config.global.query.features;
  options.language = features.language;
  options.delayed_name_removal = features.delayed_name_removal;
  options.use_start_timestamps = features.use_start_timestamps;
  options.type_and_unit_labels = features.type_and_unit_labels;
  return options;
}

aggregator::FragmentCacheOptions CacheOptionsOf(const Config& config) {
  aggregator::FragmentCacheOptions options;
  // A quarter is for whole answers (ApiOptionsOf), a sixteenth for lists.
  options.list_bytes = config.cache.memory_bytes / 16;
  options.memory_bytes =
      config.cache.memory_bytes - config.cache.memory_bytes / 4 - options.list_bytes;
  options.shard.lists.fresh_ms = config.cache.lists.fresh_ms;
  options.shard.lists.stale_ms = config.cache.lists.stale_ms;
  options.shard.recent_ms = config.cache.recent_ms;
  options.shard.language = config.global.query.features.language;
  return options;
}

aggregator::ReplicaPolicy::Options BreakerOf(const Config& config) {
  aggregator::ReplicaPolicy::Options options;
  options.consecutive_failures = static_cast<int>(config.resilience.breaker_failures);
  options.open_max = std::max<MonoDuration>(
      options.open_min, std::chrono::milliseconds(config.resilience.breaker_open_for_ms));
  return options;
}

aggregator::ApiOptions ApiOptionsOf(const Config& config, bool lifecycle, std::string identity) {
  aggregator::ApiOptions options;
  options.query_timeout_ms = config.global.query.timeout_ms;
  options.alert_requests_required = config.web.alert_requests_required;
  options.lifecycle = lifecycle;
  options.identity = std::move(identity);
  options.cors_origin = config.web.cors_origin;
  options.lookback_ms = config.global.query.lookback_delta_ms;
  options.read_sample_limit = config.global.query.max_samples;
  options.external_labels = config.global.external_labels;
  options.search = config.web.search;
  options.language = config.global.query.features.language;
  // A quarter for whole answers, the rest for what they are made from.
  options.answer_memory_bytes = config.cache.memory_bytes / 4;
  options.recent_ms = config.cache.recent_ms;
  if (const auto origin = net::Origin::Parse(config.web.external_url); origin.ok()) {
    options.route_prefix = origin->path_prefix;
  }
  return options;
}

absl::Status CheckClients(const aggregator::Inventory& inventory, HttpClients& clients) {
  for (const aggregator::Region& region : inventory.regions) {
    for (const aggregator::Shard& shard : region.shards) {
      if (const auto client = clients.Get(shard.tls, shard.auth); !client.ok()) {
        return Annotate(client.status(), fmt::format("region \"{}\" shard \"{}\": tls_config",
                                                     region.name, shard.name));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace synoptic::app
