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

void Seen(Alert& alert) {
  alert.unseen_since_ms = 0;
  alert.unseen_for_ms = 0;
  alert.unseen.clear();
}

void OnTrue(Alert& alert, const StepElement& element, const StepInput& input, StepOutput& output) {
  if (alert.status == AlertStatus::kInactive) {
    alert = Alert();
    alert.labels = element.labels;
    alert.active_at_ms = input.now_ms;
  }
  Seen(alert);
  alert.annotations = element.annotations;
  alert.value = element.value;
  alert.keep_firing_since_ms = 0;
  const int64_t active_for = input.now_ms - alert.active_at_ms - alert.frozen_ms;
  if (alert.status == AlertStatus::kPending && active_for >= input.for_ms) {
    alert.status = AlertStatus::kFiring;
    alert.fired_at_ms = input.now_ms;
    ++output.fired;
  } else if (alert.status == AlertStatus::kFiring && active_for < input.for_ms) {
    // The rule's `for` was raised meanwhile.
    alert.status = AlertStatus::kPending;
    alert.fired_at_ms = 0;
  }
}

// False when the alert is to be forgotten.
bool OnFalse(Alert& alert, const StepInput& input, StepOutput& output) {
  Seen(alert);
  switch (alert.status) {
    case AlertStatus::kPending:
      return false;
    case AlertStatus::kInactive:
      return input.now_ms - alert.resolved_at_ms <= kResolvedRetentionMs;
    case AlertStatus::kFiring:
      break;
  }
  if (input.keep_firing_for_ms > 0) {
    if (alert.keep_firing_since_ms == 0) alert.keep_firing_since_ms = input.now_ms;
    if (input.now_ms - alert.keep_firing_since_ms < input.keep_firing_for_ms) return true;
  }
  alert.status = AlertStatus::kInactive;
  alert.resolved_at_ms = input.now_ms;
  ++output.resolved;
  return true;
}

void OnUnknown(Alert& alert, const StepInput& input, int64_t elapsed, StepOutput& output) {
  if (alert.status == AlertStatus::kInactive) return;
  if (alert.unseen_since_ms == 0) alert.unseen_since_ms = input.now_ms;
  alert.unseen_for_ms += elapsed;
  alert.unseen = input.unseen.description;
  if (alert.status == AlertStatus::kPending) {
    alert.frozen_ms += elapsed;
  } else {
    ++output.held;
  }
}

}  // namespace

bool StepInput::Unseen::Covers(const promql::Labels& labels) const {
  if (everything) return true;
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

  std::map<promql::Labels, const StepElement*> present;
  for (const StepElement& element : input.elements) {
    // What came from a part that is not wholly seen proves nothing.
    if (!input.unseen.Covers(element.labels)) present.emplace(element.labels, &element);
  }
  for (auto it = state.alerts.begin(); it != state.alerts.end();) {
    Alert& alert = it->second;
    bool keep = true;
    if (input.unseen.Covers(alert.labels)) {
      OnUnknown(alert, input, elapsed, output);
    } else if (!present.contains(it->first)) {
      keep = OnFalse(alert, input, output);
    }
    it = keep ? std::next(it) : state.alerts.erase(it);
  }
  for (const auto& [labels, element] : present) {
    auto [it, created] = state.alerts.try_emplace(labels);
    if (created) {
      it->second.labels = labels;
      it->second.active_at_ms = input.now_ms;
    }
    OnTrue(it->second, *element, input, output);
  }
  state.last_step_ms = input.now_ms;
  return output;
}

}  // namespace synoptic::alerting
