// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// May we fail over? Checks with evidence, and the one verdict made of them (vectors K1, K11).
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"

namespace synoptic::domain {

enum class CheckState {
  kPass,
  kFail,
  kUnknown,  // cannot be decided, or there is no record
  kStale,    // passed, too long ago
};
// "PASS", "FAIL", "UNKNOWN", "STALE".
std::string_view CheckStateName(CheckState state);

// What a check's last record says now. A pass older than `max_age_s` is stale; a failure stays one,
// however old, until something newer passes; without a record it is unknown.
// Errors: negative ages, a record that was stale itself.
absl::StatusOr<CheckState> EvidenceState(std::optional<CheckState> recorded, double age_s,
                                         double max_age_s);

struct CheckOutcome {
  bool blocking = false;
  CheckState state = CheckState::kUnknown;
};

enum class Readiness {
  kGo,
  kGoWithRisk,  // an advisory check does not pass
  kBlind,       // a blocking check cannot be decided: a human may take the risk, on record
  kNoGo,        // a blocking check fails
};
// "GO", "GO_WITH_RISK", "BLIND", "NO_GO".
std::string_view ReadinessName(Readiness readiness);

// The worst of what the checks say. No checks at all is kBlind: nobody looked.
Readiness Judge(std::span<const CheckOutcome> checks);

}  // namespace synoptic::domain
