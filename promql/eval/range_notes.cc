// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/range_notes.h"

#include "base/go_format.h"
#include "fmt/format.h"

namespace synoptic::promql::internal {

void AddRangeNotes(const RangeNotes& found, std::string_view metric_name, PosRange pos, int order,
                   Notes& notes) {
  if (found.empty()) return;
  const std::string name = GoQuote(metric_name);
  const auto warn = [&](bool seen, std::string_view text) {
    if (seen) notes.Warning(order, fmt::format("PromQL warning: {}", text), pos);
  };
  const auto inform = [&](bool seen, std::string_view text) {
    if (seen) notes.Info(order, fmt::format("PromQL info: {}", text), pos);
  };
  warn(found.mixed_types, "encountered a mix of histograms and floats for metric name " + name);
  warn(found.mixed_schemas,
       "vector contains a mix of histograms with exponential and custom buckets schemas for metric "
       "name " +
           name);
  warn(found.not_a_counter, "this native histogram metric is not a counter: " + name);
  warn(found.not_a_gauge, "this native histogram metric is not a gauge: " + name);
  warn(found.reset_collision, "conflicting counter resets during histogram aggregation");
  inform(found.histograms_ignored,
         "ignored histograms in a range containing both floats and histograms for metric name " +
             name);
  constexpr std::string_view kReconciled = "mismatched custom buckets were reconciled during";
  inform(found.reconciled_in_addition, fmt::format("{} addition", kReconciled));
  inform(found.reconciled_in_subtraction, fmt::format("{} subtraction", kReconciled));
  inform(found.reconciled_in_aggregation, fmt::format("{} aggregation", kReconciled));
  if (found.overlaps > 0) notes.StartTimeOverlap(order, metric_name, pos, found.overlaps);
}

}  // namespace synoptic::promql::internal
