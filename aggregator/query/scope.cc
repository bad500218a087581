// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/scope.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "aggregator/upstream/flavor.h"
#include "aggregator/upstream/reason.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

bool Required(RegionPolicy region, PartialPolicy request) {
  switch (request) {
    case PartialPolicy::kRequire:
      return true;
    case PartialPolicy::kDegrade:
      return false;
    case PartialPolicy::kByRegion:
      return region == RegionPolicy::kRequire;
  }
  return true;
}

}  // namespace

promql::Topology Reach::MakeTopology() const {
  promql::Topology topology;
  for (const ReachableShard& shard : shards) topology.shards.push_back(shard.place);
  return topology;
}

absl::StatusOr<Reach> ReachOf(const Upstreams& upstreams, const std::vector<std::string>& only,
                              PartialPolicy policy) {
  const std::vector<Region>& regions = upstreams.inventory.regions;
  if (upstreams.clients.empty()) return absl::UnavailableError("no regions");
  for (const std::string& name : only) {
    const bool known = std::any_of(regions.begin(), regions.end(),
                                   [&](const Region& region) { return region.name == name; });
    if (!known) return InvalidArgument("unknown region \"{}\"", name);
  }
  const promql::Topology topology = upstreams.inventory.MakeTopology();
  Reach reach;
  reach.regions = regions.size();
  for (size_t i = 0; i < topology.shards.size(); ++i) {
    const promql::TopologyShard& place = topology.shards[i];
    const bool asked =
        only.empty() || std::find(only.begin(), only.end(), place.region) != only.end();
    const auto region = std::find_if(regions.begin(), regions.end(), [&](const Region& candidate) {
      return candidate.name == place.region;
    });
    const RegionPolicy own = region == regions.end() ? RegionPolicy::kDegrade : region->policy;
    const bool required = Required(own, policy);
    const bool optional = !required && own == RegionPolicy::kOptional;
    bool exact = true;
    if (region != regions.end()) {
      for (const Shard& shard : region->shards) {
        if (shard.name == place.shard) exact = TraitsOf(shard.flavor).computes_exactly;
      }
    }
    reach.shards.push_back({upstreams.clients[i], place, asked, required, optional, exact,
                            i < upstreams.availability.size() ? upstreams.availability[i] : nullptr,
                            i < upstreams.caches.size() ? upstreams.caches[i] : nullptr});
  }
  return reach;
}

std::string SourceName(const promql::TopologyShard& place) {
  return absl::StrCat("region \"", place.region, "\" shard \"", place.shard, "\"");
}

PartCoverage MissingPart(const ReachableShard& shard, const absl::Status& status) {
  PartCoverage part;
  part.region = shard.place.region;
  part.shard = shard.place.shard;
  part.state = PartState::kFailed;
  part.optional = shard.optional;
  part.reason = ReasonOf(status);
  part.detail = std::string(MessageOf(status));
  return part;
}

absl::Status CheckRequired(const Reach& reach, const Coverage& coverage) {
  // A required region that misses regions of its own is missing them here, too.
  Coverage of_required;
  for (const PartCoverage& part : coverage.parts()) {
    const bool required =
        std::any_of(reach.shards.begin(), reach.shards.end(), [&](const ReachableShard& shard) {
          return shard.required && shard.place.region == part.region;
        });
    if (required) of_required.Add(part);
  }
  std::string missing;
  for (const auto& [region, reason] : of_required.MissingRegions()) {
    absl::StrAppend(&missing, missing.empty() ? "" : ", ", region, " (", reason, ")");
  }
  if (missing.empty()) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kUnavailable, "required regions are missing: {}", missing);
}

}  // namespace synoptic::aggregator
