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

absl::Status Recorder::Record(const alerting::RecordOrigin& origin, int64_t time_ms,
                              std::vector<alerting::RecordedSample> samples) {
  std::vector<alerting::RuleRecords> one;
  one.push_back({origin.rule, std::move(samples)});
  return RecordAll(origin, time_ms, std::move(one)).front();
}

std::vector<absl::Status> Recorder::RecordAll(const alerting::RecordOrigin&, int64_t time_ms,
                                              std::vector<alerting::RuleRecords> rules) {
  std::vector<absl::Status> result(rules.size());
  std::vector<bool> history(rules.size());
  std::vector<size_t> ends;  // behind each rule's samples
  std::vector<aggregator::NewSample> news;
  for (size_t i = 0; i < rules.size(); ++i) {
    std::vector<alerting::RecordedSample>& samples = rules[i].samples;
    if (!samples.empty()) {
      const std::string_view name = samples.front().labels.Get(promql::kMetricName);
      history[i] = name == alerting::kAlertsMetric || name == alerting::kAlertsForStateMetric;
    }
    for (alerting::RecordedSample& sample : samples) {
      news.push_back({std::move(sample.labels), sample.value, std::move(sample.histogram)});
    }
    ends.push_back(news.size());
  }
  if (news.empty()) return result;
  std::vector<aggregator::Refused> refused;
  const absl::Status status =
      store_ == nullptr ? absl::UnavailableError(why_) : store_->Append(time_ms, news, &refused);
  // An alert works without its history: a disk that fails is told once, and not by every rule.
  if (!status.ok() && refused.empty()) {
    for (size_t i = 0; i < rules.size(); ++i) {
      const bool wrote = ends[i] > (i == 0 ? 0 : ends[i - 1]);
      if (wrote && !history[i]) result[i] = status;
    }
  }
  for (const auto& [sample, why] : refused) {
    const auto rule =
        static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), sample) - ends.begin());
    if (history[rule] && !absl::IsInvalidArgument(why)) continue;
    if (result[rule].ok()) result[rule] = why;
  }
  return result;
}

}  // namespace synoptic::app
