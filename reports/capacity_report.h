// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The capacity report: does every single loss fit now; when did it in the last four weeks; when
// will it stop to, with the model's own record.
#pragma once

#include "reports/capacity_desk.h"
#include "reports/document.h"
#include "reports/querier.h"

namespace synoptic::reports {

// Asks for the present and for the history of every resource.
Task<Document> CapacityReport(Door door, CapacityDesk& desk, int64_t at_ms, Deadline deadline);

// One resource's past, at any part of an hour, all pools of a region added up. NaN where nothing is
// known.
struct History {
  promql::Grid grid;
  std::vector<std::vector<double>> demand;  // by region
  std::vector<std::vector<double>> supply;
};

// What the past says of the future. Pure.
struct Outlook {
  std::vector<double> total;      // demand of all regions, hourly means
  std::vector<double> forecast;   // the next week
  std::vector<double> low, high;  // 95 %
  std::string model;              // and how good it was on the last week it had not seen
  std::optional<double> mape;
  std::optional<double> interval_coverage;
  double limit = 0;                      // usable when the largest region is lost
  std::optional<int> exceeds_in;         // hours until that is exceeded with more than 5 %
  std::optional<int> failing_week;       // the first in which last week's peak no longer fits
  std::optional<double> n_plus_1_share;  // of the hours, those when any loss would have fitted
};
Outlook OutlookOf(const CapacitySpec& spec, size_t resource, const History& history);

}  // namespace synoptic::reports
