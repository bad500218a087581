// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The alerts of one rule as a pure function: step(state, input) -> outputs. No clock, no I/O, no
// templates; everything it depends on is in its arguments.
//
// Each alert is one machine of domain/verdict/alert_machine.h; here is decided what it is told. An
// element of the result is TRUE, an alert without one FALSE, and one whose part of the world is
// unseen UNKNOWN: a pending clock stops, a firing alert is held. Resolved alerts are kept 15
// minutes.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "alerting/bounds/partial_vector.h"
#include "alerting/rule/annotations.h"
#include "alerting/rule/shared_text.h"
#include "domain/verdict/alert_machine.h"
#include "promql/model/labels.h"

namespace synoptic::alerting {

using AlertStatus = domain::AlertPhase;

// A storm makes a hundred thousand of them: small (held to it below).
struct Alert : domain::AlertClock {
  bool stands = false;    // stands for others, as last sent
  promql::Labels labels;  // final: alertname and rule labels included
  Annotations annotations;
  double value = 0;
  SharedText unseen;         // which parts, in words, while held
  int64_t last_sent_ms = 0;  // kept for whoever delivers; a new alert clears it
  SharedText suppressed_by;  // the alert that stands for it, as last sent
  uint64_t stored = 0;       // fingerprint of what is on disk; 0: nothing
};
static_assert(sizeof(Alert) <= 120);

// All alerts of one rule, by their final labels.
struct RuleState {
  std::map<promql::Labels, Alert> alerts;
  int64_t last_step_ms = 0;               // 0: never stepped
  int64_t unseen_for_ms = 0;              // of the rule as a whole
  std::vector<promql::Labels> forgotten;  // alerts that are gone and still on disk
};

// One element of the rule's result with its expanded labels and annotations.
struct StepElement {
  promql::Labels labels;
  Annotations annotations;
  double value = 0;
};

struct StepInput {
  int64_t now_ms = 0;  // evaluation time
  // Of the time since the step before, what the data's own did not go on: it does not count toward
  // `for` and `keep_firing_for`.
  int64_t stalled_ms = 0;
  std::vector<StepElement> elements;
  // Whether an alert with these labels lies in an unseen part; empty when all is seen.
  struct Unseen {
    bool everything = false;            // nothing can be said about any alert of this rule
    std::vector<promql::Labels> parts;  // labels of unseen parts; an alert lies in a part unless
                                        // one of its labels says otherwise
    SharedText description;             // `us-west-2 (timeout)`
    // The elements are proven, whatever the unseen parts contain; undecided are those listed, and
    // any other of an open kind. `parts` is not used then.
    bool proven = false;
    std::set<promql::Labels> undecided;
    std::vector<OpenKind> open;
    bool any() const { return everything || !parts.empty() || !undecided.empty() || !open.empty(); }
    bool Covers(const promql::Labels& labels) const;
  } unseen;
  // Alerts that are over only if what was assumed of unseen parts is so, and what that is.
  std::set<promql::Labels> over_by_belief;
  std::string belief;
  std::set<promql::Labels> not_clear;  // firing alerts that go on though nothing is TRUE of them
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
