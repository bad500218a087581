// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which configuration runs: files that change are read anew, and what they say takes the place of
// what ran, or nothing does.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/app_impl.h"
#include "app/wiring.h"
#include "base/log.h"
#include "base/status.h"
#include "net/async/timer.h"

namespace synoptic::app {
namespace {

constexpr auto kWatchFiles = std::chrono::seconds(5);

}  // namespace

absl::Status AppImpl::ReloadConfig() {
  return BlockOn<absl::Status>(runtime_->executor(), Reload());
}

Task<> AppImpl::WatchFiles() {
  while (true) {
    CO_RETURN_IF_ERROR(co_await SleepFor(clock_, kWatchFiles));
    if (reloading_) continue;
    const std::shared_ptr<const ConfigFiles> newest = newest_;
    CO_ASSIGN_OR_RETURN(const bool changed,
                        co_await RunOn(runtime_->compute(), [newest]() -> absl::StatusOr<bool> {
                          return newest->Changed();
                        }));
    if (!changed || newest != newest_) continue;
    log::Info("files that the configuration names have changed");
    // A failure is logged and counted; the old ones go on.
    const absl::Status status = co_await Load(std::make_shared<const ConfigFiles>(fs_, files_));
    if (absl::IsCancelled(status)) co_return status;
  }
}

Task<> AppImpl::Reload() { return Load(std::make_shared<const ConfigFiles>(fs_)); }

Task<> AppImpl::Load(std::shared_ptr<const ConfigFiles> files) {
  while (reloading_) CO_RETURN_IF_ERROR(co_await SleepFor(clock_, std::chrono::milliseconds(10)));
  reloading_ = true;
  newest_ = files;
  auto prepared = co_await RunOn(runtime_->compute(), [this, files] {
    return Prepare(options_.config_file, environment_, files->edited(), &files->named());
  });
  absl::Status status = prepared.status();
  if (status.ok()) {
    status =
        co_await discovery_.Watch(prepared->config.inventory, Deadline::After(clock_, kFirstNames));
  }
  if (status.ok()) status = co_await Apply(*std::move(prepared));
  if (status.ok()) {
    files_ = std::move(files);
    discovery_.Keep(config_->inventory);
  }
  reloading_ = false;
  NoteReload(status.ok());
  if (status.ok()) {
    log::Info("configuration reloaded", {{"file", options_.config_file}});
  } else {
    log::Error("configuration not reloaded: the old one goes on",
               {{"file", options_.config_file}, {"why", MessageOf(status)}});
  }
  co_return status;
}

void AppImpl::NoteReload(bool ok) {
  reload_ok_ = ok;
  metrics_
      .Gauge("synoptic_config_last_reload_successful",
             "Whether the last reload of the "
             "configuration succeeded.")
      .Set(ok ? 1 : 0);
  if (!ok) return;
  config_time_ms_ = clock_.WallMillis();
  metrics_
      .Gauge("synoptic_config_last_reload_success_timestamp_seconds",
             "When a configuration was last loaded.")
      .Set(static_cast<double>(config_time_ms_) / 1000);
  // 48 bits: exact in a float.
  metrics_.Gauge("synoptic_config_hash", "Tells configurations apart; equal for equal files.")
      .Set(static_cast<double>(config_->hash & 0xFFFFFFFFFFFF));
}

// A reload that leaves the cache's section as it was keeps what is cached.
void AppImpl::SetCache(const Config& config) {
  const bool wanted = config.cache.memory_bytes > 0 || config.cache.disk.bytes > 0 ||
                      !config.cache.shared.redis.endpoints.empty();
  if (wanted == (cache_ != nullptr) && config.cache == cache_config_) return;
  cache_config_ = config.cache;
  cache_.reset();
  if (!wanted) return;
  cache_ = std::make_shared<aggregator::FragmentCache>(CacheOptionsOf(config), clock_,
                                                       runtime_->compute(), runtime_->executor(),
                                                       cache_tiers_.lower());
}

void AppImpl::SetService(const Config& config) {
  const aggregator::Inventory inventory = discovery_.Complete(config.inventory);
  upstream_metrics_.SetInventory(inventory);  // before clients report
  aggregator::Upstreams upstreams = shard_clients_->Make(config, inventory, cache_.get());
  recorded_->AddTo(upstreams);
  const aggregator::QueryServiceOptions wanted = QueryOptionsOf(config);
  if (service_ != nullptr && wanted == service_options_) {
    service_->SetUpstreams(std::move(upstreams));
    return;
  }
  if (service_ != nullptr) retired_.push_back(std::move(service_));
  service_options_ = wanted;
  service_ = aggregator::NewQueryService(wanted, std::move(upstreams), runtime_->compute(), clock_);
}

Task<> AppImpl::Apply(Prepared prepared) {
  Config& config = prepared.config;
  CO_RETURN_IF_ERROR(CheckClients(config.inventory, clients_));
  const std::string external_url = ExternalUrl(config);
  auto routes = RuleService::MakeRoutes(config, external_url, clients_);
  if (!routes.ok()) co_return Annotate(routes.status(), "alerting: tls_config");
  CO_RETURN_IF_ERROR(RecordedSeries::Check(config, clients_));
  CO_RETURN_IF_ERROR(cache_tiers_.Check(config.cache));

  // Nothing fails from here on.
  CO_RETURN_IF_ERROR(co_await cache_tiers_.Prepare(config.cache));
  for (const std::string& warning : config.warnings) log::Warn(warning);
  SetCache(config);
  recorded_->Apply(config, clients_);
  SetService(config);
  const promql::Topology topology = config.inventory.MakeTopology();
  rules_->querier().SetService(service_.get(), topology);
  late_querier_.SetService(service_.get(), topology);
  planning_->Apply(config, prepared.slos, service_.get());
  std::vector<alerting::RuleGroup> burn = planning_->BurnRules(prepared.slos);
  std::move(burn.begin(), burn.end(), std::back_inserter(prepared.groups));
  rules_->Apply(config, external_url, *std::move(routes), std::move(prepared.groups), clients_);

  const aggregator::ApiOptions options = ApiOptionsOf(config, options_.lifecycle, identity_);
  config_ = std::make_shared<const Config>(std::move(config));
  api_ = aggregator::NewApi({*service_, clock_, runtime_->compute(), *this, metrics_, rules_.get(),
                             planning_.get(), cache_},
                            topology, options);
  co_return absl::OkStatus();
}

}  // namespace synoptic::app
