// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Which shards a request may ask, and which of them it cannot do without.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregator/cache/shard_cache.h"
#include "aggregator/merge/coverage.h"
#include "aggregator/query/edge_reader.h"
#include "aggregator/query/query_service.h"
#include "aggregator/query/service.h"
#include "aggregator/query/stores.h"
#include "promql/plan/plan.h"

namespace synoptic::aggregator {

// One shard as a request sees it.
struct ReachableShard {
  std::vector<Store> stores;  // the freshest first; one, but for shards of different ages
  promql::TopologyShard place;
  bool asked = true;      // false: another region was named by the request
  bool required = false;  // without it there is no answer
  bool optional = false;  // missing without a warning
  bool exact = true;      // computes as Prometheus does: may be asked for more than samples
  std::shared_ptr<ShardCache> cache = nullptr;  // null: nothing is remembered
  std::shared_ptr<EdgeReader> edge = nullptr;   // reads for the cache how far samples have come

  // Whether asking can be worth it: which store the answer lies in is seen later.
  bool available() const;
};

struct Reach {
  // All, in order of configuration: what a label means does not depend on who is asked.
  std::vector<ReachableShard> shards;
  size_t regions = 0;
  promql::OwnSeries own;      // which of `shards` is none of a region
  bool check_chunks = false;  // see RawRequest
  std::string via;            // of the request

  promql::Topology MakeTopology() const;
  bool IsOwn(size_t shard) const { return static_cast<int>(shard) == own.shard; }
};

// Unavailable without regions; InvalidArgument naming an unknown region of `only`.
absl::StatusOr<Reach> ReachOf(const Upstreams& upstreams, const std::vector<std::string>& only,
                              PartialPolicy policy);

// Reads anew, in the background, how far the samples of those have come that are asked.
void WatchEdges(const Reach& reach, const boost::asio::any_io_executor& executor,
                const Clock& clock, TaskGroup& group);

// `region "eu-1" shard "main"`
std::string SourceName(const promql::TopologyShard& place);

// The part of a shard that gave no answer.
PartCoverage MissingPart(const ReachableShard& shard, const absl::Status& status);

// Unavailable naming every required region that is missing, otherwise OK.
absl::Status CheckRequired(const Reach& reach, const Coverage& coverage);

}  // namespace synoptic::aggregator
