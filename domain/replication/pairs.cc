// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/replication/pairs.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {
namespace {

absl::Status CheckShares(std::string_view name, std::span<const double> shares) {
  RETURN_IF_ERROR(CheckEachRatio(name, shares));
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  if (std::abs(sum - 1) <= 1e-6) return absl::OkStatus();
  return InvalidArgument("{}: shares add up to {}: expected 1", name, sum);
}

}  // namespace

absl::StatusOr<Asymmetry> LagAsymmetry(double a_s, double b_s) {
  RETURN_IF_ERROR(CheckNonNegative({{"lag", a_s}, {"lag back", b_s}}));
  Asymmetry result;
  if (a_s == b_s) return result;
  result.share = std::abs(a_s - b_s) / std::max(a_s, b_s);
  // b = 0 divides to +Inf, a = 0 has the logarithm -Inf: both are meant.
  result.log_ratio = std::log(a_s / b_s);
  return result;
}

absl::StatusOr<double> SplitDrift(std::span<const double> expected,
                                  std::span<const double> actual) {
  RETURN_IF_ERROR(CheckSameSize("expected", expected.size(), "actual", actual.size()));
  RETURN_IF_ERROR(CheckShares("expected", expected));
  RETURN_IF_ERROR(CheckShares("actual", actual));
  double sum = 0;
  for (size_t i = 0; i < expected.size(); ++i) sum += std::abs(expected[i] - actual[i]);
  return 0.5 * sum;
}

std::vector<std::string> BlindFlows(std::span<const FlowSignals> flows, std::string_view lost) {
  std::vector<std::string> blind;
  for (const FlowSignals& flow : flows) {
    const bool left = std::any_of(flow.homes.begin(), flow.homes.end(),
                                  [lost](const std::string& home) { return home != lost; });
    if (!left) blind.push_back(flow.flow);
  }
  std::sort(blind.begin(), blind.end());
  return blind;
}

}  // namespace synoptic::domain
