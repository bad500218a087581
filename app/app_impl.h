// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a running Synoptic is made of. Private to app/: app.cc starts and ends it, app_reload.cc
// gives it a configuration.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "aggregator/api/api.h"
#include "aggregator/query/service.h"
#include "aggregator/upstream/upstream.h"
#include "app/app.h"
#include "app/cache_metrics.h"
#include "app/cache_tiers.h"
#include "app/config_files.h"
#include "app/discovery.h"
#include "app/http_clients.h"
#include "app/make_up.h"
#include "app/planning_service.h"
#include "app/prepared.h"
#include "app/recorded_series.h"
#include "app/rule_service.h"
#include "app/shard_clients.h"
#include "app/upstream_metrics.h"
#include "base/rng.h"
#include "net/async/runtime.h"
#include "net/async/task_group.h"
#include "net/http/server.h"

namespace synoptic::app {

// How long a start or a reload waits for names of replicas that are new.
inline constexpr auto kFirstNames = std::chrono::seconds(3);

class AppImpl final : public App, public aggregator::ServerView {
 public:
  AppImpl(AppOptions options, const Clock& clock, Fs& fs, Environment environment);
  ~AppImpl() override { (void)Stop(); }

  // Starts: serves when it returns OK.
  absl::Status Run();

  uint16_t port() const override { return port_; }
  uint16_t admin_port() const override { return admin_port_; }

  absl::Status ReloadConfig() override;
  absl::Status Stop() override;

  // ServerView
  aggregator::BuildInfo Build() const override;
  aggregator::RuntimeInfo Runtime() const override;
  std::string ConfigYaml() const override { return config_->yaml; }
  std::vector<std::pair<std::string, std::string>> Flags() const override { return options_.flags; }
  std::vector<std::string> Alertmanagers() const override;
  bool Ready() const override { return ready_ && rules_->Evaluating(); }
  std::string ObserversJson() const override { return rules_->ObserversJson(); }
  std::string DeliveriesJson(int64_t since) const override { return rules_->DeliveriesJson(since); }
  std::string MetricsText() const override;
  Task<> Reload() override;

 private:
  aggregator::UpstreamDeps CommonDeps();
  Task<> Begin(Prepared prepared);
  // Makes the configuration from these files.
  Task<> Load(std::shared_ptr<const ConfigFiles> files);
  // Loads anew when files that the configuration names have changed.
  Task<> WatchFiles();
  Task<> End();
  absl::Status Listen();
  // Makes what may fail, then swaps.
  Task<> Apply(Prepared prepared);
  void MakeUpForMissed();
  void SetCache(const Config& config);
  // Of the configuration's regions and the replicas that are known by now.
  void SetService(const Config& config);
  void NoteReload(bool ok);
  std::string ExternalUrl(const Config& config) const;

  const AppOptions options_;
  const Clock& clock_;
  Fs& fs_;
  const Environment environment_;
  const int64_t start_time_ms_;
  SeededRng rng_;
  const std::string identity_;  // tells this process from other Synoptics
  Metrics metrics_;
  UpstreamMetrics upstream_metrics_;
  mutable CacheMetrics cache_metrics_;
  // From here on the order is that of use: what is below uses what is above.
  std::unique_ptr<synoptic::Runtime> runtime_;
  HttpClients clients_;
  std::unique_ptr<ShardClients> shard_clients_;
  CacheTiers cache_tiers_;
  std::shared_ptr<aggregator::FragmentCache> cache_;  // null: none is wanted
  CacheConfig cache_config_;
  std::unique_ptr<aggregator::FederatedQueryService> service_;
  aggregator::QueryServiceOptions service_options_;
  // Services of former limits: their last queries may still run.
  std::vector<std::unique_ptr<aggregator::FederatedQueryService>> retired_;
  TaskGroup tasks_;
  std::unique_ptr<RecordedSeries> recorded_;
  ServiceQuerier late_querier_;
  Discovery discovery_;
  std::shared_ptr<const ConfigFiles> files_;   // of the configuration that runs
  std::shared_ptr<const ConfigFiles> newest_;  // of the last attempt
  std::unique_ptr<RuleService> rules_;
  std::unique_ptr<MakeUp> make_up_;  // null: nothing is recorded
  std::unique_ptr<PlanningService> planning_;
  std::shared_ptr<const Config> config_;
  std::shared_ptr<const aggregator::Api> api_;
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<net::HttpServer> admin_;
  uint16_t port_ = 0;
  uint16_t admin_port_ = 0;
  bool reloading_ = false;
  bool reload_ok_ = true;
  int64_t config_time_ms_ = 0;
  std::atomic<bool> ready_{false};
  bool stopped_ = false;
};

}  // namespace synoptic::app
