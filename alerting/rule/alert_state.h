// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The alert state machine as a pure function: step(state, input) -> outputs. No clock, no I/O, no
// templates; everything it depends on is in its arguments.
//
// With everything seen it is Prometheus' machine (pending, firing, keep_firing_for, resolved kept
// 15 minutes). An alert whose part of the world is unseen is UNKNOWN: a pending clock stops, a
// firing alert is held and stays firing. Only a condition seen to be false resolves.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "promql/model/labels.h"

namespace synoptic::alerting {

enum class AlertStatus { kPending, kFiring, kInactive };

struct Alert {
  promql::Labels labels;  // final: alertname and rule labels included
  std::map<std::string, std::string> annotations;
  double value = 0;
  AlertStatus status = AlertStatus::kPending;
  int64_t active_at_ms = 0;
  int64_t frozen_ms = 0;  // time spent unseen while pending: does not count toward `for`
  int64_t fired_at_ms = 0;
  int64_t resolved_at_ms = 0;
  int64_t keep_firing_since_ms = 0;  // 0: the condition holds
  int64_t unseen_since_ms = 0;       // 0: seen by the last evaluation
  int64_t unseen_for_ms = 0;
  std::string unseen;        // which parts, in words, while held
  int64_t last_sent_ms = 0;  // kept for whoever delivers; the machine only clears it

  bool held() const { return status == AlertStatus::kFiring && unseen_since_ms != 0; }
};

// All alerts of one rule, by their final labels.
struct RuleState {
  std::map<promql::Labels, Alert> alerts;
  int64_t last_step_ms = 0;   // 0: never stepped
  int64_t unseen_for_ms = 0;  // of the rule as a whole
};

// One element of the rule's result with its expanded labels and annotations.
struct StepElement {
  promql::Labels labels;
  std::map<std::string, std::string> annotations;
  double value = 0;
};

struct StepInput {
  int64_t now_ms = 0;  // evaluation time
  std::vector<StepElement> elements;
  // Whether an alert with these labels lies in an unseen part; empty when all is seen.
  struct Unseen {
    bool everything = false;            // nothing can be said about any alert of this rule
    std::vector<promql::Labels> parts;  // labels of unseen parts; an alert lies in a part unless
                                        // one of its labels says otherwise
    std::string description;            // `us-west-2 (timeout)`
    bool any() const { return everything || !parts.empty(); }
    bool Covers(const promql::Labels& labels) const;
  } unseen;
  int64_t interval_ms = 60'000;
  int64_t for_ms = 0;
  int64_t keep_firing_for_ms = 0;
};

// Events of one step: what is worth a log line or a counter. Delivery reads the state itself.
struct StepOutput {
  int fired = 0;
  int resolved = 0;
  int held = 0;
};

inline constexpr int64_t kResolvedRetentionMs = 15 * 60'000;

// REQUIRES: elements have distinct labels.
StepOutput Step(RuleState& state, const StepInput& input);

}  // namespace synoptic::alerting
