// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The life of one alert under three-valued verdicts, as a pure function. With TRUE and FALSE alone
// it is Prometheus' machine: pending, firing after `for`, kept firing for a while. UNKNOWN stops a
// pending clock and holds a firing alert; only FALSE resolves (vectors D4, D5). alerting/rule runs
// one for every alert.
#pragma once

#include <cstdint>
#include <string_view>

#include "domain/verdict/logic.h"

namespace synoptic::domain {

enum class AlertPhase {
  kPending,
  kFiring,
  kInactive,  // was firing, is resolved
};

// Milliseconds. What has to survive a restart.
struct AlertClock {
  int64_t active_at_ms = 0;
  int64_t frozen_ms = 0;  // time spent unseen while pending: does not count toward `for`
  int64_t fired_at_ms = 0;
  int64_t resolved_at_ms = 0;
  int64_t keep_firing_since_ms = 0;  // 0: the condition holds
  int64_t unseen_since_ms = 0;       // 0: seen by the last evaluation
  int64_t unseen_for_ms = 0;
  AlertPhase status = AlertPhase::kInactive;

  // Fires on what was seen before; nobody has seen it false.
  bool held() const { return status == AlertPhase::kFiring && unseen_since_ms != 0; }
};

struct AlertTiming {
  int64_t for_ms = 0;
  int64_t keep_firing_for_ms = 0;
};

// What a step did, for the log and the counters.
enum class AlertEvent {
  kNone,
  kFired,
  kResolved,  // FALSE while firing
  kHeld,      // UNKNOWN while firing
  kDropped,   // FALSE while pending: the alert never was
};

// One evaluation at `now_ms`, `elapsed_ms` after the one before (the interval for the first). A
// clock that is inactive starts afresh on TRUE and stays as it is on the others.
AlertEvent Step(AlertClock& clock, Verdict verdict, const AlertTiming& timing, int64_t now_ms,
                int64_t elapsed_ms);

// What the alert is called. kOk covers inactive.
enum class AlertState { kOk, kPending, kFiring, kHeld, kHeldExpired };
// Held longer than `hold_max_ms` is kHeldExpired: it still fires, and is marked.
AlertState StateOf(const AlertClock& clock, int64_t hold_max_ms);
// "OK", "PENDING", "FIRING", "HELD", "HELD_EXPIRED".
std::string_view AlertStateName(AlertState state);

// How long a verdict has been UNKNOWN without a break, whether there is an alert or not: a rule
// that sees nothing and fires nothing is blind too.
struct BlindClock {
  int64_t unseen_for_ms = 0;

  void Step(Verdict verdict, int64_t elapsed_ms) {
    unseen_for_ms = verdict == Verdict::kUnknown ? unseen_for_ms + elapsed_ms : 0;
  }
  bool blind(int64_t blind_after_ms) const { return unseen_for_ms >= blind_after_ms; }
};

// When Alertmanager resolves an alert that is not sent again, after the last time it was:
// 4 * max(interval, resend_delay), the `endsAt` Prometheus writes (rules/alerting.go; D6).
int64_t AutoResolveAfterMs(int64_t interval_ms, int64_t resend_delay_ms);

}  // namespace synoptic::domain
