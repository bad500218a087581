// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// targets: those of the regions, with their region's labels. Synoptic itself scrapes nothing.
#include "aggregator/api/document.h"
#include "aggregator/api/encode.h"
#include "aggregator/api/endpoints.h"
#include "base/json.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

// The target as the region wrote it, with the shard's labels among `labels`.
void AppendTarget(simdjson::dom::object target, const promql::Labels& shard, std::string& out) {
  out += '{';
  bool first = true;
  for (const simdjson::dom::key_value_pair& field : target) {
    if (!first) out += ',';
    first = false;
    AppendJsonHtmlString(field.key, out);
    out += ':';
    if (field.key == "labels") {
      AppendLabels(WithShardLabels(LabelsMember(target, "labels"), shard), out);
    } else {
      out += simdjson::minify(field.value);
    }
  }
  out += '}';
}

void AppendTargets(simdjson::dom::object data, std::string_view key, const promql::Labels& shard,
                   std::string& out) {
  for (const simdjson::dom::element element : ArrayMember(data, key)) {
    simdjson::dom::object target;
    if (element.get(target) != simdjson::SUCCESS) continue;
    if (!out.empty()) out += ',';
    AppendTarget(target, shard, out);
  }
}

void AppendCounts(bool counted, const std::map<std::string, int64_t>& counts, std::string& out) {
  if (!counted) {
    out += "null";
    return;
  }
  out += '{';
  bool first = true;
  for (const auto& [pool, count] : counts) {
    if (!first) out += ',';
    first = false;
    AppendJsonHtmlString(pool, out);
    out += ':' + std::to_string(count);
  }
  out += '}';
}

}  // namespace

Task<Answer> TargetsEndpoint(const Call& call) {
  CO_ASSIGN_OR_RETURN(const CommonParams common, ReadCommonParams(call));
  CO_ASSIGN_OR_RETURN(const int64_t timeout_ms, ReadTimeout(call));
  DocumentsQuery query;
  query.path = "targets";
  net::Parameters form;
  for (const char* name : {"state", "scrapePool"}) {
    const std::string_view value = call.params.Get(name);
    if (!value.empty()) form.emplace_back(name, value);
  }
  query.query = net::EncodeForm(form);
  query.deadline = call.QueryDeadline(timeout_ms);
  query.via = common.via;
  CO_ASSIGN_OR_RETURN(auto documents, co_await call.api.deps.service.Documents(std::move(query)));
  std::string active;
  std::string dropped;
  std::map<std::string, int64_t> counts;
  bool counted = false;  // with state=active nobody counts, and Prometheus says null
  for (const ShardDocument& item : documents.items) {
    const Document document(item.data);
    simdjson::dom::object data;
    if (!document.ok() || document.root().get(data) != simdjson::SUCCESS) continue;
    const promql::Labels shard = ShardLabels(call.api, item.region, item.shard);
    AppendTargets(data, "activeTargets", shard, active);
    AppendTargets(data, "droppedTargets", shard, dropped);
    simdjson::dom::object of_shard;
    if (data.at_key("droppedTargetCounts").get(of_shard) != simdjson::SUCCESS) continue;
    counted = true;
    for (const simdjson::dom::key_value_pair& field : of_shard) {
      int64_t count = 0;
      if (field.value.get(count) == simdjson::SUCCESS) counts[std::string(field.key)] += count;
    }
  }
  Answer answer;
  answer.warnings = std::move(documents.warnings);
  answer.body += "{\"activeTargets\":[" + active + "],\"droppedTargets\":[" + dropped +
                 "],\"droppedTargetCounts\":";
  AppendCounts(counted, counts, answer.body);
  answer.body += '}';
  Finish(call, common, std::move(documents.coverage), &answer);
  co_return answer;
}

}  // namespace synoptic::aggregator
