// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What one observer can reach, as it tells the others (GET /api/v1/synoptic/observers).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace synoptic::alerting {

struct RegionSight {
  std::string region;
  bool reachable = true;
  std::string verdict = "";  // of this observer, all reports considered; REGION_UNREACHABLE, ...
  std::optional<double> clock_skew_s = std::nullopt;  // its clocks less ours; not read from peers
};

struct ObserverReport {
  std::string observer;
  std::string region;  // where it stands; empty: outside of all
  int64_t time_ms = 0;
  bool isolated = false;
  std::vector<RegionSight> regions;
};

// One other observer, as this one sees it.
struct PeerSight {
  std::string name;
  std::string region;
  bool fresh = false;  // it has reported lately
  ObserverReport report;
};

// The `data` of the answer: this observer's report, and its peers'.
std::string EncodeReport(const ObserverReport& own, const std::vector<PeerSight>& peers);
// Of an answer's body: the report of who sent it.
absl::StatusOr<ObserverReport> DecodeReport(std::string_view body);

}  // namespace synoptic::alerting
