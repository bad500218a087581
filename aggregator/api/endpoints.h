// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The endpoints, one file each. An endpoint gets the request and what the Api was built from, and
// ends in an Answer or a status that error_table.h turns into the API's error.
#pragma once

#include <compare>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "aggregator/api/answer.h"
#include "aggregator/api/answer_memory.h"
#include "aggregator/api/api.h"
#include "aggregator/api/params.h"

namespace synoptic::aggregator {

// What a metric is, as its targets say.
struct MetadataEntry {
  std::string type;
  std::string unit;
  std::string help;
  friend auto operator<=>(const MetadataEntry&, const MetadataEntry&) = default;
};
// Of all regions, by metric; no set is empty.
using MergedMetadata = std::map<std::string, std::set<MetadataEntry>, std::less<>>;

// What was last known of a shard's metadata: served while it is dark, since browsers keep such
// lists for days.
class MetadataMemory {
 public:
  struct Entry {
    std::string data;
    int64_t wall_ms = 0;
  };
  void Remember(const ShardDocument& document, int64_t wall_ms);
  // Entries by region and shard.
  std::map<std::pair<std::string, std::string>, Entry> Known() const;

 private:
  mutable absl::Mutex mutex_;
  std::map<std::pair<std::string, std::string>, Entry> known_ ABSL_GUARDED_BY(mutex_);
};

// What all endpoints share. Lives as long as the Api.
struct Context {
  const ApiDependencies& deps;
  const promql::Topology& topology;
  const ApiOptions& options;
  std::vector<std::string> regions;  // configured, in order
  MetadataMemory& metadata_memory;
  AnswerMemory& answer_memory;
};

// One request. References outlive the endpoint's coroutine.
struct Call {
  const Context& api;
  const net::RequestContext& request;
  const Params& params;
  std::string_view path_argument;  // the <name> of label/<name>/values

  Deadline QueryDeadline(int64_t timeout_ms) const;
};

// Parameters that all queries understand.
struct CommonParams {
  PartialPolicy partial = PartialPolicy::kByRegion;
  std::vector<std::string> regions;
  bool explain = false;
  bool coverage = false;
  bool nocache = false;
  std::string via;  // the Synoptics that the request came through
};
absl::StatusOr<CommonParams> ReadCommonParams(const Call& call);
// The `timeout` parameter bounded by the server's, less a reserve to answer in; ms.
absl::StatusOr<int64_t> ReadTimeout(const Call& call);
// The labels that the topology puts on series of a shard.
promql::Labels ShardLabels(const Context& api, std::string_view region, std::string_view shard);
// `labels` with the shard's; an own label of that name is kept as exported_<name>.
promql::Labels WithShardLabels(const promql::Labels& labels, const promql::Labels& shard);

// Asks every shard for a document. What Synoptic itself knows (own rules, remembered metadata) is
// shown even when no region answers: then there are no documents, and all are missing.
Task<ListAnswer<ShardDocument>> AskDocuments(const Call& call, DocumentsQuery query);

// The metadata of all metrics, of dark regions what was last known.
Task<MergedMetadata> AskMetadata(const Call& call, Deadline deadline);

// Fills what every answer to a query carries.
void Finish(const Call& call, const CommonParams& common, Coverage coverage, Answer* answer);

// Whether and how an answer may be kept for others who ask the same.
Keep KeepQuery(const Call& call);
Keep KeepQueryRange(const Call& call);

Task<Answer> QueryEndpoint(const Call& call);
Task<Answer> QueryRangeEndpoint(const Call& call);
Task<Answer> QueryExemplarsEndpoint(const Call& call);
Task<Answer> SeriesEndpoint(const Call& call);
Task<Answer> LabelsEndpoint(const Call& call);
Task<Answer> LabelValuesEndpoint(const Call& call);
Task<Answer> MetadataEndpoint(const Call& call);
Task<Answer> RulesEndpoint(const Call& call);
Task<Answer> AlertsEndpoint(const Call& call);
Task<Answer> AlertmanagersEndpoint(const Call& call);
Task<Answer> TargetsEndpoint(const Call& call);
Task<Answer> FormatQueryEndpoint(const Call& call);
Task<Answer> ParseQueryEndpoint(const Call& call);
Task<Answer> FeaturesEndpoint(const Call& call);
Task<Answer> BuildInfoEndpoint(const Call& call);
Task<Answer> RuntimeInfoEndpoint(const Call& call);
Task<Answer> CacheEndpoint(const Call& call);
Task<Answer> DropCacheEndpoint(const Call& call);
Task<Answer> BackfillEndpoint(const Call& call);
Task<Answer> ConfigEndpoint(const Call& call);
Task<Answer> FlagsEndpoint(const Call& call);
Task<Answer> DeliveriesEndpoint(const Call& call);
Task<Answer> ObserversEndpoint(const Call& call);

// Not JSON, or not in its envelope: they answer for themselves.
Task<net::HttpResponse> FederateEndpoint(const Call& call);
Task<net::HttpResponse> ReadEndpoint(const Call& call);
Task<net::HttpResponse> SearchMetricNamesEndpoint(const Call& call);
Task<net::HttpResponse> SearchLabelNamesEndpoint(const Call& call);
Task<net::HttpResponse> SearchLabelValuesEndpoint(const Call& call);
Task<net::HttpResponse> HealthyEndpoint(const Call& call);
Task<net::HttpResponse> ReadyEndpoint(const Call& call);
Task<net::HttpResponse> ReloadEndpoint(const Call& call);
Task<net::HttpResponse> MetricsEndpoint(const Call& call);
Task<net::HttpResponse> WriteEndpoint(const Call& call);
Task<net::HttpResponse> PlanningEndpoint(const Call& call);

}  // namespace synoptic::aggregator
