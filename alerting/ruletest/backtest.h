// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Rules over history, with the real state machine: what would have been pending, fired, been held
// in the dark and resolved, and how often somebody would have been told.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "alerting/rule/rule.h"
#include "alerting/ruletest/memory_querier.h"
#include "promql/model/matcher.h"

namespace synoptic::alerting {

struct BacktestOptions {
  int64_t start_ms = 0;
  int64_t end_ms = 0;  // inclusive
  SampleStore::Language language;
  std::vector<Outage> outages;
};

// Samples that rules look at: all series that match, both ends inclusive.
struct HistoryNeeded {
  std::vector<promql::Matcher> matchers;
  int64_t min_t = 0;
  int64_t max_t = 0;
};
// Of all rules between start and end, each selector once. What the rules themselves record is made
// by the run.
absl::StatusOr<std::vector<HistoryNeeded>> HistoryFor(const std::vector<RuleGroup>& groups,
                                                      const BacktestOptions& options);

struct BacktestEvent {
  int64_t time_ms = 0;
  size_t rule = 0;  // of the report's
  promql::Labels labels;
  // pending; firing; held: it fires and is not seen; seen: it is again; resolved; over: it was
  // pending and never fired.
  std::string what;
  double value = 0;
  std::string unseen;  // held: which parts
};

struct BacktestRule {
  std::string group;
  std::string name;
  bool alerting = false;
  int64_t evaluations = 0;
  int64_t failed = 0;
  std::string last_error;
  int64_t fired = 0;
  int64_t firing_ms = 0;      // of all its alerts, up to the end
  int64_t held_ms = 0;        // of that
  int64_t notifications = 0;  // firing and resolved, without repetitions
};

struct BacktestReport {
  std::vector<BacktestRule> rules;  // in order of the files
  std::vector<BacktestEvent> events;
};

// `history` holds what HistoryFor asked for, each series at its part of `topology`; what is
// recorded is added. An outage's region is one of the topology's.
absl::StatusOr<BacktestReport> RunBacktest(std::vector<RuleGroup> groups,
                                           const promql::Topology& topology,
                                           const BacktestOptions& options, SampleStore& history);

}  // namespace synoptic::alerting
