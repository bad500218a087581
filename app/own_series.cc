// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/own_series.h"

#include <utility>

namespace synoptic::app {

void OwnSeries::Set(const std::string& name, const std::string& help,
                    const Metrics::LabelMap& labels, double value) {
  metrics_.Gauge(name, help, labels).Set(value);
  if (records_ == nullptr) return;
  std::vector<std::pair<std::string, std::string>> all(labels.begin(), labels.end());
  all.emplace_back(promql::kMetricName, name);
  samples_.push_back({promql::Labels::From(std::move(all)), value});
}

absl::Status OwnSeries::Keep(std::string group, int64_t time_ms, int64_t interval_ms) {
  if (records_ == nullptr || samples_.empty()) return absl::OkStatus();
  return records_->Record({"built-in", std::move(group), "", interval_ms}, time_ms,
                          std::exchange(samples_, {}));
}

}  // namespace synoptic::app
