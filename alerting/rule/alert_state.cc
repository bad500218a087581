// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/alert_state.h"

namespace synoptic::alerting {
namespace {

// Time passed since the last step: what an unseen stretch lasted.
int64_t Elapsed(const RuleState& state, const StepInput& input) {
  if (state.last_step_ms == 0) return input.interval_ms;
  return std::max<int64_t>(0, input.now_ms - state.last_step_ms);
}

void OnTrue(Alert& alert, const StepElement& element) {
  if (alert.status == AlertStatus::kInactive) {
    const uint64_t stored = alert.stored;
    alert = Alert();
    alert.stored = stored;
  }
  alert.labels = element.labels;
  alert.annotations = element.annotations;
  alert.value = element.value;
}

// What is unknown stops the clock for the whole time.
void CountOut(int64_t stalled_ms, domain::Verdict verdict, Alert& alert) {
  if (verdict == domain::Verdict::kUnknown) return;
  if (alert.status == AlertStatus::kPending) alert.frozen_ms += stalled_ms;
  if (alert.keep_firing_since_ms != 0) alert.keep_firing_since_ms += stalled_ms;
}

bool Forgotten(const Alert& alert, int64_t now_ms) {
  return alert.status == AlertStatus::kInactive &&
         (alert.resolved_at_ms == 0 || now_ms - alert.resolved_at_ms > kResolvedRetentionMs);
}

}  // namespace

bool StepInput::Unseen::Covers(const promql::Labels& labels) const {
  if (everything) return true;
  if (undecided.contains(labels)) return true;
  for (const OpenKind& kind : open) {
    if (kind.CanBe(labels)) return true;
  }
  for (const promql::Labels& part : parts) {
    // An alert without the label may come from anywhere: only a contradiction excludes a part.
    bool excluded = false;
    for (const promql::Label label : part) {
      const std::string_view own = labels.Get(label.name);
      if (!own.empty() && own != label.value) excluded = true;
    }
    if (!excluded) return true;
  }
  return false;
}

StepOutput Step(RuleState& state, const StepInput& input) {
  StepOutput output;
  const int64_t elapsed = Elapsed(state, input);
  state.unseen_for_ms = input.unseen.any() ? state.unseen_for_ms + elapsed : 0;

  const auto tell = [&](Alert& alert, domain::Verdict verdict) {
    const domain::AlertTiming timing = {input.for_ms, input.keep_firing_for_ms};
    CountOut(input.stalled_ms, verdict, alert);
    const domain::AlertEvent event = domain::Step(alert, verdict, timing, input.now_ms, elapsed);
    alert.unseen = alert.unseen_since_ms == 0 ? SharedText() : input.unseen.description;
    output.fired += event == domain::AlertEvent::kFired ? 1 : 0;
    output.resolved += event == domain::AlertEvent::kResolved ? 1 : 0;
    output.held += event == domain::AlertEvent::kHeld ? 1 : 0;
  };

  std::map<promql::Labels, const StepElement*> present;
  for (const StepElement& element : input.elements) {
    // What came from a part that is not wholly seen proves nothing.
    if (input.unseen.proven || !input.unseen.Covers(element.labels))
      present.emplace(element.labels, &element);
  }
  for (auto it = state.alerts.begin(); it != state.alerts.end();) {
    Alert& alert = it->second;
    if (present.contains(it->first)) {
      // Told below.
    } else if (input.unseen.Covers(alert.labels)) {
      tell(alert, domain::Verdict::kUnknown);
    } else {
      const bool goes_on =
          alert.status == AlertStatus::kFiring && input.not_clear.contains(it->first);
      if (!goes_on && input.over_by_belief.contains(it->first)) {
        alert.annotations.Set(std::string(kCoverageAnnotation), "over if " + input.belief);
      }
      tell(alert, goes_on ? domain::Verdict::kTrue : domain::Verdict::kFalse);
      if (Forgotten(alert, input.now_ms)) {
        if (alert.stored != 0) state.forgotten.push_back(it->first);
        it = state.alerts.erase(it);
        continue;
      }
    }
    ++it;
  }
  for (const auto& [labels, element] : present) {
    Alert& alert = state.alerts[labels];
    OnTrue(alert, *element);
    tell(alert, domain::Verdict::kTrue);
  }
  state.last_step_ms = input.now_ms;
  return output;
}

}  // namespace synoptic::alerting
