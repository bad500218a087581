// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/querier.h"

#include "base/status.h"

namespace synoptic::alerting {

absl::StatusOr<std::vector<RuleAnswer::Element>> ElementsOf(const promql::QueryValue& value) {
  if (value.type != promql::ValueType::kVector && value.type != promql::ValueType::kScalar) {
    return InvalidArgument("rule result is not a vector or scalar");
  }
  std::vector<RuleAnswer::Element> elements;
  elements.reserve(value.series.size());
  for (const promql::StepSeries& series : value.series) {
    if (!series.histograms.empty() && series.histograms[0] != nullptr) {
      elements.push_back({series.labels, 0, series.histograms[0]});
    } else if (!series.values.empty() && !promql::IsAbsent(series.values[0])) {
      elements.push_back({series.labels, series.values[0]});
    }
  }
  return elements;
}

}  // namespace synoptic::alerting
