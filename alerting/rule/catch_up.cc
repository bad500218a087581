// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The part of a group that makes up for time in which nobody looked: after a restart, or when the
// machine stood still. Where the regions have data of that time, the missed slots are evaluated by
// one range query, so that a condition that went away meanwhile begins anew and one that stayed
// keeps its clock. Where they have none, the clock stood still too: neither counted nor reset.
#include <algorithm>

#include "alerting/rule/group_runner.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::alerting {
namespace {

constexpr int64_t kMaxReplayMs = 3'600'000;  // what lies further back is frozen

bool HasRunningClock(const RuleState& state) {
  return std::any_of(state.alerts.begin(), state.alerts.end(), [](const auto& entry) {
    return entry.second.status == AlertStatus::kPending || entry.second.keep_firing_since_ms != 0;
  });
}

RuleAnswer AnswerAt(const RangeAnswer& range, size_t step) {
  RuleAnswer answer;
  for (const promql::StepSeries& series : range.value.series) {
    if (!series.histograms.empty() && series.histograms[step] != nullptr) {
      answer.elements.push_back({series.labels, 0, series.histograms[step]});
    } else if (!promql::IsAbsent(series.values[step])) {
      answer.elements.push_back({series.labels, series.values[step]});
    }
  }
  answer.complete = range.complete;
  answer.missing = range.missing;
  answer.missing_parts = range.missing_parts;
  return answer;
}

// A region that was down in the gap, and is up now, saw nothing of it: its `up` has a hole.
void MarkHoles(const promql::QueryValue& up, size_t step, RuleAnswer& answer) {
  for (const promql::StepSeries& part : up.series) {
    if (!promql::IsAbsent(part.values[step])) continue;
    answer.complete = false;
    answer.missing_parts.push_back(part.labels);
    if (answer.missing.empty()) answer.missing = part.labels.ToString() + " (no data of that time)";
  }
}

}  // namespace

void GroupRunner::Freeze(RunningRule& running, int64_t ts_ms, std::string_view why) {
  StepInput blind;
  blind.now_ms = ts_ms;
  blind.interval_ms = group_.interval_ms;
  blind.for_ms = running.rule.for_ms;
  blind.unseen.everything = true;
  blind.unseen.description = std::string(why);
  Step(running.state, blind);
}

Task<> GroupRunner::CatchUp(RunningRule& running, int64_t ts_ms) {
  RuleState& state = running.state;
  const bool restored = std::exchange(running.restored, false);
  const int64_t interval = group_.interval_ms;
  const int64_t gap = ts_ms - state.last_step_ms;
  // One slot that was skipped for being slow is no gap; one between two processes is.
  if (state.last_step_ms == 0 || gap <= (restored ? interval : 2 * interval) ||
      !HasRunningClock(state)) {
    co_return absl::OkStatus();
  }
  promql::Grid missed;
  missed.step = interval;
  missed.end = ts_ms - interval;
  const int64_t earliest = std::max(state.last_step_ms + 1, ts_ms - kMaxReplayMs);
  missed.start = missed.end - (missed.end - earliest) / interval * interval;
  if (missed.start - interval > state.last_step_ms) {
    Freeze(running, missed.start - interval, "too long ago");
  }
  const absl::Status replayed = co_await Replay(running, missed);
  if (absl::IsCancelled(replayed)) co_return replayed;
  if (!replayed.ok()) Freeze(running, missed.end, MessageOf(replayed));
  co_return absl::OkStatus();
}

Task<> GroupRunner::Replay(RunningRule& running, promql::Grid grid) {
  const auto deadline = [this] { return Deadline::After(clock_, std::chrono::seconds(10)); };
  const promql::Grid asked = {grid.start - offset_ms(), grid.end - offset_ms(), grid.step};
  CO_ASSIGN_OR_RETURN(const RangeAnswer range,
                      co_await services_.querier.Range(running.rule.expr, asked, deadline()));
  // One step more, which is now: only who is there now can have been away.
  const promql::Grid with_now = {asked.start, asked.end + asked.step, asked.step};
  const std::string up_by_part =
      fmt::format("group by ({}) (up)", Join(services_.querier.TopologyLabels(), ", "));
  CO_ASSIGN_OR_RETURN(RangeAnswer up,
                      co_await services_.querier.Range(up_by_part, with_now, deadline()));
  std::erase_if(up.value.series, [&with_now](const promql::StepSeries& part) {
    return promql::IsAbsent(part.values[with_now.size() - 1]);
  });
  for (size_t step = 0; step < grid.size(); ++step) {
    RuleAnswer answer = AnswerAt(range, step);
    MarkHoles(up.value, step, answer);
    auto input = MakeInput(running, answer, grid.at(step));
    if (!input.ok()) {
      Freeze(running, grid.at(step), MessageOf(input.status()));
      continue;
    }
    CO_RETURN_IF_ERROR(co_await ExpandInto(*input, running.rule, answer));
    Step(running.state, *input);
  }
  co_return absl::OkStatus();
}

}  // namespace synoptic::alerting
