// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The part of a group that rules of ours need beside their expression: when a firing alert is over
// (`clear`), and whether everybody contributes who should (`expect`).
#include <algorithm>
#include <set>

#include "alerting/rule/alert_elements.h"
#include "alerting/rule/group_runner.h"
#include "alerting/rule/input_delays.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::alerting {
namespace {

constexpr int64_t kInventoryEveryMs = 60'000;

bool Contains(const std::vector<promql::Labels>& parts, const promql::Labels& labels) {
  return std::find(parts.begin(), parts.end(), labels) != parts.end();
}

}  // namespace

Task<> GroupRunner::AskClear(RunningRule& running, StepInput& input) {
  const Rule& rule = running.rule;
  std::set<promql::Labels> present, firing;
  for (const StepElement& element : input.elements) present.insert(element.labels);
  for (const auto& [labels, alert] : running.state.alerts) {
    if (alert.status == AlertStatus::kFiring && !present.contains(labels)) firing.insert(labels);
  }
  if (rule.clear.empty() || firing.empty()) co_return absl::OkStatus();
  const Deadline deadline = Deadline::After(clock_, std::chrono::seconds(10));
  const auto answer =
      co_await services_.querier.Instant(rule.clear_question, input.now_ms - offset_ms(), deadline);
  if (absl::IsCancelled(answer.status())) co_return answer.status();
  const bool whole =
      answer.ok() && (answer->complete || group_.on_partial == OnPartial::kEvaluate ||
                      rule.locality != promql::Locality::kGlobal);
  if (!whole) {
    input.unseen.undecided.merge(firing);
    if (input.unseen.description.empty()) {
      input.unseen.description =
          answer.ok() ? answer->missing : std::string(MessageOf(answer.status()));
    }
    co_return absl::OkStatus();
  }
  const ExpansionContext context = {options_.external_labels, options_.external_url, input.now_ms};
  std::set<promql::Labels> clear, band;
  for (const RuleAnswer::Element& element : answer->elements) {
    const promql::Labels labels = AlertLabels(rule, element, context);
    (rule.clear_compares && element.value == 0 ? band : clear).insert(labels);
  }
  for (const promql::Labels& labels : firing) {
    // Of a comparison it is known whether it has a value at all: what is gone is over.
    const bool stays = rule.clear_compares ? band.contains(labels) : !clear.contains(labels);
    if (stays) input.not_clear.insert(labels);
  }
  co_return absl::OkStatus();
}

Task<> GroupRunner::CheckInventory(RunningRule& running, RuleAnswer& answer, int64_t ts_ms) {
  const Rule& rule = running.rule;
  const auto world = services_.querier.World();
  if (!rule.expect || world == nullptr) co_return absl::OkStatus();
  if (ts_ms - running.inventory_ms >= kInventoryEveryMs) {
    running.inventory_ms = ts_ms;
    running.absent_parts.clear();
    running.missing_inputs.clear();
    const std::string by = Join(services_.querier.TopologyLabels(), ", ");
    for (const std::string& selector : InputSelectors(rule.expr)) {
      const Deadline deadline = Deadline::After(clock_, std::chrono::seconds(10));
      const auto counts = co_await services_.querier.Instant(
          fmt::format("count by ({}) ({})", by, selector), ts_ms - offset_ms(), deadline);
      if (absl::IsCancelled(counts.status())) co_return counts.status();
      if (counts.ok()) NoteMissing(*counts, selector, *world, running);
    }
  }
  // A server that answers beside an exporter that is dead: a part is unseen.
  for (const promql::Labels& part : running.absent_parts) {
    answer.complete = false;
    answer.absent_parts.push_back(part);
    if (!Contains(answer.missing_parts, part)) answer.missing_parts.push_back(part);
  }
  for (const std::string& input : running.missing_inputs) {
    answer.missing += (answer.missing.empty() ? "" : ", ") + input;
  }
  co_return absl::OkStatus();
}

void GroupRunner::NoteMissing(const RuleAnswer& counts, const std::string& selector,
                              const promql::Topology& world, RunningRule& running) {
  for (const std::string& region : running.rule.expect->regions) {
    double series = 0;
    bool seen = true;
    for (const promql::TopologyShard& shard : world.shards) {
      if (shard.region != region) continue;
      if (Contains(counts.missing_parts, shard.labels))
        seen = false;  // dark, which is told already
      for (const RuleAnswer::Element& element : counts.elements) {
        if (element.labels == shard.labels) series += element.value;
      }
    }
    if (!seen || series >= static_cast<double>(running.rule.expect->min_series)) continue;
    running.missing_inputs.push_back(fmt::format("{} ({} of at least {} series of {})", region,
                                                 series, running.rule.expect->min_series,
                                                 selector));
    for (const promql::TopologyShard& shard : world.shards) {
      if (shard.region == region && !Contains(running.absent_parts, shard.labels)) {
        running.absent_parts.push_back(shard.labels);
      }
    }
  }
}

}  // namespace synoptic::alerting
