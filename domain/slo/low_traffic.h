// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Burn alerts where requests are few: one failure among ten in a quiet hour is a burn of 100 at
// 99.9 %. BinomialUpperTail and WilsonLowerBound are in domain/stats/distribution.h.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"

namespace synoptic::domain {

// A threshold that asks for the same number of bad events at every hour (B11, Pyrra's open pull
// request 1602): (N_period / N_window) * budget_fraction * (1 - slo). Equal to factor * (1 - slo)
// when traffic is even. May exceed 1, where no error ratio can fire. Errors: no requests in the
// window, more of them than in the period.
absl::StatusOr<double> TrafficAwareThreshold(double slo, double budget_fraction,
                                             double period_requests, double window_requests);

// The gate to put before a page: that so many failures came by chance while the error ratio was
// `threshold` has a probability of at most `alpha`, and at least `min_bad` failed (B13). The Wilson
// bound (B12) lets one failure in ten page; this does not.
struct Gate {
  double p_value = 1;
  bool page = false;
};
struct GateOptions {
  double alpha = 0.05;
  int64_t min_bad = 2;
};
absl::StatusOr<Gate> LowTrafficGate(int64_t requests, int64_t bad, double threshold,
                                    const GateOptions& options = {});

// The fewest requests in a window for which one failure alone does not exceed the threshold (B14):
// ceil(1 / threshold). Below that, the objective cannot be alerted on by ratio.
absl::StatusOr<int64_t> LeastRequests(double threshold);

}  // namespace synoptic::domain
