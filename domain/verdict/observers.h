// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Is the region gone, or am I? What one observer concludes about a region it cannot reach, from how
// many remotes it cannot reach and how many peers say the same of that region (vector D7).
#pragma once

#include <string_view>

#include "absl/status/statusor.h"

namespace synoptic::domain {

enum class Reachability {
  kOk,                 // nothing is unreachable
  kSuspect,            // hold, and do not page for one more interval
  kRegionUnreachable,  // a peer confirms: page, once
  kObserverIsolated,   // most is unreachable to me alone: say so, leave global paging to others
};
// "OK", "SUSPECT", "REGION_UNREACHABLE", "OBSERVER_ISOLATED".
std::string_view ReachabilityName(Reachability reachability);

struct Sightings {
  int remotes = 0;           // regions other than the observer's own
  int unreachable = 0;       // of them, to this observer
  int confirming_peers = 0;  // peers that cannot reach the region in question either
};

// Errors: negative counts, more unreachable than there are, no remotes.
absl::StatusOr<Reachability> Judge(const Sightings& sightings);

// Whether `observers` in as many places can tell a lost region from their own isolation, with or
// without a witness outside them. Two alone cannot: each would call itself isolated, always.
bool CanTellLossFromIsolation(int observers, bool witness);

}  // namespace synoptic::domain
