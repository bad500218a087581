// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/query_metrics.h"

#include <chrono>

namespace synoptic::aggregator {

void ObserveQuery(Metrics& metrics, std::string lane, MonoDuration duration) {
  metrics
      .Histogram("synoptic_query_duration_seconds", "How long queries took, by who asked.",
                 {{"lane", std::move(lane)}})
      .Observe(std::chrono::duration<double>(duration).count());
}

void CountMissing(Metrics& metrics, const Coverage& coverage) {
  for (const auto& [region, reason] : coverage.MissingRegions()) {
    metrics
        .Counter("synoptic_query_partial_total", "Answers that lacked a region, and why.",
                 {{"region", region}, {"reason", reason}})
        .Increment();
  }
}

}  // namespace synoptic::aggregator
