// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// All rule groups of a process: starts one loop a group, swaps them on reload without losing state,
// and shows them to the API.
//
// Lives on one serial executor; not thread-safe.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "alerting/rule/group_runner.h"
#include "net/async/task_group.h"

namespace synoptic::alerting {

// Hears every finished evaluation: what metrics are made of.
struct GroupEvaluation {
  const GroupRunner& group;
  double seconds = 0;
  double lateness_seconds = 0;  // start of the evaluation against its slot
  int64_t missed = 0;           // slots skipped since the one before
};

class RuleManager {
 public:
  using OnEvaluation = std::function<void(const GroupEvaluation&)>;

  // References must outlive the manager and `tasks`. `records` may be null.
  RuleManager(const boost::asio::any_io_executor& executor, TaskGroup& tasks, Querier& querier,
              AlertSink& sink, const Clock& clock, OnEvaluation on_evaluation = nullptr,
              RecordSink* records = nullptr);

  // Replaces all groups. A group that is the same keeps running; a changed one takes over the
  // states of its unchanged rules; a removed one stops, and what it recorded ends two intervals
  // later, as in Prometheus.
  void Apply(std::vector<RuleGroup> groups, const GroupOptions& options);

  // What the process before this one left on disk; before the first Apply. Alerts of rules that
  // are no longer end with that Apply.
  void Restore(const Records& records);
  // What should be on disk.
  Records Snapshot() const;

  std::vector<const GroupRunner*> groups() const;

 private:
  struct Running;
  static Task<> Loop(std::shared_ptr<Running> running, const Clock& clock,
                     OnEvaluation on_evaluation);
  static Task<> EndGone(std::shared_ptr<Running> running, const Clock& clock);
  static Task<> EndRest(std::map<std::string, RuleState> rest, GroupOptions options,
                        AlertSink& sink, int64_t now_ms);
  static Task<> EndAlerts(std::shared_ptr<Running> running, const Clock& clock);

  const boost::asio::any_io_executor executor_;
  TaskGroup& tasks_;
  RollUps roll_ups_;  // before the services, which refer to it
  const GroupServices services_;
  const OnEvaluation on_evaluation_;
  RestoredStates restored_;
  std::vector<std::shared_ptr<Running>> running_;
};

}  // namespace synoptic::alerting
