// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/document.h"
#include "aggregator/api/endpoints.h"
#include "base/go_format.h"
#include "base/json.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

using Entry = MetadataEntry;
using Merged = MergedMetadata;

struct Filter {
  int64_t limit = -1;             // metrics; negative: none
  int64_t limit_per_metric = -1;  // 0 and below: none
  std::string metric;
};

absl::StatusOr<Filter> ReadFilter(const Params& params) {
  Filter filter;
  filter.metric = std::string(params.Get("metric"));
  if (const std::string_view text = params.Get("limit"); !text.empty()) {
    const auto limit = GoAtoi(text);
    if (!limit.ok()) return InvalidArgument("limit must be a number");
    filter.limit = *limit;
  }
  if (const std::string_view text = params.Get("limit_per_metric"); !text.empty()) {
    const auto limit = GoAtoi(text);
    if (!limit.ok()) return InvalidArgument("limit_per_metric must be a number");
    filter.limit_per_metric = *limit;
  }
  return filter;
}

void AddDocument(std::string_view data, const Filter& filter, Merged* merged) {
  const Document document(data);
  simdjson::dom::object metrics;
  if (!document.ok() || document.root().get(metrics) != simdjson::SUCCESS) return;
  for (const simdjson::dom::key_value_pair& field : metrics) {
    if (!filter.metric.empty() && field.key != filter.metric) continue;
    simdjson::dom::array entries;
    if (field.value.get(entries) != simdjson::SUCCESS) continue;
    for (const simdjson::dom::element entry : entries) {
      simdjson::dom::object object;
      if (entry.get(object) != simdjson::SUCCESS) continue;
      std::string_view type = StringMember(object, "type");
      // Grafana calls type.toLowerCase(): it must be there.
      if (type.empty()) type = "unknown";
      // Inserted only together with an entry: an empty list would cost Grafana all metadata.
      std::set<Entry>& entries_of = (*merged)[std::string(field.key)];
      entries_of.insert({std::string(type), std::string(StringMember(object, "unit")),
                         std::string(StringMember(object, "help"))});
    }
  }
}

void AppendMerged(const Merged& merged, const Filter& filter, std::string& out) {
  out += '{';
  int64_t metrics = 0;
  for (const auto& [name, entries] : merged) {
    if (filter.limit >= 0 && metrics >= filter.limit) break;
    if (metrics++ > 0) out += ',';
    AppendJsonHtmlString(name, out);
    out += ":[";
    int64_t count = 0;
    for (const Entry& entry : entries) {
      if (filter.limit_per_metric > 0 && count >= filter.limit_per_metric) break;
      out += count++ > 0 ? ",{\"type\":" : "{\"type\":";
      AppendJsonHtmlString(entry.type, out);
      out += ",\"unit\":";
      AppendJsonHtmlString(entry.unit, out);
      out += ",\"help\":";
      AppendJsonHtmlString(entry.help, out);
      out += '}';
    }
    out += ']';
  }
  out += '}';
}

}  // namespace

void MetadataMemory::Remember(const ShardDocument& document, int64_t wall_ms) {
  absl::MutexLock lock(&mutex_);
  known_[{document.region, document.shard}] = {document.data, wall_ms};
}

std::map<std::pair<std::string, std::string>, MetadataMemory::Entry> MetadataMemory::Known() const {
  absl::MutexLock lock(&mutex_);
  return known_;
}

Task<MergedMetadata> AskMetadata(const Call& call, Deadline deadline) {
  DocumentsQuery query;
  query.path = "metadata";
  query.deadline = deadline;
  query.may_be_old = true;
  CO_ASSIGN_OR_RETURN(auto documents, co_await AskDocuments(call, std::move(query)));
  Merged merged;
  const int64_t now = call.api.deps.clock.WallMillis();
  for (const ShardDocument& document : documents.items) {
    call.api.metadata_memory.Remember(document, now);
  }
  for (const auto& [shard, entry] : call.api.metadata_memory.Known()) {
    AddDocument(entry.data, Filter(), &merged);
  }
  co_return merged;
}

Task<Answer> MetadataEndpoint(const Call& call) {
  CO_ASSIGN_OR_RETURN(const Filter filter, ReadFilter(call.params));
  CO_ASSIGN_OR_RETURN(const CommonParams common, ReadCommonParams(call));
  CO_ASSIGN_OR_RETURN(const int64_t timeout_ms, ReadTimeout(call));
  DocumentsQuery query;
  query.path = "metadata";
  // No limit is passed on: regions would cut different metrics.
  if (!filter.metric.empty()) query.query = net::EncodeForm({{"metric", filter.metric}});
  query.deadline = call.QueryDeadline(timeout_ms);
  query.may_be_old = !common.nocache;
  query.explain = common.explain;
  CO_ASSIGN_OR_RETURN(auto documents, co_await AskDocuments(call, std::move(query)));

  Answer answer;
  answer.warnings = std::move(documents.warnings);
  answer.explain = std::move(documents.explain);
  Merged merged;
  std::set<std::pair<std::string, std::string>> fresh;
  const int64_t now = call.api.deps.clock.WallMillis();
  for (const ShardDocument& document : documents.items) {
    AddDocument(document.data, filter, &merged);
    fresh.insert({document.region, document.shard});
    if (filter.metric.empty()) call.api.metadata_memory.Remember(document, now);
  }
  for (const auto& [shard, entry] : call.api.metadata_memory.Known()) {
    if (fresh.contains(shard)) continue;
    AddDocument(entry.data, filter, &merged);
    answer.warnings.push_back(fmt::format("metadata of region {} shard {} is {} s old",
                                          GoQuote(shard.first), GoQuote(shard.second),
                                          (now - entry.wall_ms) / 1000));
  }
  AppendMerged(merged, filter, answer.body);
  Finish(call, common, std::move(documents.coverage), &answer);
  co_return answer;
}

}  // namespace synoptic::aggregator
