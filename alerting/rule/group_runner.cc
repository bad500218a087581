// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/group_runner.h"

#include <set>

#include "alerting/template/template.h"
#include "alerting/template/text_functions.h"
#include "base/go_format.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

constexpr std::string_view kAlertName = "alertname";
constexpr std::string_view kTierLabel = "tier";
constexpr std::string_view kCoverageAnnotation = "synoptic_coverage";

double SecondsBetween(MonoTime from, MonoTime to) {
  return std::chrono::duration<double>(to - from).count();
}

// A template that fails leaves its error as the value, as in Prometheus: the alert still goes out.
std::string ExpandOrExplain(const std::string& name, const std::string& text,
                            const TemplateData& data) {
  auto expanded = ExpandTemplate(name, text, data);
  if (expanded.ok()) return *std::move(expanded);
  return fmt::format("<error expanding template: {}>", MessageOf(expanded.status()));
}

promql::Labels WithExternal(const promql::Labels& labels, const promql::Labels& external) {
  promql::LabelsBuilder builder(labels);
  for (const promql::Label label : external) {
    if (labels.Get(label.name).empty()) builder.Set(label.name, label.value);
  }
  return builder.Build();
}

// A label that a rule sets hides which part an alert comes from.
bool HidesPart(const Rule& rule, const std::vector<promql::Labels>& parts) {
  for (const promql::Labels& part : parts) {
    for (const promql::Label label : part) {
      if (rule.labels.contains(std::string(label.name))) return true;
    }
  }
  return false;
}

}  // namespace

GroupRunner::GroupRunner(RuleGroup group, GroupOptions options, Querier& querier, AlertSink& sink,
                         const Clock& clock)
    : group_(std::move(group)),
      options_(std::move(options)),
      querier_(querier),
      sink_(sink),
      clock_(clock) {
  for (const Rule& rule : group_.rules) {
    RunningRule& running = rules_.emplace_back();
    running.rule = rule;
    running.tier = group_.TierOf(rule);
    if (group_.set_tier_label) {
      running.rule.labels.emplace(std::string(kTierLabel), std::string(TierName(running.tier)));
    }
  }
}

int64_t GroupRunner::NextSlot(int64_t after_ms) const {
  const auto hash = promql::Labels::From({{"name", group_.name}, {"file", group_.file}}).Hash();
  const auto offset = static_cast<int64_t>(hash % static_cast<uint64_t>(group_.interval_ms));
  const int64_t slot = (after_ms - offset) / group_.interval_ms * group_.interval_ms + offset;
  return slot > after_ms ? slot : slot + group_.interval_ms;
}

void GroupRunner::CopyStateFrom(GroupRunner& old) {
  std::set<size_t> taken;
  for (RunningRule& mine : rules_) {
    for (size_t i = 0; i < old.rules_.size(); ++i) {
      const Rule& theirs = old.rules_[i].rule;
      if (theirs.alert != mine.rule.alert || theirs.labels != mine.rule.labels) continue;
      if (!taken.insert(i).second) continue;
      mine.state = old.rules_[i].state;
      mine.health = old.rules_[i].health;
      mine.last_error = old.rules_[i].last_error;
      mine.last_evaluation_ms = old.rules_[i].last_evaluation_ms;
      break;
    }
  }
}

Task<> GroupRunner::Evaluate(int64_t ts_ms) {
  const MonoTime start = clock_.Mono();
  last_evaluation_ms_ = clock_.WallMillis();
  for (RunningRule& running : rules_) {
    const MonoTime rule_start = clock_.Mono();
    running.last_evaluation_ms = clock_.WallMillis();
    const absl::Status status = co_await EvaluateRule(running, ts_ms);
    if (absl::IsCancelled(status)) co_return status;
    running.evaluation_seconds = SecondsBetween(rule_start, clock_.Mono());
    running.health = status.ok() ? RuleHealth::kOk : RuleHealth::kError;
    running.last_error = std::string(MessageOf(status));
    // Also after an error: an alert that fires must be repeated before Alertmanager lets it go.
    Send(running, ts_ms);
  }
  evaluation_seconds_ = SecondsBetween(start, clock_.Mono());
  co_return absl::OkStatus();
}

Task<> GroupRunner::EvaluateRule(RunningRule& running, int64_t ts_ms) {
  constexpr int64_t kMaxMillis = 30'000;
  const auto budget = std::chrono::milliseconds(std::min(group_.interval_ms * 9 / 10, kMaxMillis));
  auto answer = co_await querier_.Instant(running.rule.expr, ts_ms - group_.query_offset_ms,
                                          Deadline::After(clock_, budget));
  StepInput blind;
  blind.now_ms = ts_ms;
  blind.interval_ms = group_.interval_ms;
  blind.for_ms = running.rule.for_ms;
  blind.unseen.everything = true;
  if (!answer.ok()) {
    if (absl::IsCancelled(answer.status())) co_return answer.status();
    // Nothing was seen: hold, never resolve.
    blind.unseen.description = std::string(MessageOf(answer.status()));
    running.unseen = blind.unseen.description;
    Step(running.state, blind);
    co_return answer.status();
  }
  running.unseen = answer->missing;
  auto input = MakeInput(running, *answer, ts_ms);
  if (!input.ok()) {
    blind.unseen.description = std::string(MessageOf(input.status()));
    Step(running.state, blind);
    co_return input.status();
  }
  if (group_.limit > 0 && static_cast<int>(input->elements.size()) > group_.limit) {
    // The old state stays: losing pages because there are many would be the wrong way round.
    const absl::Status status = InvalidArgument("exceeded limit of {} with {} alerts", group_.limit,
                                                input->elements.size());
    blind.unseen.description = std::string(MessageOf(status));
    Step(running.state, blind);
    co_return status;
  }
  Step(running.state, *input);
  co_return absl::OkStatus();
}

absl::StatusOr<StepInput> GroupRunner::MakeInput(const RunningRule& running,
                                                 const RuleAnswer& answer, int64_t ts_ms) const {
  const Rule& rule = running.rule;
  StepInput input;
  input.now_ms = ts_ms;
  input.interval_ms = group_.interval_ms;
  input.for_ms = rule.for_ms;
  input.keep_firing_for_ms = rule.keep_firing_for_ms;
  if (!answer.complete && group_.on_partial != OnPartial::kEvaluate) {
    if (group_.on_partial == OnPartial::kFail) {
      return MakeStatus(absl::StatusCode::kUnavailable, "parts are unseen: {}", answer.missing);
    }
    // A rule that one region or shard decides alone is exact wherever its part answered; one that
    // needs all of them says nothing while one is missing.
    const bool exact_by_part = group_.on_partial == OnPartial::kEvaluateIfSafe &&
                               rule.locality != promql::Locality::kGlobal &&
                               !HidesPart(rule, answer.missing_parts);
    input.unseen.description = answer.missing;
    input.unseen.everything = !exact_by_part;
    if (exact_by_part) input.unseen.parts = answer.missing_parts;
  }

  const std::string name = "__alert_" + rule.alert;
  std::set<promql::Labels> unique;
  for (const RuleAnswer::Element& element : answer.elements) {
    TemplateData data;
    data.labels = element.labels;
    data.external_labels = options_.external_labels;
    data.external_url = options_.external_url;
    data.value = element.value;
    data.now_ms = ts_ms;
    promql::LabelsBuilder labels(element.labels);
    labels.Delete(promql::kMetricName);
    for (const auto& [label, text] : rule.labels)
      labels.Set(label, ExpandOrExplain(name, text, data));
    labels.Set(kAlertName, rule.alert);
    StepElement& out = input.elements.emplace_back();
    out.labels = labels.Build();
    out.value = element.value;
    for (const auto& [annotation, text] : rule.annotations) {
      out.annotations[annotation] = ExpandOrExplain(name, text, data);
    }
    if (!unique.insert(out.labels).second) {
      return InvalidArgument(
          "vector contains metrics with the same labelset after applying alert labels: {}",
          out.labels.ToString());
    }
  }
  return input;
}

void GroupRunner::Send(RunningRule& running, int64_t ts_ms) {
  // Four chances to repeat before Alertmanager would let go of the alert by itself.
  const int64_t valid_until =
      ts_ms + domain::AutoResolveAfterMs(group_.interval_ms, options_.resend_delay_ms);
  std::vector<OutgoingAlert> out;
  for (auto& [labels, alert] : running.state.alerts) {
    if (alert.status == AlertStatus::kPending) continue;
    const bool resolved_since =
        alert.status == AlertStatus::kInactive && alert.resolved_at_ms > alert.last_sent_ms;
    if (!resolved_since && alert.last_sent_ms != 0 &&
        ts_ms - alert.last_sent_ms < options_.resend_delay_ms) {
      continue;
    }
    alert.last_sent_ms = ts_ms;
    OutgoingAlert& sent = out.emplace_back();
    sent.labels = WithExternal(alert.labels, options_.external_labels);
    sent.annotations = alert.annotations;
    if (alert.held()) {
      sent.annotations[std::string(kCoverageAnnotation)] =
          fmt::format("held: not seen for {}s: {}", alert.unseen_for_ms / 1000, alert.unseen);
    }
    sent.starts_at_ms = alert.fired_at_ms;
    sent.ends_at_ms = alert.status == AlertStatus::kInactive ? alert.resolved_at_ms : valid_until;
    sent.generator_url = options_.external_url + GraphPath(running.rule.expr, 1);
  }
  if (!out.empty()) sink_.Deliver(out);
}

}  // namespace synoptic::alerting
