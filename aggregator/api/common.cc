// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "aggregator/api/endpoints.h"
#include "aggregator/api/times.h"
#include "aggregator/upstream/loop_guard.h"
#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::aggregator {
namespace {

std::string_view HeaderOf(const Call& call, std::string_view name) {
  return call.request.request.headers.Get(name).value_or("");
}

absl::StatusOr<PartialPolicy> ReadPartial(const Call& call) {
  const std::string_view text = call.params.Get("partial");
  if (text == "require") return PartialPolicy::kRequire;
  if (text == "degrade") return PartialPolicy::kDegrade;
  if (text == "policy") return PartialPolicy::kByRegion;
  if (!text.empty()) {
    return InvalidParameter(
        "partial", fmt::format("expected require, degrade or policy, got {}", GoQuote(text)));
  }
  // Rules of Grafana ignore warnings: half an answer would be a wrong one.
  if (call.api.options.alert_requests_required && HeaderOf(call, "FromAlert") == "true") {
    return PartialPolicy::kRequire;
  }
  return PartialPolicy::kByRegion;
}

absl::StatusOr<std::vector<std::string>> ReadRegionNames(const Call& call) {
  std::vector<std::string> names;
  const std::string_view text = call.params.Get("regions");
  if (text.empty()) return names;
  for (const std::string_view part : Split(text, ',')) {
    const std::string_view name = Trim(part);
    const auto& known = call.api.regions;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return InvalidParameter("regions", fmt::format("no region {}; expected some of {}",
                                                     GoQuote(name), Join(known, ", ")));
    }
    names.emplace_back(name);
  }
  return names;
}

}  // namespace

Deadline Call::QueryDeadline(int64_t timeout_ms) const {
  return Deadline::After(api.deps.clock, std::chrono::milliseconds(timeout_ms));
}

absl::StatusOr<CommonParams> ReadCommonParams(const Call& call) {
  CommonParams common;
  ASSIGN_OR_RETURN(common.partial, ReadPartial(call));
  ASSIGN_OR_RETURN(common.regions, ReadRegionNames(call));
  common.explain = call.params.Get("explain") == "1";
  common.coverage = call.params.Get("coverage") == "1";
  common.nocache = call.params.Get("nocache") == "1";
  common.via = HeaderOf(call, kViaHeader);
  return common;
}

absl::StatusOr<int64_t> ReadTimeout(const Call& call) {
  constexpr int64_t kGrafanaMs = 25'000;  // below the 30 s after which Grafana hangs up
  constexpr int64_t kReserveMs = 500;
  const int64_t server_ms = call.api.options.query_timeout_ms;
  const std::string_view text = call.params.Get("timeout");
  if (text.empty()) {
    const bool grafana = HeaderOf(call, "User-Agent").starts_with("Grafana/");
    return grafana ? std::min(server_ms, kGrafanaMs) : server_ms;
  }
  const auto timeout = ParseApiDuration(text);
  if (!timeout.ok()) return InvalidParameter("timeout", MessageOf(timeout.status()));
  if (*timeout <= 0) {
    return InvalidParameter(
        "timeout", fmt::format("timeout must be positive, got {}", FormatGoDuration(*timeout)));
  }
  const int64_t ms = std::max<int64_t>(*timeout / 1'000'000, 1);
  return std::min(server_ms, ms - std::min(ms / 10, kReserveMs));
}

promql::Labels ShardLabels(const Context& api, std::string_view region, std::string_view shard) {
  for (const promql::TopologyShard& entry : api.topology.shards) {
    if (entry.region == region && entry.shard == shard) return entry.labels;
  }
  return {};
}

promql::Labels WithShardLabels(const promql::Labels& labels, const promql::Labels& shard) {
  promql::LabelsBuilder builder(labels);
  for (const promql::Label label : shard) {
    const std::string own(labels.Get(label.name));
    if (!own.empty() && own != label.value) builder.Set("exported_" + std::string(label.name), own);
    builder.Set(label.name, label.value);
  }
  return builder.Build();
}

Task<ListAnswer<ShardDocument>> AskDocuments(const Call& call, DocumentsQuery query) {
  query.via = HeaderOf(call, kViaHeader);
  auto documents = co_await call.api.deps.service.Documents(std::move(query));
  if (documents.ok() || !absl::IsUnavailable(documents.status())) co_return documents;
  ListAnswer<ShardDocument> none;
  for (const promql::TopologyShard& shard : call.api.topology.shards) {
    PartCoverage part;
    part.region = shard.region;
    part.shard = shard.shard;
    part.state = PartState::kFailed;
    part.reason = "down";
    part.detail = std::string(MessageOf(documents.status()));
    none.coverage.Add(std::move(part));
  }
  co_return none;
}

void Finish(const Call& call, const CommonParams& common, Coverage coverage, Answer* answer) {
  answer->coverage = std::move(coverage);
  answer->coverage_block = common.coverage;
  answer->regions = call.api.regions.size();
}

}  // namespace synoptic::aggregator
