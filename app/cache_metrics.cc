// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/cache_metrics.h"

#include <utility>

namespace synoptic::app {

double CacheMetrics::MoreOf(const std::string& what, int64_t total) {
  const int64_t before = std::exchange(shown_[what], total);
  return static_cast<double>(total >= before ? total - before : total);
}

void CacheMetrics::CountTo(const std::string& name, const char* help, const std::string& tier,
                           int64_t total) {
  metrics_.Counter(name, help, {{"tier", tier}}).Increment(MoreOf(name + tier, total));
}

void CacheMetrics::ShowLists(const aggregator::ListStats& stats) {
  aggregator::TierStats tier;
  tier.bytes = stats.bytes;
  tier.hits = stats.hits;
  tier.misses = stats.misses;
  tier.evictions = stats.evictions;
  Show("lists", tier);
  metrics_
      .Counter("synoptic_cache_stale_lists_total",
               "Lists of series or labels that were shown while they were asked for anew.", {})
      .Increment(MoreOf("stale lists", stats.stale));
}

void CacheMetrics::ShowAudits(int64_t audits, int64_t divergences) {
  metrics_
      .Counter("synoptic_cache_audits_total",
               "Times that a piece of settled data was held against what its shard says now.", {})
      .Increment(MoreOf("audits", audits));
  metrics_
      .Counter("synoptic_cache_divergence_total",
               "Times that settled data had changed after all, and were dropped.", {})
      .Increment(MoreOf("divergences", divergences));
}

void CacheMetrics::Show(std::string_view name, const aggregator::TierStats& stats) {
  const std::string tier(name);
  CountTo("synoptic_cache_hits_total", "Blocks of answers found in the cache.", tier, stats.hits);
  CountTo("synoptic_cache_misses_total", "Blocks of answers looked for in vain.", tier,
          stats.misses);
  CountTo("synoptic_cache_evictions_total", "Blocks that had to make room.", tier, stats.evictions);
  CountTo("synoptic_cache_damaged_total", "Blocks that were there and were not as they were kept.",
          tier, stats.damaged);
  CountTo("synoptic_cache_failures_total", "Times that a tier did not answer, or late.", tier,
          stats.failures);
  metrics_
      .Gauge("synoptic_cache_tier_up", "Whether the tier is asked at the moment.", {{"tier", tier}})
      .Set(stats.up ? 1 : 0);
  metrics_.Gauge("synoptic_cache_bytes", "What the cache holds.", {{"tier", tier}})
      .Set(static_cast<double>(stats.bytes));
}

}  // namespace synoptic::app
