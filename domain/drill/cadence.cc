// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/drill/cadence.h"

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {

std::string_view DrillStateName(DrillState state) {
  switch (state) {
    case DrillState::kOk:
      return "OK";
    case DrillState::kDue:
      return "DUE";
    case DrillState::kOverdue:
      return "OVERDUE";
  }
  return "OVERDUE";
}

absl::StatusOr<DrillState> DrillDue(double last, double cadence, double grace, double now) {
  RETURN_IF_ERROR(CheckFinite({{"last", last}, {"now", now}}));
  RETURN_IF_ERROR(CheckPositive({{"cadence", cadence}}));
  RETURN_IF_ERROR(CheckNonNegative({{"grace", grace}}));
  if (now < last)
    return InvalidArgument("now: {}: expected not before the last drill {}", now, last);
  if (now <= last + cadence) return DrillState::kOk;
  return now <= last + cadence + grace ? DrillState::kDue : DrillState::kOverdue;
}

}  // namespace synoptic::domain
