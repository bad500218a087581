// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "domain/verdict/alert_machine.h"

#include <algorithm>

namespace synoptic::domain {
namespace {

void Seen(AlertClock& clock) {
  clock.unseen_since_ms = 0;
  clock.unseen_for_ms = 0;
}

AlertEvent OnTrue(AlertClock& clock, const AlertTiming& timing, int64_t now_ms) {
  if (clock.status == AlertPhase::kInactive) {
    clock = AlertClock();
    clock.status = AlertPhase::kPending;
    clock.active_at_ms = now_ms;
  }
  Seen(clock);
  clock.keep_firing_since_ms = 0;
  const int64_t active_for = now_ms - clock.active_at_ms - clock.frozen_ms;
  if (clock.status == AlertPhase::kPending && active_for >= timing.for_ms) {
    clock.status = AlertPhase::kFiring;
    clock.fired_at_ms = now_ms;
    return AlertEvent::kFired;
  }
  if (clock.status == AlertPhase::kFiring && active_for < timing.for_ms) {
    // The rule's `for` was raised meanwhile.
    clock.status = AlertPhase::kPending;
    clock.fired_at_ms = 0;
  }
  return AlertEvent::kNone;
}

AlertEvent OnFalse(AlertClock& clock, const AlertTiming& timing, int64_t now_ms) {
  Seen(clock);
  if (clock.status == AlertPhase::kInactive) return AlertEvent::kNone;
  if (clock.status == AlertPhase::kPending) {
    clock = AlertClock();
    return AlertEvent::kDropped;
  }
  if (timing.keep_firing_for_ms > 0) {
    if (clock.keep_firing_since_ms == 0) clock.keep_firing_since_ms = now_ms;
    if (now_ms - clock.keep_firing_since_ms < timing.keep_firing_for_ms) return AlertEvent::kNone;
  }
  clock.status = AlertPhase::kInactive;
  clock.resolved_at_ms = now_ms;
  return AlertEvent::kResolved;
}

AlertEvent OnUnknown(AlertClock& clock, int64_t now_ms, int64_t elapsed_ms) {
  if (clock.status == AlertPhase::kInactive) return AlertEvent::kNone;
  if (clock.unseen_since_ms == 0) clock.unseen_since_ms = now_ms;
  clock.unseen_for_ms += elapsed_ms;
  if (clock.status == AlertPhase::kPending) {
    clock.frozen_ms += elapsed_ms;
    return AlertEvent::kNone;
  }
  return AlertEvent::kHeld;
}

}  // namespace

AlertEvent Step(AlertClock& clock, Verdict verdict, const AlertTiming& timing, int64_t now_ms,
                int64_t elapsed_ms) {
  switch (verdict) {
    case Verdict::kTrue:
      return OnTrue(clock, timing, now_ms);
    case Verdict::kFalse:
      return OnFalse(clock, timing, now_ms);
    case Verdict::kUnknown:
      return OnUnknown(clock, now_ms, elapsed_ms);
  }
  return AlertEvent::kNone;
}

AlertState StateOf(const AlertClock& clock, int64_t hold_max_ms) {
  if (clock.status == AlertPhase::kInactive) return AlertState::kOk;
  if (clock.status == AlertPhase::kPending) return AlertState::kPending;
  if (!clock.held()) return AlertState::kFiring;
  return clock.unseen_for_ms <= hold_max_ms ? AlertState::kHeld : AlertState::kHeldExpired;
}

std::string_view AlertStateName(AlertState state) {
  switch (state) {
    case AlertState::kOk:
      return "OK";
    case AlertState::kPending:
      return "PENDING";
    case AlertState::kFiring:
      return "FIRING";
    case AlertState::kHeld:
      return "HELD";
    case AlertState::kHeldExpired:
      return "HELD_EXPIRED";
  }
  return "OK";
}

int64_t AutoResolveAfterMs(int64_t interval_ms, int64_t resend_delay_ms) {
  return 4 * std::max(interval_ms, resend_delay_ms);
}

}  // namespace synoptic::domain
