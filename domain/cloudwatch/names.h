// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a CloudWatch metric is called in Prometheus, for the two exporters in use (vector A1):
// cloudwatch_exporter (io.prometheus.cloudwatch, CloudWatchCollector) and YACE
// (yet-another-cloudwatch-exporter, pkg/promutil). The two differ: CPUUtilization is
// `cpuutilization`, KafkaDataLogsDiskUsed has `kafka` twice in one of them only.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace synoptic::domain {

struct CloudWatchMetric {
  std::string_view name_space;  // "AWS/S3"
  std::string_view metric;      // "BytesPendingReplication"
  std::string_view statistic;   // "Sum", "SampleCount", "Maximum", ..., or extended: "p99"
  std::span<const std::string> dimensions;
};

struct SeriesName {
  std::string metric;
  std::vector<std::string> labels;  // of the dimensions, in their order
};

// cloudwatch_exporter: snake case, anything else than [a-zA-Z0-9:_] to one `_`. DynamoDB's six
// throughput metrics of an index get `_index`.
SeriesName CloudWatchExporterName(const CloudWatchMetric& metric);

// YACE: "aws_" before names that lack it; a metric's prefix that repeats the namespace is cut;
// labels are dimension_<Name>, with `snake_labels` (its -labels-snake-case) dimension_<name>.
SeriesName YaceName(const CloudWatchMetric& metric, bool snake_labels = false);

}  // namespace synoptic::domain
