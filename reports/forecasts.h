// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What three models say of a resource's demand and its limit, each with its own record: how far it
// was off on the last week, which it had not seen. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/capacity/pool.h"
#include "reports/document.h"

namespace synoptic::reports {

struct ModelForecast {
  std::string model;
  std::optional<double> mape;        // on the last week
  std::optional<double> reaches_s;   // until the limit; +Inf: never; none: too little history
  std::optional<double> earliest_s;  // with 95 % confidence, where the model has one
  std::optional<double> latest_s;
};

// `hourly` is the demand of the past without a gap, oldest first; `weekly_growth` as declared,
// 0.015 for 1.5 %. The models: seasonal quantile (the 95th of each hour of the week over four
// weeks), a straight line through daily means, and compound growth of last week's peak.
std::vector<ModelForecast> ForecastsOf(const std::vector<double>& hourly, double limit,
                                       double weekly_growth);

// The table of one resource's models; `week` is the first in which some loss no longer fits at the
// declared growth.
void AppendForecastRows(const std::string& resource, const std::vector<ModelForecast>& models,
                        std::optional<int> week, int source, Table* table);
Table ForecastTable();

}  // namespace synoptic::reports
