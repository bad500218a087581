// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Objectives alert by themselves: their multi-window burn rates come from what was counted already,
// so that an evaluation asks nobody anything. The alerts have the labels of the rules that
// `synoptic slo generate` writes, and severity and class beside them.
//
// While regions are unseen an alert fires when it would whatever they hold; otherwise it is held.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "alerting/rule/querier.h"
#include "alerting/rule/rule.h"
#include "app/slo_desk.h"

namespace synoptic::app {

// Answers the questions of these rules. Lives on the event loop's executor.
class SloQuerier final : public alerting::Querier {
 public:
  explicit SloQuerier(const SloDesk& desk) : desk_(desk) {}
  Task<alerting::RuleAnswer> Instant(std::string expr, int64_t time_ms, Deadline deadline) override;
  // Never: what was counted says how it is, not how it was.
  Task<alerting::RangeAnswer> Range(std::string expr, promql::Grid grid,
                                    Deadline deadline) override;

 private:
  const SloDesk& desk_;
};

// A group a file, evaluated every `interval_ms`; `querier` outlives the groups.
std::vector<alerting::RuleGroup> BurnRules(const std::vector<alerting::Slo>& slos,
                                           int64_t interval_ms, alerting::Querier* querier);

}  // namespace synoptic::app
