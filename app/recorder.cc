// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/recorder.h"

#include <algorithm>

namespace synoptic::app {

void Recorder::SetStore(std::shared_ptr<aggregator::SeriesStore> store, std::string why) {
  store_ = std::move(store);
  missed_->SetStore(store_);
  if (!why.empty()) why_ = std::move(why);
}

absl::StatusOr<int64_t> Recorder::Oldest() const {
  if (store_ == nullptr) return absl::FailedPreconditionError(why_);
  return std::max<int64_t>(0, store_->stats().min_t);
}

absl::Status Recorder::Record(const alerting::RecordOrigin&, int64_t time_ms,
                              std::vector<alerting::RecordedSample> samples) {
  if (samples.empty()) return absl::OkStatus();
  // An alert works without its history: a disk that fails is told once, and not by every rule.
  const std::string_view name = samples.front().labels.Get(promql::kMetricName);
  const bool history = name == alerting::kAlertsMetric || name == alerting::kAlertsForStateMetric;
  if (store_ == nullptr) return history ? absl::OkStatus() : absl::UnavailableError(why_);
  std::vector<aggregator::NewSample> news;
  news.reserve(samples.size());
  for (alerting::RecordedSample& sample : samples) {
    news.push_back({std::move(sample.labels), sample.value, std::move(sample.histogram)});
  }
  const absl::Status status = store_->Append(time_ms, news);
  return history && !absl::IsInvalidArgument(status) ? absl::OkStatus() : status;
}

}  // namespace synoptic::app
