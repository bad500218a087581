// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/replication/drain.h"

#include <cmath>
#include <limits>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

absl::Status CheckFlow(const Flow& flow) {
  return CheckNonNegative({{"in_rate", flow.in_rate}, {"out_rate", flow.out_rate}});
}

double Drain(double pending, const Flow& flow) {
  if (pending == 0) return 0;
  return flow.out_rate > flow.in_rate ? pending / (flow.out_rate - flow.in_rate) : kNever;
}

double At(double amount, double rate) {
  if (amount == 0) return 0;
  return rate > 0 ? amount / rate : kNever;
}

}  // namespace

absl::StatusOr<double> DrainTime(double pending, const Flow& flow) {
  RETURN_IF_ERROR(CheckNonNegative({{"pending", pending}}));
  RETURN_IF_ERROR(CheckFlow(flow));
  return Drain(pending, flow);
}

absl::StatusOr<double> TimeToThreshold(double pending, double threshold, const Flow& flow) {
  RETURN_IF_ERROR(CheckNonNegative({{"pending", pending}, {"threshold", threshold}}));
  RETURN_IF_ERROR(CheckFlow(flow));
  if (pending >= threshold) return 0.0;
  return flow.in_rate > flow.out_rate ? (threshold - pending) / (flow.in_rate - flow.out_rate)
                                      : kNever;
}

absl::StatusOr<double> DrainTime(double pending, std::span<const FlowSegment> segments,
                                 const Flow& tail) {
  RETURN_IF_ERROR(CheckNonNegative({{"pending", pending}}));
  double elapsed = 0;
  for (const FlowSegment& segment : segments) {
    RETURN_IF_ERROR(CheckNonNegative({{"segment duration", segment.duration_s}}));
    RETURN_IF_ERROR(CheckFlow(segment.flow));
    const double drained = Drain(pending, segment.flow);
    if (drained <= segment.duration_s) return elapsed + drained;
    pending -= (segment.flow.out_rate - segment.flow.in_rate) * segment.duration_s;
    elapsed += segment.duration_s;
  }
  RETURN_IF_ERROR(CheckFlow(tail));
  return elapsed + Drain(pending, tail);
}

absl::StatusOr<WritesAtRisk> AtRisk(double pending, const Flow& flow) {
  RETURN_IF_ERROR(CheckNonNegative({{"pending", pending}}));
  RETURN_IF_ERROR(CheckFlow(flow));
  return WritesAtRisk{At(pending, flow.in_rate), At(pending, flow.out_rate)};
}

absl::StatusOr<Conservation> CheckConservation(double pending_before, double pending_after,
                                               const Flow& flow, double dt_s) {
  RETURN_IF_ERROR(
      CheckNonNegative({{"pending before", pending_before}, {"pending after", pending_after}}));
  RETURN_IF_ERROR(CheckFlow(flow));
  RETURN_IF_ERROR(CheckPositive({{"dt", dt_s}}));
  const double expected = (flow.in_rate - flow.out_rate) * dt_s;
  Conservation result;
  result.residual = (pending_after - pending_before) - expected;
  // 0/0: nothing was expected and nothing happened.
  if (result.residual != 0) result.relative = result.residual / std::abs(expected);
  return result;
}

}  // namespace synoptic::domain
