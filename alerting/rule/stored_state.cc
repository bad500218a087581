// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/rule/stored_state.h"

#include <charconv>
#include <cstdlib>
#include <utility>

#include "base/json.h"
#include "base/status.h"
#include "simdjson.h"
#include "xxhash.h"

namespace synoptic::alerting {
namespace {

namespace dom = simdjson::dom;

std::string HashText(std::string_view text) {
  return fmt::format("{:016x}", XXH64(text.data(), text.size(), 0));
}

std::string KeyOf(const std::string& rule, const promql::Labels& labels) {
  return fmt::format("{}{:016x}", HashText(rule), labels.Hash());
}

std::string GroupIdentity(const RuleGroup& group) { return group.file + '\n' + group.name; }

template <class Pairs>
void AppendObject(std::string_view name, const Pairs& pairs, std::string& out) {
  AppendJsonString(name, out);
  out += ":{";
  bool first = true;
  for (const auto& [key, value] : pairs) {
    if (!first) out += ',';
    first = false;
    AppendJsonString(key, out);
    out += ':';
    AppendJsonString(value, out);
  }
  out += "},";
}

void AppendText(std::string_view name, std::string_view value, std::string& out) {
  AppendJsonString(name, out);
  out += ':';
  AppendJsonString(value, out);
  out += ',';
}

// Zeros are left out: absent means zero.
void AppendInt(std::string_view name, int64_t value, std::string& out) {
  if (value != 0) out += fmt::format("\"{}\":{},", name, value);
}

std::string Closed(std::string out) {
  if (out.back() == ',') out.pop_back();
  return out + '}';
}

constexpr std::pair<AlertStatus, std::string_view> kStates[] = {
    {AlertStatus::kPending, "pending"},
    {AlertStatus::kFiring, "firing"},
    {AlertStatus::kInactive, "resolved"}};

std::vector<std::pair<std::string, std::string>> PairsOf(dom::element from, const char* name) {
  std::vector<std::pair<std::string, std::string>> pairs;
  dom::object object;
  if (from[name].get(object) != simdjson::SUCCESS) return pairs;
  for (const auto field : object) {
    std::string_view value;
    if (field.value.get(value) == simdjson::SUCCESS) pairs.emplace_back(field.key, value);
  }
  return pairs;
}

std::string TextOf(dom::element from, const char* name) {
  std::string_view value;
  return from[name].get(value) == simdjson::SUCCESS ? std::string(value) : "";
}

int64_t IntOf(dom::element from, const char* name) {
  int64_t value = 0;
  return from[name].get(value) == simdjson::SUCCESS ? value : 0;
}

// False when it is no alert that we wrote.
bool ReadAlert(dom::element from, Alert& alert) {
  const std::string state = TextOf(from, "state");
  bool known = false;
  for (const auto& [status, name] : kStates) {
    if (name != state) continue;
    alert.status = status;
    known = true;
  }
  alert.labels = promql::Labels::From(PairsOf(from, "labels"));
  for (auto& [name, text] : PairsOf(from, "annotations")) {
    alert.annotations.Set(std::move(name), std::move(text));
  }
  alert.value = std::strtod(TextOf(from, "value").c_str(), nullptr);
  alert.unseen = TextOf(from, "unseen");
  alert.active_at_ms = IntOf(from, "active_at_ms");
  alert.frozen_ms = IntOf(from, "frozen_ms");
  alert.fired_at_ms = IntOf(from, "fired_at_ms");
  alert.resolved_at_ms = IntOf(from, "resolved_at_ms");
  alert.keep_firing_since_ms = IntOf(from, "keep_firing_since_ms");
  alert.unseen_since_ms = IntOf(from, "unseen_since_ms");
  alert.unseen_for_ms = IntOf(from, "unseen_for_ms");
  alert.last_sent_ms = IntOf(from, "last_sent_ms");
  alert.stored = StateFingerprint(alert);
  return known && !alert.labels.empty();
}

}  // namespace

std::string RuleIdentity(const RuleGroup& group, const Rule& rule, int occurrence) {
  std::string identity = GroupIdentity(group) + '\n' + rule.alert + '\n';
  for (const auto& [name, value] : rule.labels) identity += fmt::format("{}={}\n", name, value);
  return identity + std::to_string(occurrence);
}

uint64_t StateFingerprint(const Alert& alert) {
  // Not the time of the last repetition: that would be a write a minute for every alert.
  const bool told = alert.last_sent_ms >= std::max(alert.fired_at_ms, alert.resolved_at_ms);
  const int64_t parts[] = {static_cast<int64_t>(alert.status),
                           alert.active_at_ms,
                           alert.frozen_ms,
                           alert.fired_at_ms,
                           alert.resolved_at_ms,
                           alert.keep_firing_since_ms,
                           alert.unseen_since_ms,
                           alert.last_sent_ms != 0 && told ? 1 : 0};
  return XXH64(parts, sizeof parts, 0) | 1;
}

Record RecordOfAlert(const std::string& rule, const Alert& alert) {
  std::string body = "{";
  AppendText("rule", rule, body);
  for (const auto& [status, name] : kStates) {
    if (status == alert.status) AppendText("state", name, body);
  }
  AppendObject("labels", alert.labels, body);
  AppendObject("annotations", alert.annotations, body);
  AppendText("value", fmt::format("{}", alert.value), body);
  if (!alert.unseen.empty()) AppendText("unseen", alert.unseen, body);
  AppendInt("active_at_ms", alert.active_at_ms, body);
  AppendInt("frozen_ms", alert.frozen_ms, body);
  AppendInt("fired_at_ms", alert.fired_at_ms, body);
  AppendInt("resolved_at_ms", alert.resolved_at_ms, body);
  AppendInt("keep_firing_since_ms", alert.keep_firing_since_ms, body);
  AppendInt("unseen_since_ms", alert.unseen_since_ms, body);
  AppendInt("unseen_for_ms", alert.unseen_for_ms, body);
  AppendInt("last_sent_ms", alert.last_sent_ms, body);
  return {RecordKind::kAlert, KeyOf(rule, alert.labels), Closed(std::move(body))};
}

Record ErasureOfAlert(const std::string& rule, const promql::Labels& labels) {
  return {RecordKind::kAlert, KeyOf(rule, labels), ""};
}

Record RecordOfGroup(const RuleGroup& group, const GroupProgress& progress) {
  std::string body = "{";
  AppendText("group", GroupIdentity(group), body);
  AppendInt("last_slot_ms", progress.last_slot_ms, body);
  AppendInt("last_asked_ms", progress.last_asked_ms, body);
  AppendInt("learned_offset_ms", progress.learned_offset_ms, body);
  return {RecordKind::kRule, HashText(GroupIdentity(group)), Closed(std::move(body))};
}

Record ErasureOfGroup(const RuleGroup& group) {
  return {RecordKind::kRule, HashText(GroupIdentity(group)), ""};
}

std::string EncodeOutgoing(const OutgoingAlert& alert) {
  std::string body = "{";
  AppendObject("labels", alert.labels, body);
  AppendObject("annotations", alert.annotations, body);
  AppendInt("starts_at_ms", alert.starts_at_ms, body);
  AppendInt("ends_at_ms", alert.ends_at_ms, body);
  AppendInt("valid_for_ms", alert.valid_for_ms, body);
  AppendInt("tier", static_cast<int64_t>(alert.tier), body);
  AppendText("generator_url", alert.generator_url, body);
  return Closed(std::move(body));
}

absl::StatusOr<OutgoingAlert> DecodeOutgoing(std::string_view json) {
  dom::parser parser;
  dom::element from;
  if (parser.parse(json.data(), json.size()).get(from) != simdjson::SUCCESS) {
    return InvalidArgument("not the JSON of an alert");
  }
  OutgoingAlert alert;
  alert.labels = promql::Labels::From(PairsOf(from, "labels"));
  for (auto& [name, text] : PairsOf(from, "annotations")) {
    alert.annotations.Set(std::move(name), std::move(text));
  }
  alert.starts_at_ms = IntOf(from, "starts_at_ms");
  alert.ends_at_ms = IntOf(from, "ends_at_ms");
  alert.valid_for_ms = IntOf(from, "valid_for_ms");
  alert.tier = static_cast<Tier>(std::clamp<int64_t>(IntOf(from, "tier"), 0, 2));
  alert.generator_url = TextOf(from, "generator_url");
  alert.transition = true;
  if (alert.labels.empty()) return InvalidArgument("an alert without labels");
  return alert;
}

RestoredStates::RestoredStates(const Records& records) {
  dom::parser parser;
  for (const Record& record : records) {
    if (record.kind == RecordKind::kOutbox) continue;
    dom::element from;
    if (parser.parse(record.body).get(from) != simdjson::SUCCESS) {
      ++unreadable_;
      continue;
    }
    if (record.kind == RecordKind::kRule) {
      groups_[TextOf(from, "group")] = {IntOf(from, "last_slot_ms"), IntOf(from, "last_asked_ms"),
                                        IntOf(from, "learned_offset_ms")};
      continue;
    }
    Alert alert;
    if (!ReadAlert(from, alert)) {
      ++unreadable_;
      continue;
    }
    const promql::Labels labels = alert.labels;
    rules_[TextOf(from, "rule")].alerts.emplace(labels, std::move(alert));
  }
}

RuleState RestoredStates::TakeRule(const std::string& identity) {
  auto node = rules_.extract(identity);
  return node.empty() ? RuleState() : std::move(node.mapped());
}

GroupProgress RestoredStates::TakeGroup(const RuleGroup& group) {
  auto node = groups_.extract(GroupIdentity(group));
  return node.empty() ? GroupProgress() : node.mapped();
}

std::map<std::string, RuleState> RestoredStates::TakeRest() { return std::exchange(rules_, {}); }

Records RestoredStates::TakeGoneGroups() {
  Records records;
  for (const auto& [identity, progress] : std::exchange(groups_, {})) {
    records.push_back({RecordKind::kRule, HashText(identity), ""});
  }
  return records;
}

}  // namespace synoptic::alerting
