// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the cache counts, as metrics: synoptic_cache_{hits,misses,evictions,damaged,
// failures}_total{tier}, synoptic_cache_bytes{tier}, synoptic_cache_tier_up{tier},
// synoptic_cache_stale_lists_total, synoptic_cache_audits_total and
// synoptic_cache_divergence_total.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "aggregator/cache/list_memory.h"
#include "aggregator/cache/tier.h"
#include "base/metrics.h"

namespace synoptic::app {

class CacheMetrics {
 public:
  explicit CacheMetrics(Metrics& metrics) : metrics_(metrics) {}
  // Call before metrics are shown. A tier that began anew goes on counting where it was.
  void Show(std::string_view name, const aggregator::TierStats& stats);
  // As the tier "lists", and how many of its hits were asked for anew meanwhile.
  void ShowLists(const aggregator::ListStats& stats);
  void ShowAudits(int64_t audits, int64_t divergences);

 private:
  double MoreOf(const std::string& what, int64_t total);
  void CountTo(const std::string& name, const char* help, const std::string& tier, int64_t total);

  Metrics& metrics_;
  std::map<std::string, int64_t> shown_;
};

}  // namespace synoptic::app
