// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Parameters of the planner's questions. Errors name the parameter and what was expected.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregator/api/planning_view.h"
#include "reports/capacity_spec.h"
#include "reports/document.h"

namespace synoptic::app {

// "" when absent.
std::string_view ParameterOf(const aggregator::PlanningQuestion& question, std::string_view name);
absl::StatusOr<int64_t> TimeParameter(const aggregator::PlanningQuestion& question,
                                      std::string_view name, int64_t fallback_ms);
// A positive factor.
absl::StatusOr<double> FactorParameter(const aggregator::PlanningQuestion& question,
                                       std::string_view name, double fallback);
// Indices of regions, named with commas, rising and unique.
absl::StatusOr<std::vector<size_t>> RegionsParameter(
    const aggregator::PlanningQuestion& question, std::string_view name,
    const std::vector<reports::RegionInfo>& regions);
// One region that must be given.
absl::StatusOr<size_t> RegionParameter(const aggregator::PlanningQuestion& question,
                                       std::string_view name,
                                       const std::vector<reports::RegionInfo>& regions);
// `format`; nothing: structured data.
absl::StatusOr<std::optional<reports::Form>> FormParameter(
    const aggregator::PlanningQuestion& question);

}  // namespace synoptic::app
