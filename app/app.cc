// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/app.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <random>
#include <thread>

#include "aggregator/api/api.h"
#include "aggregator/query/service.h"
#include "aggregator/upstream/upstream.h"
#include "app/cache_metrics.h"
#include "app/cache_tiers.h"
#include "app/config_files.h"
#include "app/discovery.h"
#include "app/http_clients.h"
#include "app/make_up.h"
#include "app/planning_service.h"
#include "app/prepared.h"
#include "app/process_metrics.h"
#include "app/recorded_series.h"
#include "app/rule_service.h"
#include "app/shard_clients.h"
#include "app/upstream_metrics.h"
#include "app/version.h"
#include "app/wiring.h"
#include "base/log.h"
#include "base/rng.h"
#include "base/status.h"
#include "base/strings.h"
#include "net/async/runtime.h"
#include "net/async/task_group.h"
#include "net/async/timer.h"
#include "net/http/server.h"

namespace synoptic::app {
namespace {

using aggregator::Api;

constexpr auto kDrainRequests = std::chrono::seconds(10);
constexpr auto kDrainAlerts = std::chrono::seconds(5);
constexpr auto kStopTasks = std::chrono::seconds(5);
constexpr auto kWatchFiles = std::chrono::seconds(5);
// How long a start or a reload waits for names of replicas that are new.
constexpr auto kFirstNames = std::chrono::seconds(3);

std::string Hostname() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

uint64_t SystemSeed() {
  std::random_device device;
  return (uint64_t{device()} << 32) | device();
}

// Keep the Api of the time alive for as long as one of its requests runs: a reload may replace it.
// Listening begins before the API exists and may outlast it by a request.
net::HttpResponse NotServing() {
  net::HttpResponse response;
  response.status = 503;
  response.body = "Service Unavailable";
  return response;
}
Task<net::HttpResponse> ServeMain(std::shared_ptr<const Api> api,
                                  const net::RequestContext& request) {
  if (api == nullptr) co_return NotServing();
  co_return co_await api->Handle(request);
}
Task<net::HttpResponse> ServeAdmin(std::shared_ptr<const Api> api,
                                   const net::RequestContext& request) {
  if (api == nullptr) co_return NotServing();
  co_return co_await api->HandleAdmin(request);
}

class AppImpl final : public App, public aggregator::ServerView {
 public:
  AppImpl(AppOptions options, const Clock& clock, Fs& fs, Environment environment)
      : options_(std::move(options)),
        clock_(clock),
        fs_(fs),
        environment_(std::move(environment)),
        start_time_ms_(clock.WallMillis()),
        rng_(SystemSeed()),
        identity_(fmt::format("{:016x}", rng_.Next())),
        upstream_metrics_(metrics_, clock),
        cache_metrics_(metrics_),
        runtime_(StartRuntime()),
        clients_(runtime_->executor(), clock),
        shard_clients_(std::make_unique<ShardClients>(CommonDeps(), clients_)),
        cache_tiers_(options_.data_dir, clock, runtime_->compute(), runtime_->executor()),
        tasks_([](std::string_view name, const absl::Status& status) {
          log::Error("task ended", {{"task", name}, {"why", MessageOf(status)}});
        }),
        recorded_(std::make_unique<RecordedSeries>(runtime_->executor(), tasks_,
                                                   runtime_->compute(), clock, rng_, metrics_)),
        late_querier_(clock, metrics_, aggregator::Lane::kReports),
        discovery_(clock, tasks_,
                   [dns = options_.dns](const std::string& name, DnsType type) {
                     return LookUpDns(name, type, dns);
                   }),
        rules_(std::make_unique<RuleService>(runtime_->executor(), tasks_, clock, rng_, metrics_,
                                             upstream_metrics_, recorded_->recorder())),
        planning_(std::make_unique<PlanningService>(runtime_->executor(), tasks_, clock, metrics_,
                                                    fs, options_.data_dir)) {
    RegisterProcessMetrics(metrics_, start_time_ms_);
    planning_->RecordTo(&recorded_->recorder());
    metrics_
        .Gauge("synoptic_build_info", "What is running.",
               {{"version", kVersion}, {"revision", kRevision}, {"compiler", kCompiler}})
        .Set(1);
  }
  ~AppImpl() override { (void)Stop(); }

  absl::Status Run() {
    files_ = std::make_shared<const ConfigFiles>(fs_);
    ASSIGN_OR_RETURN(Prepared prepared, Prepare(options_.config_file, environment_,
                                                files_->edited(), &files_->named()));
    RETURN_IF_ERROR(fs_.CreateDirectories(options_.data_dir));
    RETURN_IF_ERROR(BlockOn<absl::Status>(runtime_->executor(), Begin(std::move(prepared))));
    log::Info("synoptic is ready",
              {{"version", kVersion},
               {"address", fmt::format("{}:{}", options_.listen_address, port())},
               {"admin_port", admin_port()}});
    return absl::OkStatus();
  }

  uint16_t port() const override { return port_; }
  uint16_t admin_port() const override { return admin_port_; }

  absl::Status ReloadConfig() override {
    return BlockOn<absl::Status>(runtime_->executor(), Reload());
  }

  absl::Status Stop() override {
    if (stopped_) return absl::OkStatus();
    stopped_ = true;
    ready_ = false;
    log::Info("stopping: running requests may end");
    RETURN_IF_ERROR(BlockOn<absl::Status>(runtime_->executor(), End()));
    runtime_->Shutdown();
    log::Info("stopped");
    return absl::OkStatus();
  }

  // ServerView
  aggregator::BuildInfo Build() const override {
    return {kPrometheusVersion, fmt::format("synoptic-{}-{}", kVersion, kRevision), "", "", "",
            kCompiler};
  }
  aggregator::RuntimeInfo Runtime() const override;
  std::string ConfigYaml() const override { return config_->yaml; }
  std::vector<std::pair<std::string, std::string>> Flags() const override { return options_.flags; }
  std::vector<std::string> Alertmanagers() const override {
    std::vector<std::string> urls;
    for (const AlertmanagerConfig& entry : config_->alertmanagers) {
      for (const std::string& url : entry.urls) urls.push_back(url + "/api/v2/alerts");
    }
    return urls;
  }
  bool Ready() const override { return ready_ && rules_->Evaluating(); }
  std::string ObserversJson() const override { return rules_->ObserversJson(); }
  std::string DeliveriesJson(int64_t since) const override { return rules_->DeliveriesJson(since); }
  std::string MetricsText() const override {
    if (cache_ != nullptr) {
      cache_metrics_.Show("memory", cache_->memory());
      for (const auto& tier : cache_->lower()) cache_metrics_.Show(tier->name(), tier->stats());
      cache_metrics_.ShowAudits(cache_->audits(), cache_->divergences());
    }
    return metrics_.Expose();
  }
  Task<> Reload() override;

 private:
  aggregator::UpstreamDeps CommonDeps() {
    aggregator::UpstreamDeps deps;
    deps.clock = &clock_;
    deps.observer = &upstream_metrics_;
    deps.executor = runtime_->executor();
    deps.rng = &rng_;
    deps.identity = identity_;
    return deps;
  }
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
  std::shared_ptr<const Api> api_;
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

aggregator::RuntimeInfo AppImpl::Runtime() const {
  aggregator::RuntimeInfo info;
  info.start_time_ns = start_time_ms_ * 1'000'000;
  info.server_time_ns = clock_.WallMillis() * 1'000'000;
  std::error_code error;
  info.working_directory = std::filesystem::current_path(error).string();
  info.hostname = Hostname();
  info.reload_config_success = reload_ok_;
  info.last_config_time_ns = config_time_ms_ * 1'000'000;
  info.threads = CountThreads();
  info.cores = static_cast<int>(std::thread::hardware_concurrency());
  return info;
}

std::string AppImpl::ExternalUrl(const Config& config) const {
  if (!config.web.external_url.empty()) return config.web.external_url;
  return fmt::format("http://{}:{}", Hostname(), port_);
}

absl::Status AppImpl::Listen() {
  net::ServerOptions main;
  main.address = options_.listen_address;
  main.port = options_.listen_port;
  main.compute = &runtime_->compute();
  ASSIGN_OR_RETURN(server_, net::StartHttpServer(runtime_->executor(), clock_, main,
                                                 [this](const net::RequestContext& request) {
                                                   return ServeMain(api_, request);
                                                 }));
  port_ = server_->port();
  if (!options_.admin) return absl::OkStatus();
  net::ServerOptions admin;
  admin.address = options_.admin_address;
  admin.port = options_.admin_port;
  admin.limits.max_connections = 32;
  admin.limits.max_connections_per_peer = 32;
  auto started = net::StartHttpServer(
      runtime_->executor(), clock_, admin,
      [this](const net::RequestContext& request) { return ServeAdmin(api_, request); });
  if (started.ok()) {
    admin_ = *std::move(started);
    admin_port_ = admin_->port();
    return absl::OkStatus();
  }
  // Nobody asked for this address: a second server on the machine shall start all the same.
  if (options_.admin_required) return started.status();
  log::Warn("no admin listener: health and metrics share the main one",
            {{"why", MessageOf(started.status())}});
  return absl::OkStatus();
}

Task<> AppImpl::Begin(Prepared prepared) {
  // Blocks the loop, on which nothing runs yet.
  CO_ASSIGN_OR_RETURN(
      alerting::OpenedStore store,
      alerting::OpenStateStore(options_.data_dir + "/alerts.db", runtime_->executor(), clock_));
  rules_->SetStore(std::move(store));
  CO_RETURN_IF_ERROR(recorded_->Open(options_.data_dir + "/series", prepared.config.store));
  planning_->CountIn(recorded_->store(), runtime_->compute());
  CO_RETURN_IF_ERROR(Listen());
  CO_RETURN_IF_ERROR(
      co_await discovery_.Watch(prepared.config.inventory, Deadline::After(clock_, kFirstNames)));
  CO_RETURN_IF_ERROR(co_await Apply(std::move(prepared)));
  MakeUpForMissed();
  NoteReload(true);
  newest_ = files_;
  tasks_.Spawn(runtime_->executor(), "watch files", WatchFiles());
  tasks_.Spawn(runtime_->executor(), "discovery", discovery_.Run([this] { SetService(*config_); }));
  ready_ = true;
  co_return absl::OkStatus();
}

// Recording rules, at times they missed.
void AppImpl::MakeUpForMissed() {
  if (recorded_->store() == nullptr) return;
  make_up_ = std::make_unique<MakeUp>(
      recorded_->store(), recorded_->recorder().missed(), late_querier_,
      [this](const std::string& file, const std::string& name) {
        return rules_->FindGroup(file, name);
      },
      runtime_->compute(), clock_);
  tasks_.Spawn(runtime_->executor(), "missed recordings", make_up_->Run());
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

Task<> AppImpl::End() {
  // What does not end in time costs no alert its delivery: that comes first.
  absl::Status ended;
  if (server_ != nullptr) {
    ended.Update(co_await server_->Stop(Deadline::After(clock_, kDrainRequests)));
  }
  ended.Update(co_await tasks_.Stop(clock_, Deadline::After(clock_, kStopTasks)));
  if (const absl::Status drained = co_await rules_->Drain(Deadline::After(clock_, kDrainAlerts));
      !drained.ok()) {
    log::Warn("alerts were left unsent", {{"why", MessageOf(drained)}});
  }
  CO_RETURN_IF_ERROR(ended);
  if (service_ != nullptr) retired_.push_back(std::move(service_));
  for (const auto& service : retired_) {
    CO_RETURN_IF_ERROR(co_await service->Stop(Deadline::After(clock_, kStopTasks)));
  }
  if (admin_ != nullptr) {
    CO_RETURN_IF_ERROR(co_await admin_->Stop(Deadline::After(clock_, kStopTasks)));
  }
  // What holds timers and sockets goes before the event loop, users before what they use.
  server_.reset();
  admin_.reset();
  api_.reset();
  make_up_.reset();
  rules_.reset();
  planning_.reset();
  recorded_.reset();
  retired_.clear();
  shard_clients_.reset();
  discovery_.Stop();
  cache_.reset();
  CO_RETURN_IF_ERROR(co_await cache_tiers_.Close());
  // Probes that were under way unwind in the loop's next turns.
  CO_RETURN_IF_ERROR(co_await SleepFor(clock_, std::chrono::milliseconds(1)));
  clients_.Clear();
  co_return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<App>> App::Start(AppOptions options, const Clock& clock, Fs& fs,
                                                Environment environment) {
  auto app = std::make_unique<AppImpl>(std::move(options), clock, fs, std::move(environment));
  RETURN_IF_ERROR(app->Run());
  return app;
}

}  // namespace synoptic::app
