// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The cache's tiers below memory, as the configuration wants them. A reload that leaves a tier's
// settings as they were leaves the tier, too.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aggregator/cache/backends/disk_tier.h"
#include "aggregator/cache/backends/shared_tier.h"
#include "app/config.h"
#include "base/clock.h"
#include "net/async/compute_pool.h"

namespace synoptic::app {

class CacheTiers {
 public:
  // References outlive the tiers.
  CacheTiers(std::string data_dir, const Clock& clock, ComputePool& pool,
             boost::asio::any_io_executor executor)
      : data_dir_(std::move(data_dir)),
        clock_(clock),
        pool_(pool),
        executor_(std::move(executor)) {}

  // Whether Prepare will take it: says which PEM is unusable and why.
  absl::Status Check(const CacheConfig& config) const;
  // Opens and closes what has changed. A tier that cannot be opened is said in the log and done
  // without: a cache keeps nobody from serving.
  Task<> Prepare(CacheConfig config);
  // From fast to slow.
  std::vector<std::shared_ptr<aggregator::Tier>> lower() const;
  // Writes what waits.
  Task<> Close();

 private:
  void CloseDisk();
  void OpenDisk(const CacheConfig& config);
  Task<> CloseShared();
  absl::Status OpenShared(const CacheConfig& config);

  const std::string data_dir_;
  const Clock& clock_;
  ComputePool& pool_;
  const boost::asio::any_io_executor executor_;
  std::optional<CacheConfig> config_;
  std::shared_ptr<aggregator::DiskTier> disk_;      // null: none
  std::shared_ptr<aggregator::SharedTier> shared_;  // null: none
};

}  // namespace synoptic::app
