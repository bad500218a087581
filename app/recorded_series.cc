// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/recorded_series.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "aggregator/store/recorded_shard.h"
#include "base/log.h"
#include "base/status.h"
#include "base/strings.h"
#include "net/async/timer.h"

namespace synoptic::app {
namespace {

constexpr char kWritableHelp[] = "Whether recorded series could last be written.";
constexpr int64_t kLogShare = 4;  // of max_size: what remote write may be behind by

std::string FingerprintOf(const RemoteWriteConfig& config, const promql::Labels& external) {
  std::string relabelling;
  for (const aggregator::RelabelRule& rule : config.relabelling) {
    relabelling += fmt::format("{}|{}|{}|{}|{}|{}|{}\n", static_cast<int>(rule.action),
                               Join(rule.source_labels, "\xff"), rule.separator, rule.regex,
                               rule.modulus, rule.target_label, rule.replacement);
  }
  return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", config.name, config.url,
                     app::FingerprintOf(config.auth), app::FingerprintOf(config.tls),
                     config.timeout_ms, config.max_samples_per_send, config.batch_deadline_ms,
                     config.min_backoff_ms, config.max_backoff_ms, external.ToString(),
                     relabelling);
}

aggregator::RemoteWriteOptions OptionsOf(const RemoteWriteConfig& config,
                                         const promql::Labels& external) {
  aggregator::RemoteWriteOptions options;
  options.name = config.name;
  options.origin = config.origin;
  options.target = config.target;
  options.headers = AuthHeaders(config.auth);
  options.external_labels = external;
  options.max_samples_per_send = static_cast<size_t>(config.max_samples_per_send);
  options.batch_deadline = std::chrono::milliseconds(config.batch_deadline_ms);
  options.timeout = std::chrono::milliseconds(config.timeout_ms);
  options.min_backoff = std::chrono::milliseconds(config.min_backoff_ms);
  options.max_backoff = std::chrono::milliseconds(config.max_backoff_ms);
  // Checked where they were read.
  if (!config.relabelling.empty()) {
    options.relabeller = aggregator::NewRelabeller(config.relabelling).value();
  }
  return options;
}

}  // namespace

RecordedSeries::RecordedSeries(const boost::asio::any_io_executor& executor, TaskGroup& tasks,
                               ComputePool& pool, const Clock& clock, Rng& rng, Metrics& metrics)
    : executor_(executor), tasks_(tasks), pool_(pool), clock_(clock), rng_(rng), metrics_(metrics) {
  metrics_.OnCollect([this] { Collect(); });
}

absl::Status RecordedSeries::Open(const std::string& path, const StoreConfig& config) {
  aggregator::SeriesStoreOptions options;
  options.path = path;
  options.retention_ms = config.retention_ms;
  options.max_bytes = config.max_bytes;
  options.max_log_bytes = config.max_bytes / kLogShare;
  // The directory that it is in is there, or there is no disk to write to.
  std::error_code error;
  std::filesystem::create_directory(path, error);
  absl::StatusOr<std::unique_ptr<aggregator::SeriesStore>> opened =
      MakeStatus(absl::StatusCode::kPermissionDenied, "{}: {}", path, error.message());
  if (!error) opened = aggregator::SeriesStore::Open(options, clock_.WallMillis());
  if (absl::IsFailedPrecondition(opened.status())) return opened.status();
  if (!opened.ok()) {
    log::Error("recorded series are not kept", {{"why", MessageOf(opened.status())}});
    recorder_.SetStore(nullptr, fmt::format("recorded series: {}", MessageOf(opened.status())));
    return absl::OkStatus();
  }
  store_ = *std::move(opened);
  if (const std::string damage = store_->damage(); !damage.empty()) {
    log::Error("recorded series are damaged", {{"why", damage}});
  }
  recorder_.SetStore(store_);
  client_ = aggregator::NewRecordedShard(
      store_, aggregator::kOwnRegion, aggregator::kOwnShard, pool_, clock_,
      [missed = recorder_.missed()](const auto& matchers, int64_t min_t, int64_t max_t,
                                    aggregator::Lane lane) {
        // The lane of those who make up for it.
        return missed->MayLack(matchers, min_t, max_t, lane == aggregator::Lane::kReports);
      });
  tasks_.Spawn(executor_, "recorded series", KeepUp(store_, pool_, clock_));
  return absl::OkStatus();
}

Task<> RecordedSeries::KeepUp(std::shared_ptr<aggregator::SeriesStore> store, ComputePool& pool,
                              const Clock& clock) {
  bool worked = true;
  while (true) {
    CO_RETURN_IF_ERROR(co_await SleepFor(clock, std::chrono::seconds(1)));
    const int64_t now_ms = clock.WallMillis();
    const absl::Status status =
        co_await RunOn(pool, [&store, now_ms] { return store->Maintain(now_ms); });
    if (absl::IsCancelled(status)) co_return status;
    if (std::exchange(worked, status.ok()) && !status.ok()) {
      log::Error("recorded series cannot be written", {{"why", MessageOf(status)}});
    }
  }
}

Task<> RecordedSeries::Send(std::shared_ptr<aggregator::RemoteWriter> writer) {
  co_return co_await writer->Run();
}

absl::Status RecordedSeries::Check(const Config& config, HttpClients& clients) {
  for (const RemoteWriteConfig& entry : config.remote_write) {
    RETURN_IF_ERROR(Annotate(clients.Get(entry.tls).status(),
                             fmt::format("remote_write \"{}\": tls_config", entry.name)));
  }
  return absl::OkStatus();
}

void RecordedSeries::Apply(const Config& config, HttpClients& clients) {
  if (store_ == nullptr) return;
  store_->SetRetention(config.store.retention_ms, config.store.max_bytes);
  std::map<std::string, Sending> kept;
  for (const RemoteWriteConfig& entry : config.remote_write) {
    const std::string key = FingerprintOf(entry, config.global.external_labels);
    if (const auto known = sending_.find(key); known != sending_.end()) {
      kept.insert(sending_.extract(known));
    } else {
      kept[key];
    }
  }
  for (auto& [key, gone] : sending_) gone.task.Cancel();
  sending_ = std::move(kept);
  for (const RemoteWriteConfig& entry : config.remote_write) {
    Sending& sending = sending_[FingerprintOf(entry, config.global.external_labels)];
    if (sending.writer != nullptr) continue;
    sending.writer = std::make_shared<aggregator::RemoteWriter>(
        OptionsOf(entry, config.global.external_labels), store_, **clients.Get(entry.tls), pool_,
        clock_, rng_.Next());
    sending.task = tasks_.Spawn(executor_, "remote write", Send(sending.writer));
  }
}

void RecordedSeries::AddTo(aggregator::Upstreams& upstreams) const {
  if (store_ == nullptr) return;
  upstreams.own = client_;
  upstreams.own_may_hold = [store = store_](const std::vector<promql::Matcher>& matchers) {
    return store->MayHold(matchers);
  };
}

void RecordedSeries::CountTo(const std::string& name, const char* help,
                             const Metrics::LabelMap& labels, int64_t total) {
  std::string key = name;
  for (const auto& [label, value] : labels) key += "|" + value;
  const int64_t before = std::exchange(shown_[key], total);
  const int64_t more = total >= before ? total - before : total;
  metrics_.Counter(name, help, labels).Increment(static_cast<double>(more));
}

void RecordedSeries::Collect() {
  if (store_ == nullptr) {
    metrics_.Gauge("synoptic_store_writable", kWritableHelp).Set(0);
    return;
  }
  const aggregator::SeriesStoreStats stats = store_->stats();
  const auto gauge = [this](const char* name, const char* help, int64_t value) {
    metrics_.Gauge(name, help).Set(static_cast<double>(value));
  };
  gauge("synoptic_store_series", "Series that were recorded and are kept.", stats.series);
  gauge("synoptic_store_chunk_bytes", "Recorded samples on disk.", stats.chunk_bytes);
  gauge("synoptic_store_log_bytes", "The log of recorded samples on disk.", stats.log_bytes);
  gauge("synoptic_store_memory_bytes", "Labels and newest samples in memory.", stats.memory_bytes);
  gauge("synoptic_store_writable", kWritableHelp, stats.writable ? 1 : 0);
  gauge("synoptic_store_damaged", "Whether recorded series were found damaged at the start.",
        store_->damage().empty() ? 0 : 1);
  CountTo("synoptic_store_samples_total", "Samples that were recorded.", {}, stats.samples_total);
  const char* refused = "Samples that were not recorded, by why.";
  CountTo("synoptic_store_refused_total", refused, {{"reason", "out_of_order"}},
          stats.out_of_order_total);
  CountTo("synoptic_store_refused_total", refused, {{"reason", "duplicate"}},
          stats.duplicates_total);
  CountTo("synoptic_store_refused_total", refused, {{"reason", "failed"}}, stats.refused_total);
  gauge("synoptic_store_missed_slots",
        "Evaluations of recording rules that are still to be made up for.",
        recorder_.missed()->count());
  const double now = static_cast<double>(clock_.WallMillis()) / 1000;
  for (const auto& [key, sending] : sending_) {
    const aggregator::RemoteWriteStats sent = sending.writer->stats();
    const Metrics::LabelMap labels = {{"endpoint", sending.writer->options().name}};
    CountTo("synoptic_remote_write_samples_total", "Samples that an endpoint accepted.", labels,
            sent.sent);
    CountTo("synoptic_remote_write_dropped_total", "Samples that an endpoint refuses for good.",
            labels, sent.dropped);
    CountTo("synoptic_remote_write_left_out_total", "Samples that write_relabel_configs leave out.",
            labels, sent.left_out);
    CountTo("synoptic_remote_write_lost_total",
            "Entries of the log that were gone before they could be sent.", labels, sent.lost);
    CountTo("synoptic_remote_write_retries_total", "Requests that failed and were sent again.",
            labels, sent.retries);
    metrics_
        .Gauge("synoptic_remote_write_waiting", "Entries of the log that are not sent yet.", labels)
        .Set(static_cast<double>(sent.behind));
    metrics_
        .Gauge("synoptic_remote_write_behind_seconds",
               "Age of the newest sample that was sent, while others wait.", labels)
        .Set(sent.behind == 0 || sent.newest_sent_ms == 0
                 ? 0
                 : now - static_cast<double>(sent.newest_sent_ms) / 1000);
  }
}

}  // namespace synoptic::app
