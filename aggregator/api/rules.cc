// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <openssl/sha.h>

#include <algorithm>
#include <set>

#include "aggregator/api/endpoints.h"
#include "aggregator/api/rule_documents.h"
#include "aggregator/api/times.h"
#include "base/go_format.h"
#include "base/json.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::aggregator {
namespace {

struct RuleFilter {
  std::set<std::string, std::less<>> rules, groups, files;
  std::vector<std::vector<promql::Matcher>> matchers;  // any set, all of its matchers
  bool alerting = true;
  bool recording = true;
  bool with_alerts = true;
  int64_t max_groups = 0;  // 0: no paging
  std::string next_token;
};

std::set<std::string, std::less<>> AsSet(std::vector<std::string> values) {
  return {std::make_move_iterator(values.begin()), std::make_move_iterator(values.end())};
}

absl::StatusOr<bool> GoParseBool(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "true"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"0", "f", "false"}) {
    if (text == no) return false;
  }
  return InvalidArgument("strconv.ParseBool: parsing {}: invalid syntax", GoQuote(text));
}

absl::Status ReadPaging(const Params& params, RuleFilter* filter) {
  const std::string_view limit = params.Get("group_limit");
  filter->next_token = std::string(params.Get("group_next_token"));
  if (limit.empty()) {
    if (filter->next_token.empty()) return absl::OkStatus();
    return InvalidParameter("group_next_token",
                            "group_limit needs to be present in order to paginate over the groups");
  }
  const auto number = GoAtoi(limit);
  const bool too_large = number.ok() && (*number > std::numeric_limits<int32_t>::max() ||
                                         *number < std::numeric_limits<int32_t>::min());
  if (!number.ok() || too_large) {
    return InvalidParameter(
        "group_limit",
        fmt::format("group_limit needs to be a valid number: strconv.ParseInt: parsing {}: {}",
                    GoQuote(limit), too_large ? "value out of range" : "invalid syntax"));
  }
  if (*number <= 0)
    return InvalidParameter("group_limit", "group_limit needs to be greater than 0");
  filter->max_groups = *number;
  return absl::OkStatus();
}

absl::StatusOr<RuleFilter> ReadFilter(const Params& params) {
  RuleFilter filter;
  filter.rules = AsSet(params.All("rule_name[]"));
  filter.groups = AsSet(params.All("rule_group[]"));
  filter.files = AsSet(params.All("file[]"));
  ASSIGN_OR_RETURN(filter.matchers, ParseSelectors(params.All("match[]")));
  const std::string type = ToLowerAscii(params.Get("type"));
  if (!type.empty() && type != "alert" && type != "record") {
    return InvalidParameter("type", fmt::format("not supported value {}", GoQuote(type)));
  }
  filter.alerting = type != "record";
  filter.recording = type != "alert";
  if (const std::string text = ToLowerAscii(params.Get("exclude_alerts")); !text.empty()) {
    const auto exclude = GoParseBool(text);
    if (!exclude.ok()) {
      return InvalidParameter("exclude_alerts", fmt::format("error converting exclude_alerts: {}",
                                                            MessageOf(exclude.status())));
    }
    filter.with_alerts = !*exclude;
  }
  RETURN_IF_ERROR(ReadPaging(params, &filter));
  return filter;
}

bool Keeps(const RuleFilter& filter, const RuleInfo& rule) {
  if (rule.alerting ? !filter.alerting : !filter.recording) return false;
  if (!filter.rules.empty() && !filter.rules.contains(rule.name)) return false;
  if (filter.matchers.empty()) return true;
  const auto labels = promql::Labels::From({rule.labels.begin(), rule.labels.end()});
  return std::any_of(filter.matchers.begin(), filter.matchers.end(), [&labels](const auto& set) {
    return std::all_of(set.begin(), set.end(), [&labels](const promql::Matcher& matcher) {
      return matcher.Matches(labels);
    });
  });
}

// Hex SHA-256 of file;group: what Prometheus names the next page by.
std::string TokenOf(const RuleGroupInfo& group) {
  const std::string text = group.file + ";" + group.name;
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  std::string token;
  for (const unsigned char byte : digest) token += fmt::format("{:02x}", byte);
  return token;
}

void AppendGroup(const RuleGroupInfo& group, bool with_alerts, std::string& out) {
  out += "{\"name\":";
  AppendJsonHtmlString(group.name, out);
  out += ",\"file\":";
  AppendJsonHtmlString(group.file, out);
  out += ",\"rules\":[";
  for (size_t i = 0; i < group.rules.size(); ++i) {
    if (i > 0) out += ',';
    AppendRule(group.rules[i], with_alerts, out);
  }
  out += fmt::format(R"(],"interval":{},"limit":{},"evaluationTime":{},"lastEvaluation":)",
                     GoFloatF(group.interval_s), group.limit, GoFloatF(group.evaluation_s));
  out += '"' + FormatRfc3339(group.last_evaluation_ns) + "\"}";
}

// Filters and pages `groups` (sorted by file and name) into the answer.
absl::Status AppendGroups(const RuleFilter& filter, std::vector<RuleGroupInfo> groups,
                          std::string& out) {
  out += "{\"groups\":[";
  int64_t count = 0;
  std::string next_token;
  bool started = filter.next_token.empty();
  for (RuleGroupInfo& group : groups) {
    if (!started && TokenOf(group) != filter.next_token) continue;
    started = true;
    if (!filter.groups.empty() && !filter.groups.contains(group.name)) continue;
    if (!filter.files.empty() && !filter.files.contains(group.file)) continue;
    std::erase_if(group.rules, [&filter](const RuleInfo& rule) { return !Keeps(filter, rule); });
    if (group.rules.empty()) continue;
    if (filter.max_groups > 0 && count == filter.max_groups) {
      next_token = TokenOf(group);
      break;
    }
    if (count++ > 0) out += ',';
    AppendGroup(group, filter.with_alerts, out);
  }
  if (!started) {
    return InvalidParameter(
        "group_next_token",
        fmt::format("invalid group_next_token '{}'. were rule groups changed?", filter.next_token));
  }
  out += ']';
  if (!next_token.empty()) out += ",\"groupNextToken\":\"" + next_token + '"';
  out += '}';
  return absl::OkStatus();
}

}  // namespace

Task<Answer> RulesEndpoint(const Call& call) {
  CO_ASSIGN_OR_RETURN(const RuleFilter filter, ReadFilter(call.params));
  CO_ASSIGN_OR_RETURN(const CommonParams common, ReadCommonParams(call));
  CO_ASSIGN_OR_RETURN(const int64_t timeout_ms, ReadTimeout(call));
  DocumentsQuery query;
  query.path = "rules";
  query.deadline = call.QueryDeadline(timeout_ms);
  CO_ASSIGN_OR_RETURN(auto documents, co_await AskDocuments(call, std::move(query)));
  std::vector<RuleGroupInfo> groups;
  if (call.api.deps.rules != nullptr) groups = call.api.deps.rules->Groups();
  for (const ShardDocument& document : documents.items) {
    auto of_shard = ParseRuleGroups(document.data, document.region, document.shard,
                                    ShardLabels(call.api, document.region, document.shard));
    std::move(of_shard.begin(), of_shard.end(), std::back_inserter(groups));
  }
  std::sort(groups.begin(), groups.end(), [](const RuleGroupInfo& a, const RuleGroupInfo& b) {
    return std::tie(a.file, a.name) < std::tie(b.file, b.name);
  });
  Answer answer;
  answer.warnings = std::move(documents.warnings);
  CO_RETURN_IF_ERROR(AppendGroups(filter, std::move(groups), answer.body));
  Finish(call, common, std::move(documents.coverage), &answer);
  co_return answer;
}

Task<Answer> AlertsEndpoint(const Call& call) {
  CO_ASSIGN_OR_RETURN(const CommonParams common, ReadCommonParams(call));
  CO_ASSIGN_OR_RETURN(const int64_t timeout_ms, ReadTimeout(call));
  DocumentsQuery query;
  query.path = "alerts";
  query.deadline = call.QueryDeadline(timeout_ms);
  CO_ASSIGN_OR_RETURN(auto documents, co_await AskDocuments(call, std::move(query)));
  std::vector<AlertInfo> alerts;
  if (call.api.deps.rules != nullptr) {
    for (RuleGroupInfo& group : call.api.deps.rules->Groups()) {
      for (RuleInfo& rule : group.rules) {
        std::move(rule.alerts.begin(), rule.alerts.end(), std::back_inserter(alerts));
      }
    }
  }
  for (const ShardDocument& document : documents.items) {
    auto of_shard =
        ParseAlerts(document.data, ShardLabels(call.api, document.region, document.shard));
    std::move(of_shard.begin(), of_shard.end(), std::back_inserter(alerts));
  }
  std::sort(alerts.begin(), alerts.end(),
            [](const AlertInfo& a, const AlertInfo& b) { return a.labels < b.labels; });
  Answer answer;
  answer.warnings = std::move(documents.warnings);
  answer.body += "{\"alerts\":[";
  for (size_t i = 0; i < alerts.size(); ++i) {
    if (i > 0) answer.body += ',';
    AppendAlert(alerts[i], answer.body);
  }
  answer.body += "]}";
  Finish(call, common, std::move(documents.coverage), &answer);
  co_return answer;
}

}  // namespace synoptic::aggregator
