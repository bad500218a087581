// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Objectives as Prometheus rule files: error ratios a window, what the objective is, and
// multi-window multi-burn-rate alerts. The recorded names and labels are Sloth's, so that its
// dashboards show them.
#pragma once

#include <string>
#include <vector>

#include "alerting/slo/slo.h"

namespace synoptic::alerting {

// Of events by region: windows below a day are computed from the counters; from a day on they add
// up what was recorded every half hour, so that 30 days read 1,440 samples a region whatever the
// number of counters.
std::string RuleFileOf(const std::vector<Slo>& slos);

// "5m", "6h", "3d", "30d".
std::string WindowText(int64_t seconds);

}  // namespace synoptic::alerting
