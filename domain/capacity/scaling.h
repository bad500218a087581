// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Taking over a region's load while capacity still grows: it stays at `now`, and after `delay_s`
// grows by `ramp_per_s`. Load and capacity in requests/s. Vectors I11, I12.
#pragma once

#include "absl/status/statusor.h"

namespace synoptic::domain {

struct Ramp {
  double now = 0;         // capacity at the shift
  double delay_s = 0;     // until the first new unit serves
  double ramp_per_s = 0;  // growth after that; 0: none
};

struct Absorption {
  double full_s = 0;             // until capacity is `need`; 0 when it is, +Inf without a ramp
  double shed_requests = 0;      // until then; +Inf without a ramp
  double max_shed_fraction = 0;  // of need, at worst
};
absl::StatusOr<Absorption> Absorb(const Ramp& ramp, double need);

// What may be admitted `t_s` after the shift, the proxy's maximum traffic level: never above
// `need`.
absl::StatusOr<double> AdmittedAt(const Ramp& ramp, double need, double t_s);

// The dual, for a planned evacuation: shift without ever exceeding capacity.
struct SafeShift {
  double immediate_share = 0;  // of the lost region's load, at once
  double duration_s = 0;       // until all of it has moved; +Inf without a ramp
};
absl::StatusOr<SafeShift> SlowestSafeShift(const Ramp& ramp, double current_load, double lost_load);

}  // namespace synoptic::domain
