// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/drill/dns.h"

#include <algorithm>
#include <limits>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {

absl::StatusOr<double> DnsShareLeft(double ttl_s, double sticky, double t_s) {
  RETURN_IF_ERROR(CheckPositive({{"ttl", ttl_s}}));
  RETURN_IF_ERROR(CheckRatio({{"sticky share", sticky}}));
  RETURN_IF_ERROR(CheckNonNegative({{"time", t_s}}));
  return sticky + (1 - sticky) * std::max(0.0, 1 - t_s / ttl_s);
}

absl::StatusOr<double> DnsDrainTime(double ttl_s, double sticky, double share_left) {
  RETURN_IF_ERROR(CheckPositive({{"ttl", ttl_s}}));
  RETURN_IF_ERROR(CheckRatio({{"sticky share", sticky}, {"share left", share_left}}));
  if (sticky > share_left) return std::numeric_limits<double>::infinity();
  if (share_left == 1) return 0.0;
  return ttl_s * (1 - (share_left - sticky) / (1 - sticky));
}

}  // namespace synoptic::domain
