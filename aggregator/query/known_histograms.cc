// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/known_histograms.h"

#include <algorithm>

namespace synoptic::aggregator {
namespace {

constexpr MonoDuration kRemember = std::chrono::hours(1);
constexpr size_t kMost = 10'000;

}  // namespace

void KnownHistograms::Forget(MonoTime now) {
  const auto old = [now](const auto& entry) { return entry.second <= now; };
  if (std::none_of(until_.begin(), until_.end(), old)) return;
  std::erase_if(until_, old);
  auto names = std::make_shared<promql::HistogramMetrics>();
  for (const auto& entry : until_) names->insert(names->end(), entry.first);
  snapshot_ = std::move(names);
}

std::shared_ptr<const promql::HistogramMetrics> KnownHistograms::Get(MonoTime now) {
  Forget(now);
  return snapshot_;
}

void KnownHistograms::Learn(const promql::HistogramMetrics& metrics, MonoTime now) {
  Forget(now);
  auto names = std::make_shared<promql::HistogramMetrics>(*snapshot_);
  for (const std::string& metric : metrics) {
    if (until_.size() >= kMost && !until_.contains(metric)) continue;
    until_.insert_or_assign(metric, now + kRemember);
    names->insert(metric);
  }
  snapshot_ = std::move(names);
}

}  // namespace synoptic::aggregator
