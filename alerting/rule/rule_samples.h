// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What rules write, as samples: pure functions.
#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "alerting/rule/alert_state.h"
#include "alerting/rule/querier.h"
#include "alerting/rule/record_sink.h"
#include "alerting/rule/rule.h"

namespace synoptic::alerting {

// A recording rule's answer under its name and labels. Errors in Prometheus' words: label sets that
// became equal, more series than `limit` (0: none).
absl::StatusOr<std::vector<RecordedSample>> RecordingSamples(const Rule& rule, int limit,
                                                             const RuleAnswer& answer);

// Of one rule, in the order of their labels. A storm of alerts is the worst time to keep two new
// series for each of them: what is beyond has no history, and is paged all the same.
inline constexpr size_t kMostAlertsWithHistory = 2000;

// ALERTS and ALERTS_FOR_STATE of pending and firing alerts, of kMostAlertsWithHistory at most.
std::vector<RecordedSample> AlertSamples(const Rule& rule, const RuleState& state);

// Adds a stale marker for each series of `before` that `samples` lacks, but for those that lie in
// an unseen part: what is not seen has not ended. `before` becomes the series that go on.
void EndVanished(const StepInput::Unseen& unseen, std::set<promql::Labels>& before,
                 std::vector<RecordedSample>& samples);

}  // namespace synoptic::alerting
