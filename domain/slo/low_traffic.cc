// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/slo/low_traffic.h"

#include <cmath>

#include "base/status.h"
#include "domain/stats/check.h"
#include "domain/stats/distribution.h"

namespace synoptic::domain {

absl::StatusOr<double> TrafficAwareThreshold(double slo, double budget_fraction,
                                             double period_requests, double window_requests) {
  RETURN_IF_ERROR(CheckTarget("slo", slo));
  RETURN_IF_ERROR(CheckRatio({{"budget fraction", budget_fraction}}));
  RETURN_IF_ERROR(CheckPositive(
      {{"requests in the period", period_requests}, {"requests in the window", window_requests}}));
  if (window_requests > period_requests) {
    return InvalidArgument("requests in the window: {}: expected at most the period's {}",
                           window_requests, period_requests);
  }
  return period_requests / window_requests * budget_fraction * (1 - slo);
}

absl::StatusOr<Gate> LowTrafficGate(int64_t requests, int64_t bad, double threshold,
                                    const GateOptions& options) {
  RETURN_IF_ERROR(CheckRatio({{"alpha", options.alpha}}));
  Gate gate;
  ASSIGN_OR_RETURN(gate.p_value, BinomialUpperTail(requests, bad, threshold));
  gate.page = gate.p_value <= options.alpha && bad >= options.min_bad;
  return gate;
}

absl::StatusOr<int64_t> LeastRequests(double threshold) {
  RETURN_IF_ERROR(CheckPositive({{"threshold", threshold}}));
  const double least = std::ceil(1 / threshold);
  if (least > 9e15) {
    return InvalidArgument("threshold: {}: expected a ratio of at least 1e-15", threshold);
  }
  return static_cast<int64_t>(least);
}

}  // namespace synoptic::domain
