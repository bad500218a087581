// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/readiness/go_no_go.h"

#include <algorithm>

#include "base/status.h"
#include "domain/stats/check.h"

namespace synoptic::domain {

std::string_view CheckStateName(CheckState state) {
  switch (state) {
    case CheckState::kPass:
      return "PASS";
    case CheckState::kFail:
      return "FAIL";
    case CheckState::kUnknown:
      return "UNKNOWN";
    case CheckState::kStale:
      return "STALE";
  }
  return "UNKNOWN";
}

std::string_view ReadinessName(Readiness readiness) {
  switch (readiness) {
    case Readiness::kGo:
      return "GO";
    case Readiness::kGoWithRisk:
      return "GO_WITH_RISK";
    case Readiness::kBlind:
      return "BLIND";
    case Readiness::kNoGo:
      return "NO_GO";
  }
  return "BLIND";
}

absl::StatusOr<CheckState> EvidenceState(std::optional<CheckState> recorded, double age_s,
                                         double max_age_s) {
  RETURN_IF_ERROR(CheckNonNegative({{"age", age_s}, {"max_age", max_age_s}}));
  if (!recorded) return CheckState::kUnknown;
  if (*recorded == CheckState::kStale) {
    return InvalidArgument("recorded: STALE: expected PASS, FAIL or UNKNOWN");
  }
  if (*recorded == CheckState::kPass && age_s > max_age_s) return CheckState::kStale;
  return *recorded;
}

Readiness Judge(std::span<const CheckOutcome> checks) {
  if (checks.empty()) return Readiness::kBlind;
  Readiness worst = Readiness::kGo;
  for (const CheckOutcome& check : checks) {
    Readiness says = Readiness::kGo;
    if (check.state != CheckState::kPass) {
      says = Readiness::kGoWithRisk;
      if (check.blocking) {
        says = check.state == CheckState::kFail ? Readiness::kNoGo : Readiness::kBlind;
      }
    }
    worst = std::max(worst, says);
  }
  return worst;
}

}  // namespace synoptic::domain
