// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/capacity/scaling.h"

#include <algorithm>
#include <limits>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

absl::Status CheckRamp(const Ramp& ramp) {
  return CheckNonNegative(
      {{"capacity", ramp.now}, {"delay", ramp.delay_s}, {"ramp", ramp.ramp_per_s}});
}

double TimeToGain(const Ramp& ramp, double gap) {
  if (gap <= 0) return 0;
  return ramp.ramp_per_s > 0 ? ramp.delay_s + gap / ramp.ramp_per_s : kNever;
}

}  // namespace

absl::StatusOr<Absorption> Absorb(const Ramp& ramp, double need) {
  RETURN_IF_ERROR(CheckRamp(ramp));
  RETURN_IF_ERROR(CheckNonNegative({{"need", need}}));
  Absorption absorption;
  const double gap = need - ramp.now;
  if (gap <= 0) return absorption;
  absorption.full_s = TimeToGain(ramp, gap);
  absorption.max_shed_fraction = gap / need;
  absorption.shed_requests =
      ramp.ramp_per_s > 0 ? gap * ramp.delay_s + gap * gap / (2 * ramp.ramp_per_s) : kNever;
  return absorption;
}

absl::StatusOr<double> AdmittedAt(const Ramp& ramp, double need, double t_s) {
  RETURN_IF_ERROR(CheckRamp(ramp));
  RETURN_IF_ERROR(CheckNonNegative({{"need", need}, {"time", t_s}}));
  return std::min(need, ramp.now + ramp.ramp_per_s * std::max(0.0, t_s - ramp.delay_s));
}

absl::StatusOr<SafeShift> SlowestSafeShift(const Ramp& ramp, double current_load,
                                           double lost_load) {
  RETURN_IF_ERROR(CheckRamp(ramp));
  RETURN_IF_ERROR(CheckNonNegative({{"current load", current_load}, {"lost load", lost_load}}));
  SafeShift shift;
  shift.immediate_share =
      lost_load > 0 ? std::clamp((ramp.now - current_load) / lost_load, 0.0, 1.0) : 1;
  shift.duration_s = TimeToGain(ramp, current_load + lost_load - ramp.now);
  return shift;
}

}  // namespace synoptic::domain
