// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether a drill is due (vector K6). All four in one unit.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"

namespace synoptic::domain {

enum class DrillState { kOk, kDue, kOverdue };
// "OK", "DUE", "OVERDUE".
std::string_view DrillStateName(DrillState state);

// OK up to last + cadence, DUE for the grace after that, both ends included, then OVERDUE.
// Errors: a cadence not above 0, a negative grace, now before the last drill.
absl::StatusOr<DrillState> DrillDue(double last, double cadence, double grace, double now);

}  // namespace synoptic::domain
