// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The part of a group that hands over what was decided: state to the disk, alerts to the sink.
#include "alerting/rule/alert_elements.h"
#include "alerting/rule/group_runner.h"
#include "alerting/template/text_functions.h"
#include "base/crash_point.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

// Handed over at a time, so that a storm of alerts is not in memory three times over.
constexpr size_t kPortion = 1024;

promql::Labels WithExternal(const promql::Labels& labels, const promql::Labels& external) {
  promql::LabelsBuilder builder(labels);
  bool changed = false;
  for (const promql::Label label : external) {
    if (!labels.Get(label.name).empty()) continue;
    builder.Set(label.name, label.value);
    changed = true;
  }
  return changed ? builder.Build() : labels;
}

enum class Due { kNothing, kTransition, kRepetition };

Due DueOf(const Alert& alert, int64_t ts_ms, int64_t resend_delay_ms) {
  if (alert.status == AlertStatus::kPending) return Due::kNothing;
  const bool firing = alert.status == AlertStatus::kFiring;
  // What began and ended while nobody looked: no page for the past.
  if (!firing && alert.last_sent_ms < alert.fired_at_ms) return Due::kNothing;
  if (alert.last_sent_ms < (firing ? alert.fired_at_ms : alert.resolved_at_ms)) {
    return Due::kTransition;
  }
  return ts_ms - alert.last_sent_ms >= resend_delay_ms ? Due::kRepetition : Due::kNothing;
}

}  // namespace

// Of several equal rules each has its number.
std::vector<std::string> GroupRunner::Identities() const {
  std::map<std::string, int> seen;
  std::vector<std::string> identities;
  for (const RunningRule& running : rules_) {
    const int occurrence = seen[RuleIdentity(group_, running.rule, 0)]++;
    identities.push_back(RuleIdentity(group_, running.rule, occurrence));
  }
  return identities;
}

void GroupRunner::Restore(RestoredStates& states) {
  if (states.empty()) return;
  const GroupProgress progress = states.TakeGroup(group_);
  last_slot_ms_ = progress.last_slot_ms;
  RestoreOffset(progress);
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (!rules_[i].rule.alerting()) continue;
    rules_[i].state = states.TakeRule(identities_[i]);
    rules_[i].state.last_step_ms = last_slot_ms_;
    rules_[i].restored = last_slot_ms_ != 0;
  }
}

void GroupRunner::Snapshot(Records& records) const {
  for (size_t i = 0; i < rules_.size(); ++i) {
    for (const auto& [labels, alert] : rules_[i].state.alerts) {
      records.push_back(RecordOfAlert(identities_[i], alert));
    }
  }
  if (last_slot_ms_ != 0) records.push_back(RecordOfGroup(group_, Progress()));
}

Task<> EndAlerts(std::string identity, RuleState state, Tier tier, GroupOptions options,
                 AlertSink& sink, int64_t time_ms) {
  Records records;
  for (const promql::Labels& labels : state.forgotten) {
    records.push_back(ErasureOfAlert(identity, labels));
  }
  std::vector<OutgoingAlert> out;
  for (const auto& [labels, alert] : state.alerts) {
    if (alert.stored != 0) records.push_back(ErasureOfAlert(identity, labels));
    if (alert.status != AlertStatus::kFiring || alert.last_sent_ms < alert.fired_at_ms) continue;
    OutgoingAlert& sent = out.emplace_back();
    sent.labels = WithExternal(alert.labels, options.external_labels);
    sent.annotations = alert.annotations;
    sent.starts_at_ms = alert.fired_at_ms;
    sent.ends_at_ms = time_ms;
    sent.tier = tier;
    sent.transition = true;
  }
  co_return co_await sink.Deliver(std::move(out), std::move(records));
}

Task<> GroupRunner::EndAlerts(int64_t time_ms) {
  for (size_t i = 0; i < rules_.size(); ++i) {
    orphans_.push_back({identities_[i], std::exchange(rules_[i].state, {}), rules_[i].tier});
  }
  services_.alerts.Keep({ErasureOfGroup(group_)});
  co_return co_await EndOrphans(time_ms);
}

Task<> GroupRunner::EndOrphans(int64_t time_ms) {
  for (Orphan& orphan : std::exchange(orphans_, {})) {
    if (orphan.state.alerts.empty() && orphan.state.forgotten.empty()) continue;
    CO_RETURN_IF_ERROR(co_await alerting::EndAlerts(std::move(orphan.identity),
                                                    std::move(orphan.state), orphan.tier, options_,
                                                    services_.alerts, time_ms));
  }
  co_return absl::OkStatus();
}

void GroupRunner::SendStanding(const OutgoingAlert& alert, bool stands, int64_t ts_ms,
                               std::vector<OutgoingAlert>& out) const {
  OutgoingAlert standing;
  promql::LabelsBuilder labels(alert.labels);
  labels.Set(kRollsUpLabel, alert.labels.Get(kAlertName));
  labels.Set(kAlertName, "SynopticRollUp");
  labels.Set("severity", "none");
  standing.labels = labels.Build();
  standing.annotations.Set("summary", "Stands for the alerts that roll up to it; pages nobody.");
  standing.starts_at_ms = alert.starts_at_ms;
  standing.valid_for_ms =
      stands ? domain::AutoResolveAfterMs(group_.interval_ms, options_.resend_delay_ms) : 0;
  standing.ends_at_ms = ts_ms + standing.valid_for_ms;
  standing.generator_url = alert.generator_url;
  standing.tier = alert.tier;
  out.push_back(std::move(standing));
}

Task<> GroupRunner::Send(RunningRule& running, int64_t ts_ms) {
  // Four chances to repeat before Alertmanager would let go of the alert by itself.
  const int64_t valid_for_ms =
      domain::AutoResolveAfterMs(group_.interval_ms, options_.resend_delay_ms);
  const std::string& identity = identities_[static_cast<size_t>(&running - rules_.data())];
  const bool muted = services_.alerts.Mutes(running.tier);
  const SharedText url = options_.external_url + GraphPath(running.rule.expr, 1);
  Records records;
  for (const promql::Labels& labels : std::exchange(running.state.forgotten, {})) {
    records.push_back(ErasureOfAlert(identity, labels));
  }
  const SharedText stands_for = running.rule.rolls_up_to;
  std::vector<OutgoingAlert> out;
  for (auto& [labels, alert] : running.state.alerts) {
    const bool silent = muted && !alert.held();
    const bool firing = alert.status == AlertStatus::kFiring;
    const RollUps* roll_ups = services_.roll_ups;
    const std::string& parent = running.rule.rolls_up_to;
    const bool suppressed =
        roll_ups != nullptr && !parent.empty() && firing && roll_ups->Suppresses(parent, labels);
    const bool stands =
        roll_ups != nullptr && roll_ups->IsParent(running.rule) && firing && !alert.held();
    Due due = silent ? Due::kNothing : DueOf(alert, ts_ms, options_.resend_delay_ms);
    // Released: whoever was not paged for it is paged now.
    if (!silent && firing && !suppressed && !alert.suppressed_by.empty()) due = Due::kTransition;
    if (!silent && due == Due::kNothing && stands != alert.stands) due = Due::kRepetition;
    if (due != Due::kNothing) {
      alert.last_sent_ms = ts_ms;
      OutgoingAlert sent;
      sent.labels = WithExternal(alert.labels, options_.external_labels);
      sent.annotations = alert.annotations;
      if (alert.held()) {
        sent.annotations.Set(std::string(kCoverageAnnotation),
                             fmt::format("held: not seen for {}s: {}", alert.unseen_for_ms / 1000,
                                         alert.unseen.view()));
      }
      sent.starts_at_ms = alert.fired_at_ms;
      sent.ends_at_ms = firing ? ts_ms + valid_for_ms : alert.resolved_at_ms;
      sent.valid_for_ms = firing ? valid_for_ms : 0;
      sent.generator_url = url;
      sent.tier = running.tier;
      sent.transition = due == Due::kTransition;
      alert.suppressed_by = suppressed ? stands_for : SharedText();
      if (suppressed) sent.annotations.Set("synoptic_suppressed_by", parent);
      sent.suppressed_by = alert.suppressed_by;
      if (stands || alert.stands) SendStanding(sent, stands, ts_ms, out);
      alert.stands = stands;
      out.push_back(std::move(sent));
    }
    if (const uint64_t now = StateFingerprint(alert); now != alert.stored) {
      alert.stored = now;
      records.push_back(RecordOfAlert(identity, alert));
    }
    CrashPoint("rule-amid-send");
    if (out.size() >= kPortion || records.size() >= kPortion) {
      CO_RETURN_IF_ERROR(
          co_await services_.alerts.Deliver(std::exchange(out, {}), std::exchange(records, {})));
    }
  }
  if (!out.empty()) {
    co_return co_await services_.alerts.Deliver(std::move(out), std::move(records));
  }
  if (!records.empty()) services_.alerts.Keep(std::move(records));
  co_return absl::OkStatus();
}

}  // namespace synoptic::alerting
