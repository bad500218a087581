// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/rule_manager.h"

#include "base/status.h"
#include "net/async/timer.h"

namespace synoptic::alerting {
namespace {

bool SameRule(const Rule& a, const Rule& b) {
  return a.alert == b.alert && a.record == b.record && a.expr == b.expr && a.for_ms == b.for_ms &&
         a.keep_firing_for_ms == b.keep_firing_for_ms && a.labels == b.labels &&
         a.annotations == b.annotations && a.locality == b.locality && a.clear == b.clear &&
         a.rolls_up_to == b.rolls_up_to && a.expect == b.expect && a.assume == b.assume &&
         a.tier == b.tier;
}

bool SameGroup(const RuleGroup& a, const RuleGroup& b) {
  if (a.file != b.file || a.name != b.name || a.interval_ms != b.interval_ms ||
      a.query_offset_ms != b.query_offset_ms || a.freshness != b.freshness || a.limit != b.limit ||
      a.on_partial != b.on_partial || a.hold_for_ms != b.hold_for_ms || a.tier != b.tier ||
      a.set_tier_label != b.set_tier_label || a.rules.size() != b.rules.size()) {
    return false;
  }
  for (size_t i = 0; i < a.rules.size(); ++i) {
    if (!SameRule(a.rules[i], b.rules[i])) return false;
  }
  return true;
}

// A clock that was set far ahead has not missed all the slots between.
constexpr int64_t kMaxMissedTold = 1000;

bool SameOptions(const GroupOptions& a, const GroupOptions& b) {
  return a.external_labels == b.external_labels && a.external_url == b.external_url &&
         a.resend_delay_ms == b.resend_delay_ms;
}

}  // namespace

struct RuleManager::Running {
  Running(RuleGroup group, GroupOptions group_options, const GroupServices& services)
      : options(group_options), runner(std::move(group), std::move(group_options), services) {}
  const GroupOptions options;
  GroupRunner runner;
  TaskHandle task;
};

RuleManager::RuleManager(const boost::asio::any_io_executor& executor, TaskGroup& tasks,
                         Querier& querier, AlertSink& sink, const Clock& clock,
                         OnEvaluation on_evaluation, RecordSink* records)
    : executor_(executor),
      tasks_(tasks),
      services_{querier, sink, clock, records, &tasks, &roll_ups_},
      on_evaluation_(std::move(on_evaluation)) {}

void RuleManager::Apply(std::vector<RuleGroup> groups, const GroupOptions& options) {
  std::vector<std::shared_ptr<Running>> old = std::move(running_);
  running_.clear();
  roll_ups_.SetParents(groups);
  for (RuleGroup& group : groups) {
    group = ReadyToRun(std::move(group));
    const auto same_place = [&group](const std::shared_ptr<Running>& candidate) {
      return candidate != nullptr && candidate->runner.group().file == group.file &&
             candidate->runner.group().name == group.name;
    };
    const auto it = std::find_if(old.begin(), old.end(), same_place);
    if (it != old.end() && SameGroup((*it)->runner.group(), group) &&
        SameOptions((*it)->options, options)) {
      running_.push_back(std::move(*it));
      continue;
    }
    const GroupServices services = {group.querier != nullptr ? *group.querier : services_.querier,
                                    services_.alerts,
                                    services_.clock,
                                    services_.records,
                                    services_.tasks,
                                    services_.roll_ups};
    auto fresh = std::make_shared<Running>(std::move(group), options, services);
    if (it != old.end()) {
      fresh->runner.CopyStateFrom((*it)->runner);
    } else {
      fresh->runner.Restore(restored_);
    }
    fresh->task = tasks_.Spawn(executor_, "rule group " + fresh->runner.group().name,
                               Loop(fresh, services_.clock, on_evaluation_));
    running_.push_back(std::move(fresh));
  }
  for (const auto& gone : old) {
    if (gone == nullptr) continue;
    gone->task.Cancel();
    const RuleGroup& group = gone->runner.group();
    const bool replaced = std::any_of(running_.begin(), running_.end(), [&group](const auto& now) {
      return now->runner.group().file == group.file && now->runner.group().name == group.name;
    });
    if (replaced) continue;
    tasks_.Spawn(executor_, "alerts of rule group " + group.name, EndAlerts(gone, services_.clock));
    if (services_.records == nullptr) continue;
    tasks_.Spawn(executor_, "end of rule group " + group.name, EndGone(gone, services_.clock));
  }
  if (Records gone = restored_.TakeGoneGroups(); !gone.empty()) {
    services_.alerts.Keep(std::move(gone));
  }
  if (auto rest = restored_.TakeRest(); !rest.empty()) {
    tasks_.Spawn(executor_, "alerts of rules that are gone",
                 EndRest(std::move(rest), options, services_.alerts, services_.clock.WallMillis()));
  }
}

// Rules that went away while no process ran.
Task<> RuleManager::EndRest(std::map<std::string, RuleState> rest, GroupOptions options,
                            AlertSink& sink, int64_t now_ms) {
  for (auto& [identity, state] : rest) {
    CO_RETURN_IF_ERROR(co_await alerting::EndAlerts(identity, std::move(state), Tier::kGlobal,
                                                    options, sink, now_ms));
  }
  co_return absl::OkStatus();
}

void RuleManager::Restore(const Records& records) { restored_ = RestoredStates(records); }

Records RuleManager::Snapshot() const {
  Records records;
  for (const auto& running : running_) running->runner.Snapshot(records);
  return records;
}

Task<> RuleManager::EndAlerts(std::shared_ptr<Running> running, const Clock& clock) {
  co_return co_await running->runner.EndAlerts(clock.WallMillis());
}

std::vector<const GroupRunner*> RuleManager::groups() const {
  std::vector<const GroupRunner*> result;
  for (const auto& running : running_) result.push_back(&running->runner);
  return result;
}

// Not at once: another evaluator, or a group that comes back, may go on writing the series.
Task<> RuleManager::EndGone(std::shared_ptr<Running> running, const Clock& clock) {
  const int64_t interval_ms = running->runner.group().interval_ms;
  CO_RETURN_IF_ERROR(co_await SleepFor(clock, std::chrono::milliseconds(2 * interval_ms)));
  running->runner.EndRecorded(clock.WallMillis());
  co_return absl::OkStatus();
}

Task<> RuleManager::Loop(std::shared_ptr<Running> running, const Clock& clock,
                         OnEvaluation on_evaluation) {
  GroupRunner& runner = running->runner;
  // The first page shall not wait for an interval to pass: the slot that lies just behind is
  // evaluated now, unless it was already.
  int64_t slot = runner.NextSlot(clock.WallMillis());
  if (slot - runner.group().interval_ms > runner.last_slot_ms()) slot -= runner.group().interval_ms;
  int64_t missed = 0;
  while (true) {
    // Short sleeps against the wall clock: a clock that was set is noticed within a second.
    while (clock.WallMillis() < slot) {
      // The clock was set back: evaluate by the new time, do not wait for the old one.
      if (slot - clock.WallMillis() > runner.group().interval_ms) {
        slot = runner.NextSlot(clock.WallMillis());
      }
      const int64_t wait = std::min<int64_t>(slot - clock.WallMillis(), 1000);
      CO_RETURN_IF_ERROR(co_await SleepFor(clock, std::chrono::milliseconds(wait)));
    }
    const MonoTime start = clock.Mono();
    const int64_t late = clock.WallMillis() - slot;
    CO_RETURN_IF_ERROR(co_await runner.Evaluate(slot));
    if (on_evaluation != nullptr) {
      const double seconds = std::chrono::duration<double>(clock.Mono() - start).count();
      on_evaluation({runner, seconds, static_cast<double>(late) / 1000, missed});
    }
    // A slot that passed meanwhile is skipped and counted, never queued up.
    const int64_t next = runner.NextSlot(std::max(slot, clock.WallMillis()));
    const int64_t interval_ms = runner.group().interval_ms;
    missed = (next - slot) / interval_ms - 1;
    for (int64_t t = slot + interval_ms; t < next; t += interval_ms) {
      if (t - slot > kMaxMissedTold * interval_ms) break;
      runner.Missed(t, "the evaluation before took too long");
    }
    slot = next;
  }
}

}  // namespace synoptic::alerting
