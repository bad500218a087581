// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// One rule group at work: evaluates its rules in order at given timestamps, steps their states,
// and hands what must be sent to the sink.
//
// Lives on one serial executor; not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "alerting/rule/alert_state.h"
#include "alerting/rule/outgoing_alert.h"
#include "alerting/rule/querier.h"
#include "alerting/rule/rule.h"
#include "base/clock.h"

namespace synoptic::alerting {

struct GroupOptions {
  promql::Labels external_labels;  // added to alerts that leave, where they lack them
  std::string external_url;
  int64_t resend_delay_ms = 60'000;
};

enum class RuleHealth { kUnknown, kOk, kError };

// A rule and what became of it.
struct RunningRule {
  Rule rule;
  Tier tier = Tier::kGlobal;
  RuleState state;
  RuleHealth health = RuleHealth::kUnknown;
  std::string last_error;
  int64_t last_evaluation_ms = 0;  // wall clock; 0: never
  double evaluation_seconds = 0;
  std::string unseen;  // parts the last evaluation did not see
};

class GroupRunner {
 public:
  // References must outlive the runner and its tasks.
  GroupRunner(RuleGroup group, GroupOptions options, Querier& querier, AlertSink& sink,
              const Clock& clock);

  // Evaluates every rule at `ts_ms`, one after the other. A rule's error is its own: the next
  // rules run. Always OK unless cancelled.
  Task<> Evaluate(int64_t ts_ms);

  // Timestamps of evaluations: k * interval + offset, the offset from a hash of file and name, so
  // that equal configurations evaluate at equal times.
  int64_t NextSlot(int64_t after_ms) const;

  // Takes over the states of rules that are the same (name and labels, in order).
  void CopyStateFrom(GroupRunner& old);

  const RuleGroup& group() const { return group_; }
  const std::vector<RunningRule>& rules() const { return rules_; }
  int64_t last_evaluation_ms() const { return last_evaluation_ms_; }
  double evaluation_seconds() const { return evaluation_seconds_; }

 private:
  Task<> EvaluateRule(RunningRule& running, int64_t ts_ms);
  absl::StatusOr<StepInput> MakeInput(const RunningRule& running, const RuleAnswer& answer,
                                      int64_t ts_ms) const;
  void Send(RunningRule& running, int64_t ts_ms);

  const RuleGroup group_;
  const GroupOptions options_;
  Querier& querier_;
  AlertSink& sink_;
  const Clock& clock_;
  std::vector<RunningRule> rules_;
  int64_t last_evaluation_ms_ = 0;
  double evaluation_seconds_ = 0;
};

}  // namespace synoptic::alerting
