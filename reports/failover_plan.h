// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Where a failover from one region to another stands, for a plan that lives elsewhere and asks
// before each of its steps. Synoptic moves nothing; it says what may be done:
//
//   ready            GO: begin
//   ready_with_risk  GO_WITH_RISK: begin, with the risks named
//   blind            a blocking check cannot be decided: a human may begin, on record
//   blocked          NO_GO: do not begin
//   busy             a failover or drill of another pair is running: do not begin
//   running          this pair's is running: go on
//   uncertain        it is running, and whether it must end is not known: hold, look again
//   abort            it is running and must end: go back
//   done             the last of this pair is over: users were served again
//   failed           the last of this pair is over, and users were not served again
//
// The last two are told for an hour after its end; then the pair is judged anew.
#pragma once

#include <string>
#include <vector>

#include "reports/drill_watch.h"
#include "reports/readiness.h"

namespace synoptic::reports {

enum class PlanState {
  kReady,
  kReadyWithRisk,
  kBlind,
  kBlocked,
  kBusy,
  kRunning,
  kUncertain,
  kAbort,
  kDone,
  kFailed,
};
std::string_view PlanStateName(PlanState state);
// What the plan does then: begin, decide, wait, continue, hold, go_back, close.
std::string_view PlanStep(PlanState state);

// `drills` in order of their faults; `abort` are of the one that runs, if any.
PlanState PlanStateOf(domain::Readiness verdict, std::string_view from, std::string_view to,
                      const std::vector<Drill>& drills, const std::vector<AbortState>& abort,
                      int64_t now_ms);

std::string PlanJson(const ReadinessDesk& desk, const PairReadiness& pair,
                     const std::vector<AbortState>& abort, int64_t now_ms);

}  // namespace synoptic::reports
