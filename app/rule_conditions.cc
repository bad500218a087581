// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What rules, outboxes and the store contribute to the built-in alerts.
#include <chrono>
#include <set>

#include "alerting/observer/judgement.h"
#include "app/rule_service.h"

namespace synoptic::app {
bool RuleService::Evaluating() const {
  const int64_t now = clock_.WallMillis();
  for (const alerting::GroupRunner* runner : manager_.groups()) {
    const int64_t last = std::max(runner->last_evaluation_ms(), applied_at_ms_);
    if (now - last > 3 * runner->group().interval_ms + 1000) return false;
  }
  return true;
}

alerting::Conditions::Expected RuleService::ExpectedOf(const alerting::RuleGroup& group,
                                                       const alerting::Rule& rule) const {
  alerting::Conditions::Expected expected = {
      group.name, rule.name(), rule.expr, rule.expect->min_series, {}};
  for (const std::string& name : rule.expect->regions) {
    if (const auto it = region_labels_.find(name); it != region_labels_.end()) {
      expected.regions.emplace_back(name, it->second);
    }
  }
  return expected;
}

void RuleService::FillConditions(alerting::Conditions& now) const {
  std::set<std::string, std::less<>> unreachable;
  for (const auto& region : now.unreachable) unreachable.insert(region.name);
  // Told as stale. NamesOnly knows regions by the names that rules call them by.
  if (const auto world = querier_.World(); world != nullptr) {
    const std::vector<alerting::DoubtfulPart> doubtful = watch_.Doubtful();
    for (const promql::TopologyShard& shard : world->shards) {
      for (const alerting::DoubtfulPart& part : doubtful) {
        if (part.reason == "stale" && part.labels == shard.labels) unreachable.insert(shard.region);
      }
    }
  }
  for (const alerting::GroupRunner* runner : manager_.groups()) {
    if (runner->group().querier != nullptr) continue;
    for (const alerting::RunningRule& rule : runner->rules()) {
      if (rule.rule.expect) now.expected.push_back(ExpectedOf(runner->group(), rule.rule));
      if (rule.state.unseen_for_ms == 0) continue;
      now.blind.push_back({runner->group().name, rule.rule.name(),
                           static_cast<double>(rule.state.unseen_for_ms) / 1000,
                           alerting::NamesOnly(rule.unseen, unreachable)});
    }
  }
  for (const alerting::Outbox* outbox : notifier_.outboxes()) {
    const double waits = std::chrono::duration<double>(outbox->OldestWaiting()).count();
    if (outbox->parked() > 0) now.degraded.push_back({outbox->receiver(), "refused", waits});
    if (waits > 0) now.degraded.push_back({outbox->receiver(), "unreachable", waits});
  }
  if (store_ != nullptr) {
    now.damage = store_->damage();
    if (!store_->durable()) now.not_durable = store_->problem();
  }
  now.evaluating = Evaluating();
}

}  // namespace synoptic::app
