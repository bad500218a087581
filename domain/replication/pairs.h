// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Facts about regions that only a view over several of them has.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace synoptic::domain {

// The lags of the two directions of a pair (L1).
struct Asymmetry {
  double share = 0;      // |a - b| / max(a, b), in [0, 1]; 0 when both are 0
  double log_ratio = 0;  // ln(a / b); 0 when both are 0, infinite when one is
};
absl::StatusOr<Asymmetry> LagAsymmetry(double a_s, double b_s);

// How far traffic is from where it should be: half the sum of |expected - actual|, the total
// variation distance, in [0, 1] (L2). By region index. Errors: shares that do not add up to 1
// (within 1e-6), sizes that differ.
absl::StatusOr<double> SplitDrift(std::span<const double> expected, std::span<const double> actual);

// Outliers among pairs, FindOutliers of domain/stats/quantile.h, is L3.

// Where a flow's signals are published: what is left to look at when a region is lost.
struct FlowSignals {
  std::string flow;                // "s3 us->eu"
  std::vector<std::string> homes;  // one a signal: the region that publishes it
};
// Flows without any signal left when `lost` is, sorted (L4). A flow without signals is always
// blind.
std::vector<std::string> BlindFlows(std::span<const FlowSignals> flows, std::string_view lost);

}  // namespace synoptic::domain
