// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/cache_tiers.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/status.h"
#include "net/http/tls_transport.h"

namespace synoptic::app {
namespace {

constexpr auto kStopShared = std::chrono::seconds(2);

// What decided that a value was settled when it was kept.
std::string SettingsOf(const CacheConfig& config) {
  return fmt::format("recent={}", config.recent_ms);
}

}  // namespace

void CacheTiers::CloseDisk() {
  if (disk_ != nullptr) std::exchange(disk_, nullptr)->Close();
}

void CacheTiers::OpenDisk(const CacheConfig& config) {
  if (config.disk.bytes == 0) return;
  aggregator::DiskTierOptions options;
  options.path = (std::filesystem::path(data_dir_) / config.disk.path).string();
  options.max_bytes = config.disk.bytes;
  options.settings = SettingsOf(config);
  disk_ = aggregator::DiskTier::Begin(std::move(options), clock_);
}

Task<> CacheTiers::CloseShared() {
  if (shared_ == nullptr) co_return absl::OkStatus();
  const auto gone = std::exchange(shared_, nullptr);
  co_return co_await gone->Stop(Deadline::After(clock_, kStopShared));
}

absl::Status CacheTiers::Check(const CacheConfig& config) const {
  if (!config.shared.redis.tls) return absl::OkStatus();
  return Annotate(
      net::NewTlsTransport(NewTcpTransport(executor_, clock_), *config.shared.redis.tls, clock_)
          .status(),
      "cache.shared.redis.tls_config");
}

absl::Status CacheTiers::OpenShared(const CacheConfig& config) {
  if (config.shared.redis.endpoints.empty()) return absl::OkStatus();
  aggregator::SharedTierOptions options;
  options.redis = config.shared.redis;
  options.keep_seconds = std::max<int64_t>(1, config.shared.keep_ms / 1000);
  options.settings = SettingsOf(config);
  ASSIGN_OR_RETURN(shared_,
                   aggregator::SharedTier::New(std::move(options), clock_, pool_, executor_));
  shared_->Start();
  return absl::OkStatus();
}

Task<> CacheTiers::Prepare(CacheConfig config) {
  const bool same = config_ && config_->recent_ms == config.recent_ms;
  if (!same || !(config_->disk == config.disk)) {
    CO_RETURN_IF_ERROR(co_await RunOn(pool_, [&] {
      CloseDisk();
      OpenDisk(config);
    }));
  }
  if (!same || !(config_->shared == config.shared)) {
    CO_RETURN_IF_ERROR(co_await CloseShared());
    CO_RETURN_IF_ERROR(OpenShared(config));
  }
  config_ = std::move(config);
  co_return absl::OkStatus();
}

std::vector<std::shared_ptr<aggregator::Tier>> CacheTiers::lower() const {
  std::vector<std::shared_ptr<aggregator::Tier>> out;
  if (disk_ != nullptr) out.push_back(disk_);
  if (shared_ != nullptr) out.push_back(shared_);
  return out;
}

Task<> CacheTiers::Close() {
  absl::Status status = co_await CloseShared();
  status.Update(co_await RunOn(pool_, [this] { CloseDisk(); }));
  co_return status;
}

}  // namespace synoptic::app
