// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/verdict/observers.h"

#include "base/status.h"

namespace synoptic::domain {

std::string_view ReachabilityName(Reachability reachability) {
  switch (reachability) {
    case Reachability::kOk:
      return "OK";
    case Reachability::kSuspect:
      return "SUSPECT";
    case Reachability::kRegionUnreachable:
      return "REGION_UNREACHABLE";
    case Reachability::kObserverIsolated:
      return "OBSERVER_ISOLATED";
  }
  return "SUSPECT";
}

absl::StatusOr<Reachability> Judge(const Sightings& sightings) {
  if (sightings.remotes < 1) {
    return InvalidArgument("remotes: {}: expected at least 1", sightings.remotes);
  }
  if (sightings.unreachable < 0 || sightings.unreachable > sightings.remotes) {
    return InvalidArgument("unreachable: {}: expected 0 to {} remotes", sightings.unreachable,
                           sightings.remotes);
  }
  if (sightings.confirming_peers < 0) {
    return InvalidArgument("confirming peers: {}: expected at least 0", sightings.confirming_peers);
  }
  if (sightings.unreachable == 0) return Reachability::kOk;
  if (sightings.confirming_peers >= 1) return Reachability::kRegionUnreachable;
  return 2 * sightings.unreachable > sightings.remotes ? Reachability::kObserverIsolated
                                                       : Reachability::kSuspect;
}

bool CanTellLossFromIsolation(int observers, bool witness) {
  return observers + (witness ? 1 : 0) >= 3;
}

}  // namespace synoptic::domain
