// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Series that Synoptic makes itself and that people want to query: each is a gauge of /metrics and,
// where recorded series are kept, one of them, so that alerts and Grafana see it with its past.
//
// Lives on the event loop's executor.
#pragma once

#include <string>
#include <vector>

#include "alerting/rule/record_sink.h"
#include "base/metrics.h"

namespace synoptic::app {

class OwnSeries {
 public:
  // `metrics` outlives this; `records` too, null: nothing is kept.
  OwnSeries(Metrics& metrics, alerting::RecordSink* records)
      : metrics_(metrics), records_(records) {}

  void Set(const std::string& name, const std::string& help, const Metrics::LabelMap& labels,
           double value);
  // Keeps what was set since the last time. Errors are of the sink.
  absl::Status Keep(std::string group, int64_t time_ms, int64_t interval_ms);

 private:
  Metrics& metrics_;
  alerting::RecordSink* const records_;
  std::vector<alerting::RecordedSample> samples_;
};

}  // namespace synoptic::app
