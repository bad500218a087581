// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// How traffic leaves a lost region after DNS has changed: resolvers that abide by the TTL leave
// evenly within it, a sticky share never does (vectors K3, K4). Seconds.
#pragma once

#include "absl/status/statusor.h"

namespace synoptic::domain {

// The share still there after `t_s`: sticky + (1 - sticky) * max(0, 1 - t / ttl).
absl::StatusOr<double> DnsShareLeft(double ttl_s, double sticky, double t_s);

// Until only `share_left` is there (0.01: 99 % have left); +Inf when more than that is sticky.
absl::StatusOr<double> DnsDrainTime(double ttl_s, double sticky, double share_left = 0.01);

}  // namespace synoptic::domain
