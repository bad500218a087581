// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/planning_params.h"

#include <algorithm>
#include <cmath>

#include "aggregator/api/params.h"
#include "aggregator/api/times.h"
#include "base/go_format.h"
#include "base/go_number.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::app {

using aggregator::InvalidParameter;
using aggregator::PlanningQuestion;

std::string_view ParameterOf(const PlanningQuestion& question, std::string_view name) {
  for (const auto& [key, value] : question.parameters) {
    if (key == name) return value;
  }
  return "";
}

absl::StatusOr<int64_t> TimeParameter(const PlanningQuestion& question, std::string_view name,
                                      int64_t fallback_ms) {
  const std::string_view text = ParameterOf(question, name);
  if (text.empty()) return fallback_ms;
  const auto time = aggregator::ParseApiTime(text);
  if (!time.ok()) return InvalidParameter(name, MessageOf(time.status()));
  return *time;
}

absl::StatusOr<double> FactorParameter(const PlanningQuestion& question, std::string_view name,
                                       double fallback) {
  const std::string_view text = ParameterOf(question, name);
  if (text.empty()) return fallback;
  const auto number = GoParseFloat(text);
  if (!number.ok() || !(*number > 0) || std::isinf(*number)) {
    return InvalidParameter(
        name, fmt::format("expected a factor above 0, like 1.2, got {}", GoQuote(text)));
  }
  return *number;
}

absl::StatusOr<std::vector<size_t>> RegionsParameter(
    const PlanningQuestion& question, std::string_view name,
    const std::vector<reports::RegionInfo>& regions) {
  std::vector<size_t> indices;
  for (const auto& [key, value] : question.parameters) {
    if (key != name || value.empty()) continue;
    for (const std::string_view part : Split(value, ',')) {
      const std::string_view region = Trim(part);
      const auto it = std::find_if(regions.begin(), regions.end(),
                                   [&](const reports::RegionInfo& r) { return r.name == region; });
      if (it == regions.end()) {
        std::vector<std::string> names;
        for (const reports::RegionInfo& r : regions) names.push_back(r.name);
        return InvalidParameter(name, fmt::format("no region {}; expected some of {}",
                                                  GoQuote(region), Join(names, ", ")));
      }
      indices.push_back(static_cast<size_t>(it - regions.begin()));
    }
  }
  std::sort(indices.begin(), indices.end());
  indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
  return indices;
}

absl::StatusOr<size_t> RegionParameter(const PlanningQuestion& question, std::string_view name,
                                       const std::vector<reports::RegionInfo>& regions) {
  ASSIGN_OR_RETURN(const std::vector<size_t> indices, RegionsParameter(question, name, regions));
  if (indices.size() == 1) return indices[0];
  return InvalidParameter(name, indices.empty() ? "expected a region, got nothing"
                                                : "expected one region, got several");
}

absl::StatusOr<std::optional<reports::Form>> FormParameter(const PlanningQuestion& question) {
  const std::string_view text = ParameterOf(question, "format");
  if (text.empty()) return std::nullopt;
  const auto form = reports::FormNamed(text);
  if (!form.ok()) return InvalidParameter("format", MessageOf(form.status()));
  return *form;
}

}  // namespace synoptic::app
