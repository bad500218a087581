// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// While a drill runs: does anything say that it must end now, and which drills does a metric mark?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/verdict/logic.h"
#include "reports/drill.h"
#include "reports/querier.h"
#include "reports/readiness_spec.h"

namespace synoptic::reports {

// One abort condition just now: true when its query has a series, unknown when the query failed or
// a region that the drill does not leave was unseen and nothing was found.
struct AbortState {
  std::string id;
  std::string about;
  std::string query;
  domain::Verdict met = domain::Verdict::kUnknown;
  std::optional<double> value;  // the greatest of the query's
  std::string why;              // it is unknown
};

// `drill` runs; its names stand for $from and $to.
Task<std::vector<AbortState>> WatchDrill(Door door, std::vector<AbortCondition> conditions,
                                         Drill drill, int64_t at_ms, Deadline deadline);

// "ABORT" when a condition is met, "UNKNOWN" when one may be, otherwise "CONTINUE".
std::string_view AbortVerdict(const std::vector<AbortState>& states);

// The drill that a marker's answer tells of: the first series above 0, with labels kind, from and
// to. A value above 1e9 is the time of the fault in seconds; otherwise the fault is now.
std::optional<Drill> MarkedDrill(const Answer& answer, int64_t now_ms);
// Nothing is marked, and nobody who could say otherwise is unseen. The region that is left may be.
bool MarkIsGone(const Answer& answer, const Drill& drill);

Section AbortSection(const std::vector<AbortState>& states);
// The array of states.
std::string AbortJson(const std::vector<AbortState>& states);

}  // namespace synoptic::reports
