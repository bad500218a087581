// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which region to promote (vector K8).
#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace synoptic::domain {

struct Candidate {
  double lag_s = 0;     // upper bound; +Inf when nothing is known
  double headroom = 0;  // after taking over; negative: short
};

// Indices of those that may be promoted (lag <= rpo, headroom >= 0), the best first: least lag,
// then most headroom, then the order given. Errors: NaN, negative lag or rpo.
absl::StatusOr<std::vector<size_t>> RankTargets(std::span<const Candidate> candidates,
                                                double rpo_s);

}  // namespace synoptic::domain
