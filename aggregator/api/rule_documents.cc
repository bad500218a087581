// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/rule_documents.h"

#include <charconv>
#include <cmath>

#include "aggregator/api/document.h"
#include "aggregator/api/encode.h"
#include "aggregator/api/endpoints.h"
#include "aggregator/api/times.h"
#include "base/go_format.h"
#include "base/json.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

using simdjson::dom::object;

Texts TextsMember(object parent, std::string_view key) {
  Texts texts;
  object member;
  if (parent.at_key(key).get(member) != simdjson::SUCCESS) return texts;
  for (const simdjson::dom::key_value_pair& field : member) {
    std::string_view value;
    if (field.value.get(value) == simdjson::SUCCESS) texts[std::string(field.key)] = value;
  }
  return texts;
}

// WithShardLabels, and the empty labels as they are.
Texts WithShard(Texts texts, const promql::Labels& shard) {
  const promql::Labels labels =
      WithShardLabels(promql::Labels::From({texts.begin(), texts.end()}), shard);
  for (const promql::Label label : labels) texts[std::string(label.name)] = label.value;
  return texts;
}

void AppendTexts(const Texts& texts, std::string& out) {
  out += '{';
  for (const auto& [name, text] : texts) {
    if (out.back() != '{') out += ',';
    AppendJsonString(name, out);
    out += ':';
    AppendJsonString(text, out);
  }
  out += '}';
}

AlertInfo ParseAlert(object alert, const promql::Labels& shard) {
  AlertInfo info;
  info.labels = WithShardLabels(LabelsMember(alert, "labels"), shard);
  info.annotations = TextsMember(alert, "annotations");
  // Any other word breaks readers, Prometheus' own page among them.
  info.state = StringMember(alert, "state") == "pending" ? "pending" : "firing";
  info.active_at_ns = Rfc3339ToNanos(StringMember(alert, "activeAt"));
  info.keep_firing_since_ns = Rfc3339ToNanos(StringMember(alert, "keepFiringSince"));
  info.value = std::string(StringMember(alert, "value"));
  return info;
}

std::vector<AlertInfo> ParseAlertList(object parent, const promql::Labels& shard) {
  std::vector<AlertInfo> alerts;
  for (const simdjson::dom::element element : ArrayMember(parent, "alerts")) {
    object alert;
    if (element.get(alert) == simdjson::SUCCESS) alerts.push_back(ParseAlert(alert, shard));
  }
  return alerts;
}

std::string RuleState(std::string_view state) {
  for (const std::string_view known : {"firing", "pending", "inactive"}) {
    if (state == known) return std::string(known);
  }
  return "unknown";
}

RuleInfo ParseRule(object rule, const promql::Labels& shard) {
  RuleInfo info;
  info.alerting = StringMember(rule, "type") != "recording";
  info.name = std::string(StringMember(rule, "name"));
  info.query = std::string(StringMember(rule, "query"));
  info.state = RuleState(StringMember(rule, "state"));
  info.duration_s = NumberMember(rule, "duration");
  info.keep_firing_for_s = NumberMember(rule, "keepFiringFor");
  info.labels = WithShard(TextsMember(rule, "labels"), shard);
  info.annotations = TextsMember(rule, "annotations");
  info.alerts = ParseAlertList(rule, shard);
  info.health = std::string(StringMember(rule, "health"));
  info.last_error = std::string(StringMember(rule, "lastError"));
  info.evaluation_s = NumberMember(rule, "evaluationTime");
  info.last_evaluation_ns = Rfc3339ToNanos(StringMember(rule, "lastEvaluation"));
  return info;
}

void AppendKey(std::string_view key, std::string& out) {
  out += ",\"";
  out += key;
  out += "\":";
}
void AppendTime(std::string_view key, int64_t ns, std::string& out) {
  AppendKey(key, out);
  out += '"' + FormatRfc3339(ns) + '"';
}
void AppendText(std::string_view key, std::string_view text, std::string& out) {
  AppendKey(key, out);
  AppendJsonHtmlString(text, out);
}

}  // namespace

std::string FormatAlertValue(double value) {
  if (!std::isfinite(value)) return GoFloatF(value);
  char buffer[64];
  const auto [end, error] =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  return {buffer, end};
}

std::vector<RuleGroupInfo> ParseRuleGroups(std::string_view data, std::string_view region,
                                           std::string_view shard, const promql::Labels& labels) {
  std::vector<RuleGroupInfo> groups;
  const Document document(data);
  object root;
  if (!document.ok() || document.root().get(root) != simdjson::SUCCESS) return groups;
  for (const simdjson::dom::element element : ArrayMember(root, "groups")) {
    object group;
    if (element.get(group) != simdjson::SUCCESS) continue;
    RuleGroupInfo info;
    info.name = std::string(StringMember(group, "name"));
    info.file = fmt::format("{}/{}/{}", region, shard, StringMember(group, "file"));
    info.interval_s = NumberMember(group, "interval");
    info.limit = static_cast<int64_t>(NumberMember(group, "limit"));
    info.evaluation_s = NumberMember(group, "evaluationTime");
    info.last_evaluation_ns = Rfc3339ToNanos(StringMember(group, "lastEvaluation"));
    for (const simdjson::dom::element item : ArrayMember(group, "rules")) {
      object rule;
      if (item.get(rule) == simdjson::SUCCESS) info.rules.push_back(ParseRule(rule, labels));
    }
    groups.push_back(std::move(info));
  }
  return groups;
}

std::vector<AlertInfo> ParseAlerts(std::string_view data, const promql::Labels& labels) {
  const Document document(data);
  object root;
  if (!document.ok() || document.root().get(root) != simdjson::SUCCESS) return {};
  return ParseAlertList(root, labels);
}

void AppendAlert(const AlertInfo& alert, std::string& out) {
  out += "{\"labels\":";
  AppendLabels(alert.labels, out);
  AppendKey("annotations", out);
  AppendTexts(alert.annotations, out);
  AppendText("state", alert.state, out);
  if (alert.active_at_ns != kNever) AppendTime("activeAt", alert.active_at_ns, out);
  if (alert.keep_firing_since_ns != kNever) {
    AppendTime("keepFiringSince", alert.keep_firing_since_ns, out);
  }
  AppendText("value", alert.value, out);
  out += '}';
}

void AppendRule(const RuleInfo& rule, bool with_alerts, std::string& out) {
  out += '{';
  if (rule.alerting) {
    out += "\"state\":";
    AppendJsonHtmlString(rule.state, out);
    out += ',';
  }
  out += "\"name\":";
  AppendJsonHtmlString(rule.name, out);
  AppendText("query", rule.query, out);
  if (rule.alerting) {
    AppendKey("duration", out);
    out += GoFloatF(rule.duration_s);
    AppendKey("keepFiringFor", out);
    out += GoFloatF(rule.keep_firing_for_s);
  }
  AppendKey("labels", out);
  AppendTexts(rule.labels, out);
  if (rule.alerting) {
    AppendKey("annotations", out);
    AppendTexts(rule.annotations, out);
    AppendKey("alerts", out);
    if (!with_alerts) {
      out += "null";
    } else {
      out += '[';
      for (size_t i = 0; i < rule.alerts.size(); ++i) {
        if (i > 0) out += ',';
        AppendAlert(rule.alerts[i], out);
      }
      out += ']';
    }
  }
  AppendText("health", rule.health, out);
  if (!rule.last_error.empty()) AppendText("lastError", rule.last_error, out);
  AppendKey("evaluationTime", out);
  out += GoFloatF(rule.evaluation_s);
  AppendTime("lastEvaluation", rule.last_evaluation_ns, out);
  AppendText("type", rule.alerting ? "alerting" : "recording", out);
  out += '}';
}

}  // namespace synoptic::aggregator
