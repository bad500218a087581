// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Alert state as records on disk, and back. Bodies are JSON, so that a person can read the file:
// sqlite3 alerts.db "SELECT body FROM state".
//
// State belongs to a rule in its place (file, group, name, labels, and which of several equal ones)
// and a label set. A changed expression or `for` keeps it; other labels are other alerts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "alerting/rule/alert_state.h"
#include "alerting/rule/outgoing_alert.h"
#include "alerting/rule/rule.h"
#include "alerting/store/record.h"

namespace synoptic::alerting {

// Identity of each of the group's rules, in order; `rules` with their final labels.
std::string RuleIdentity(const RuleGroup& group, const Rule& rule, int occurrence);

// Changes whenever what is worth keeping does. Never 0.
uint64_t StateFingerprint(const Alert& alert);

Record RecordOfAlert(const std::string& rule, const Alert& alert);
Record ErasureOfAlert(const std::string& rule, const promql::Labels& labels);
// How far a group has come. Milliseconds; 0: not at all.
struct GroupProgress {
  int64_t last_slot_ms = 0;
  int64_t last_asked_ms = 0;      // as of when its rules asked then
  int64_t learned_offset_ms = 0;  // how late it had learned that its inputs are
};
Record RecordOfGroup(const RuleGroup& group, const GroupProgress& progress);
Record ErasureOfGroup(const RuleGroup& group);

// {"labels":{...},...}: what a receiver is told, for the outbox on disk.
std::string EncodeOutgoing(const OutgoingAlert& alert);
absl::StatusOr<OutgoingAlert> DecodeOutgoing(std::string_view json);

// What was found at the start, handed out rule by rule. Records that cannot be read are left out.
class RestoredStates {
 public:
  RestoredStates() = default;
  explicit RestoredStates(const Records& records);

  RuleState TakeRule(const std::string& identity);
  GroupProgress TakeGroup(const RuleGroup& group);
  bool empty() const { return rules_.empty() && groups_.empty(); }
  // What no rule has taken: its rules are gone. And what to erase of their groups.
  std::map<std::string, RuleState> TakeRest();
  Records TakeGoneGroups();
  size_t unreadable() const { return unreadable_; }

 private:
  std::map<std::string, RuleState> rules_;
  std::map<std::string, GroupProgress> groups_;
  size_t unreadable_ = 0;
};

}  // namespace synoptic::alerting
