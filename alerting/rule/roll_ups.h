// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which alerts stand for others just now: a rule with `rolls_up_to: X` has its alerts sent as
// suppressed while an alert X fires on what is seen, and released when X is over or held, since who
// is blind speaks for nobody.
//
// Lives on one serial executor; not thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "alerting/rule/alert_state.h"
#include "alerting/rule/rule.h"

namespace synoptic::alerting {

class RollUps {
 public:
  // The rules that any rule rolls up to.
  void SetParents(const std::vector<RuleGroup>& groups) {
    parents_.clear();
    for (const RuleGroup& group : groups) {
      for (const Rule& rule : group.rules) {
        if (!rule.rolls_up_to.empty()) parents_.insert(rule.rolls_up_to);
      }
    }
  }
  bool IsParent(const Rule& rule) const { return rule.alerting() && parents_.contains(rule.alert); }

  // The alerts of the rule `identity` as they are now.
  void Publish(const std::string& identity, const Rule& rule, const RuleState& state) {
    if (!IsParent(rule)) return;
    std::vector<promql::Labels>& active = active_[rule.alert][identity];
    active.clear();
    for (const auto& [labels, alert] : state.alerts) {
      if (alert.status == AlertStatus::kFiring && !alert.held())
        active.push_back(OwnLabels(rule, labels));
    }
  }

  // Whether an alert `parent` fires that agrees with `labels` wherever both have a label.
  bool Suppresses(const std::string& parent, const promql::Labels& labels) const {
    const auto rules = active_.find(parent);
    if (rules == active_.end()) return false;
    for (const auto& [identity, alerts] : rules->second) {
      for (const promql::Labels& alert : alerts) {
        bool agrees = true;
        for (const promql::Label label : alert) {
          const std::string_view own = labels.Get(label.name);
          agrees = agrees && (own.empty() || own == label.value);
        }
        if (agrees) return true;
      }
    }
    return false;
  }

 private:
  // What its expression gave it; what the rule sets says nothing of the children.
  static promql::Labels OwnLabels(const Rule& rule, const promql::Labels& labels) {
    promql::LabelsBuilder own(labels);
    own.Delete("alertname");
    for (const auto& [name, value] : rule.labels) own.Delete(name);
    return own.Build();
  }

  std::set<std::string> parents_;
  std::map<std::string, std::map<std::string, std::vector<promql::Labels>>> active_;
};

}  // namespace synoptic::alerting
