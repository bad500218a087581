// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/app.h"

#include <unistd.h>

#include <filesystem>
#include <random>
#include <thread>

#include "app/app_impl.h"
#include "app/process_metrics.h"
#include "app/version.h"
#include "base/log.h"
#include "base/status.h"
#include "base/strings.h"
#include "net/async/timer.h"

namespace synoptic::app {
namespace {

using aggregator::Api;

constexpr auto kDrainRequests = std::chrono::seconds(10);
constexpr auto kDrainAlerts = std::chrono::seconds(5);
constexpr auto kStopTasks = std::chrono::seconds(5);

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

}  // namespace

AppImpl::AppImpl(AppOptions options, const Clock& clock, Fs& fs, Environment environment)
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
      recorded_(std::make_unique<RecordedSeries>(runtime_->executor(), tasks_, runtime_->compute(),
                                                 clock, rng_, metrics_)),
      late_querier_(clock, metrics_, aggregator::Lane::kReports),
      discovery_(clock, tasks_,
                 [dns = options_.dns](const std::string& name, DnsType type) {
                   return LookUpDns(name, type, dns);
                 }),
      rules_(std::make_unique<RuleService>(runtime_->executor(), tasks_, clock, rng_, metrics_,
                                           upstream_metrics_, recorded_->recorder())),
      planning_(std::make_unique<PlanningService>(runtime_->executor(), tasks_, clock, metrics_, fs,
                                                  options_.data_dir)) {
  RegisterProcessMetrics(metrics_, start_time_ms_);
  planning_->RecordTo(&recorded_->recorder());
  metrics_
      .Gauge("synoptic_build_info", "What is running.",
             {{"version", kVersion}, {"revision", kRevision}, {"compiler", kCompiler}})
      .Set(1);
}

absl::Status AppImpl::Run() {
  files_ = std::make_shared<const ConfigFiles>(fs_);
  ASSIGN_OR_RETURN(Prepared prepared,
                   Prepare(options_.config_file, environment_, files_->edited(), &files_->named()));
  RETURN_IF_ERROR(fs_.CreateDirectories(options_.data_dir));
  RETURN_IF_ERROR(BlockOn<absl::Status>(runtime_->executor(), Begin(std::move(prepared))));
  log::Info("synoptic is ready",
            {{"version", kVersion},
             {"address", fmt::format("{}:{}", options_.listen_address, port())},
             {"admin_port", admin_port()}});
  return absl::OkStatus();
}

absl::Status AppImpl::Stop() {
  if (stopped_) return absl::OkStatus();
  stopped_ = true;
  ready_ = false;
  log::Info("stopping: running requests may end");
  RETURN_IF_ERROR(BlockOn<absl::Status>(runtime_->executor(), End()));
  runtime_->Shutdown();
  log::Info("stopped");
  return absl::OkStatus();
}

std::vector<std::string> AppImpl::Alertmanagers() const {
  std::vector<std::string> urls;
  for (const AlertmanagerConfig& entry : config_->alertmanagers) {
    for (const std::string& url : entry.urls) urls.push_back(url + "/api/v2/alerts");
  }
  return urls;
}

std::string AppImpl::MetricsText() const {
  if (cache_ != nullptr) {
    cache_metrics_.Show("memory", cache_->memory());
    cache_metrics_.ShowLists(cache_->lists());
    for (const auto& tier : cache_->lower()) cache_metrics_.Show(tier->name(), tier->stats());
    cache_metrics_.ShowAudits(cache_->audits(), cache_->divergences());
  }
  return metrics_.Expose();
}

aggregator::UpstreamDeps AppImpl::CommonDeps() {
  aggregator::UpstreamDeps deps;
  deps.clock = &clock_;
  deps.observer = &upstream_metrics_;
  deps.executor = runtime_->executor();
  deps.rng = &rng_;
  deps.identity = identity_;
  return deps;
}

aggregator::BuildInfo AppImpl::Build() const {
  return {kPrometheusVersion, fmt::format("synoptic-{}-{}", kVersion, kRevision), "", "", "",
          kCompiler};
}

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
  if (cache_ != nullptr) cache_->KeepTails();
  cache_.reset();
  CO_RETURN_IF_ERROR(co_await cache_tiers_.Close());
  // Probes that were under way unwind in the loop's next turns.
  CO_RETURN_IF_ERROR(co_await SleepFor(clock_, std::chrono::milliseconds(1)));
  clients_.Clear();
  co_return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<App>> App::Start(AppOptions options, const Clock& clock, Fs& fs,
                                                Environment environment) {
  auto app = std::make_unique<AppImpl>(std::move(options), clock, fs, std::move(environment));
  RETURN_IF_ERROR(app->Run());
  return app;
}

}  // namespace synoptic::app
