// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The humanising formatters of Prometheus' templates.
#pragma once

#include <cstdint>
#include <string>

namespace synoptic::alerting {

std::string Humanize(double v);            // 1.235k, 12m
std::string Humanize1024(double v);        // 1.206ki
std::string HumanizeDuration(double s);    // 1h 2m 3s
std::string HumanizePercentage(double v);  // 12.34%
// As Go prints time.Time in UTC: 2015-08-22 13:03:53.5 +0000 UTC. `seconds` since the epoch.
std::string HumanizeTimestamp(double seconds);
// %.4g as Go prints it.
std::string FourDigits(double v);

}  // namespace synoptic::alerting
