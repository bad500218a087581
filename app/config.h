// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The configuration file as plain values. Strict: unknown keys, wrong types and impossible
// combinations are errors with line, column and path, all of them reported at once. What the file
// may say but this version does not do yet is an error too, so that nothing is silently ignored.
//
// Loading reads the file and the files it names (secrets, certificates) through Fs; it connects to
// nothing. A loaded Config never changes: a reload makes another one.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregator/cache/backends/redis_options.h"
#include "aggregator/store/relabel.h"
#include "aggregator/upstream/ask_options.h"
#include "aggregator/upstream/inventory.h"
#include "alerting/packs/pack.h"
#include "base/fs.h"
#include "promql/model/labels.h"
#include "promql/parse/parser.h"
#include "reports/capacity_spec.h"
#include "reports/readiness_spec.h"

namespace synoptic::app {

// What Prometheus has behind --enable-feature, under the same names.
struct FeatureConfig {
  FeatureConfig() { language.extended_range_selectors = false; }
  promql::ParseOptions language;
  bool delayed_name_removal = false;
  bool use_start_timestamps = false;
  bool type_and_unit_labels = false;
};

// Sizes in bytes, times in ms.
struct QueryConfig {
  int64_t timeout_ms = 120'000;
  int64_t lookback_delta_ms = 300'000;
  int64_t max_samples = 50'000'000;
  int64_t max_memory_bytes = int64_t{512} << 20;
  int64_t max_concurrency = 0;  // 0: by cores
  FeatureConfig features;
};

struct GlobalConfig {
  int64_t evaluation_interval_ms = 60'000;
  int64_t rule_query_offset_ms = 0;
  promql::Labels external_labels;  // on what leaves Synoptic: alerts, recorded series
  QueryConfig query;
};

struct ResilienceConfig {
  int64_t breaker_failures = 5;
  int64_t breaker_open_for_ms = 10'000;  // at most; it starts at 1 s and doubles with each flap
  aggregator::AskOptions ask;
};

// One entry of alerting.alertmanagers: the same settings for all its addresses.
struct AlertmanagerConfig {
  std::vector<net::Origin> origins;  // path_prefix included
  std::vector<std::string> urls;     // the same, to show
  aggregator::HttpAuth auth;
  net::TlsOptions tls;
  int64_t timeout_ms = 10'000;
  std::array<bool, 3> tiers = {true, true, true};  // by alerting::Tier: whose alerts it gets
  int64_t standby = 0;  // 0: always; a higher number only while all below are broken
};

// One entry of alerting.receivers.
struct WebhookConfig {
  std::string name;
  std::string url;  // to connect to; may hold a secret in its path, never shown
  net::Origin origin;
  std::string target;
  aggregator::HttpAuth auth;
  net::TlsOptions tls;
  std::array<bool, 3> tiers = {true, true, true};
  bool watchdog = false;
};

// Another Synoptic that says what it can reach.
struct PeerConfig {
  std::string name;
  std::string url;
  std::string region;
  net::Origin origin;
  aggregator::HttpAuth auth;
  net::TlsOptions tls;
  bool replica = false;  // it has the same rules and receivers: one of us calls each webhook
};

struct ObserversConfig {
  std::string name;    // of this one; empty: the host's
  std::string region;  // where this one stands; empty: outside of all
  int64_t interval_ms = 5000;
  int64_t confirm_ms = 30'000;  // how long a region is unreachable before that is told
  std::vector<PeerConfig> peers;
};

struct WebConfig {
  std::string cors_origin;              // anchored regular expression; empty: no CORS
  std::string external_url;             // for links in alerts; empty: from the listening address
  bool search = true;                   // the search API that editors type against
  bool alert_requests_required = true;  // FromAlert: true means partial=require
};

// Reports that are written to a directory by themselves; no directory: none.
struct ReportSchedule {
  std::string directory;
  int64_t every_ms = 86'400'000;
  std::vector<std::string> formats = {"html", "json"};
  std::vector<std::string> names = {"capacity", "slo", "readiness", "drills"};
};

struct DiskCacheConfig {
  std::string path = "cache";  // relative to the data directory
  int64_t bytes = 0;           // 0: nothing is kept on disk
  friend bool operator==(const DiskCacheConfig&, const DiskCacheConfig&) = default;
};

struct SharedCacheConfig {
  aggregator::RedisOptions redis;    // no endpoints: none
  int64_t keep_ms = 24 * 3'600'000;  // how long what is not renewed stays there
  friend bool operator==(const SharedCacheConfig&, const SharedCacheConfig&) = default;
};

struct ListCacheConfig {
  int64_t fresh_ms = 10'000;  // how long an answer is not asked for again; 0: nothing is kept
  int64_t stale_ms = 60'000;  // how long it is shown while it is asked for again
  friend bool operator==(const ListCacheConfig&, const ListCacheConfig&) = default;
};
struct CacheConfig {
  int64_t memory_bytes = int64_t{512} << 20;  // 0: nothing is kept in memory
  DiskCacheConfig disk;
  SharedCacheConfig shared;
  ListCacheConfig lists;        // of series and labels, and metadata
  int64_t recent_ms = 120'000;  // how far back data may still change
  friend bool operator==(const CacheConfig&, const CacheConfig&) = default;
};

// Recorded series and ALERTS, in the data directory.
struct StoreConfig {
  int64_t retention_ms = int64_t{15} * 86'400'000;
  bool retention_given = false;  // else as long as the longest objective's period, if that is more
  int64_t max_bytes = int64_t{10} << 30;
};

// One entry of remote_write.
struct RemoteWriteConfig {
  std::string name;  // its url, when none is given
  std::string url;
  net::Origin origin;
  std::string target;
  aggregator::HttpAuth auth;
  net::TlsOptions tls;
  int64_t timeout_ms = 30'000;
  int64_t max_samples_per_send = 2000;
  int64_t batch_deadline_ms = 1000;
  int64_t min_backoff_ms = 30;
  int64_t max_backoff_ms = 5000;
  std::vector<aggregator::RelabelRule> relabelling;
};

struct Config {
  GlobalConfig global;
  aggregator::Inventory inventory;
  ResilienceConfig resilience;
  CacheConfig cache;
  StoreConfig store;
  std::vector<RemoteWriteConfig> remote_write;
  std::vector<std::string> rule_files;  // patterns, resolved against the file's folder
  std::vector<std::string> slo_files;   // the same
  std::vector<alerting::PackChoice> packs;
  std::vector<AlertmanagerConfig> alertmanagers;
  std::vector<WebhookConfig> webhooks;
  ObserversConfig observers;
  WebConfig web;
  ReportSchedule reports;
  reports::CapacitySpec capacity;
  reports::ReadinessSpec readiness = reports::DefaultReadiness();

  std::vector<std::string> warnings;  // accepted, but without effect in this version
  std::string yaml;                   // the file without its secrets, for /api/v1/status/config
  uint64_t hash = 0;                  // of the file's bytes
};

// Looks up environment variables for ${NAME}.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

// InvalidArgument with one `file:line:column: path: ...` line for every error.
absl::StatusOr<Config> ParseConfig(const std::string& file, std::string_view text,
                                   const Environment& environment, const Fs& fs);
// `named`: for the files that the configuration names (config_files.h); null: `fs`.
absl::StatusOr<Config> LoadConfig(const std::string& file, const Environment& environment,
                                  const Fs& fs, const Fs* named = nullptr);

}  // namespace synoptic::app
