// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The part of a group that waits for late inputs: how late they are is measured, rules ask as of so
// much earlier, and what is later than that is as unseen as a region that is dark.
#include <algorithm>

#include "alerting/rule/group_runner.h"
#include "base/status.h"
#include "net/async/fan_out.h"

namespace synoptic::alerting {
namespace {

constexpr int64_t kMeasureEveryMs = 30'000;
constexpr size_t kMostSelectors = 32;  // of a group
// Where the offset grows, what is asked goes on at least so much from one slot to the next.
constexpr int64_t kLeastStepMs = 1000;

}  // namespace

Task<> GroupRunner::MeasureDelays(int64_t ts_ms) {
  if (!group_.freshness) co_return absl::OkStatus();
  const auto world = services_.querier.World();
  if (world != nullptr && ts_ms - measured_ms_ >= kMeasureEveryMs) {
    measured_ms_ = ts_ms;
    std::set<std::string> selectors;
    for (const RunningRule& running : rules_) selectors.merge(InputSelectors(running.rule.expr));
    const Deadline deadline = Deadline::After(clock_, Patience());
    for (const std::string& selector : selectors) {
      if (selectors.size() > kMostSelectors) break;
      const auto newest = co_await services_.querier.Instant(
          NewestSampleQuestion(selector, services_.querier.TopologyLabels()), ts_ms, deadline);
      if (absl::IsCancelled(newest.status())) co_return newest.status();
      if (!newest.ok()) continue;
      for (const RuleAnswer::Element& element : newest->elements) {
        delays_.Learn(ts_ms, selector, element.labels, static_cast<int64_t>(element.value * 1000));
      }
    }
  }
  learned_offset_ms_ = delays_.OffsetMs(ts_ms, *group_.freshness);
  if (last_asked_ms_ != 0) {
    // Never back in time: an alert's samples would come before those that are there.
    const int64_t most = ts_ms - group_.query_offset_ms - (last_asked_ms_ + kLeastStepMs);
    learned_offset_ms_ = std::clamp<int64_t>(most, 0, learned_offset_ms_);
  }
  last_asked_ms_ = ts_ms - offset_ms();
  co_return absl::OkStatus();
}

void GroupRunner::NoteStale(const Rule& rule, RuleAnswer& answer) const {
  if (!group_.freshness) return;
  const auto selectors = InputSelectors(rule.expr);
  for (const auto& stale : delays_.StaleOf(selectors, measured_ms_, *group_.freshness)) {
    const auto known = [&stale](const promql::Labels& part) { return part == stale.part; };
    answer.complete = false;
    answer.absent_parts.push_back(stale.part);
    answer.missing += fmt::format("{}{} ({} is {} s old)", answer.missing.empty() ? "" : ", ",
                                  stale.part.ToString(), stale.selector, stale.age_ms / 1000);
    if (std::none_of(answer.missing_parts.begin(), answer.missing_parts.end(), known)) {
      answer.missing_parts.push_back(stale.part);
    }
  }
}

}  // namespace synoptic::alerting
