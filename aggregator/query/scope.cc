// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/scope.h"

#include <algorithm>
#include <set>

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

bool ReachableShard::available() const {
  return std::any_of(stores.begin(), stores.end(),
                     [](const Store& store) { return store.client->available(); });
}

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
                                   [&](const Region& region) { return region.name == name; }) ||
                       (name == kOwnRegion && upstreams.own != nullptr);
    if (!known) return InvalidArgument("unknown region \"{}\"", name);
  }
  Reach reach;
  reach.regions = regions.size();
  size_t index = 0;  // of the shard in all of the inventory
  for (const Region& region : regions) {
    const size_t first = reach.shards.size();  // places of this region
    for (const Shard& shard : region.shards) {
      const size_t i = index++;
      const promql::Labels labels = LabelsOf(region, shard);
      auto place = std::find_if(
          reach.shards.begin() + static_cast<std::ptrdiff_t>(first), reach.shards.end(),
          [&](const ReachableShard& known) { return known.place.labels == labels; });
      if (place == reach.shards.end()) {
        ReachableShard fresh;
        fresh.place = {region.name, shard.name, labels};
        fresh.asked =
            only.empty() || std::find(only.begin(), only.end(), region.name) != only.end();
        fresh.required = Required(region.policy, policy);
        fresh.optional = !fresh.required && region.policy == RegionPolicy::kOptional;
        fresh.cache = i < upstreams.caches.size() ? upstreams.caches[i] : nullptr;
        fresh.edge = i < upstreams.edges.size() ? upstreams.edges[i] : nullptr;
        place = reach.shards.insert(place, std::move(fresh));
      }
      place->exact = place->exact && TraitsOf(shard.flavor).computes_exactly;
      place->stores.push_back(
          {upstreams.clients[i],
           i < upstreams.availability.size() ? upstreams.availability[i] : nullptr,
           shard.min_age_ms, shard.max_age_ms});
    }
  }
  for (ReachableShard& place : reach.shards) {
    std::sort(place.stores.begin(), place.stores.end(), Fresher);
  }
  if (upstreams.own != nullptr) {
    ReachableShard own;
    own.place = {kOwnRegion, kOwnShard, {}};
    own.stores.push_back({upstreams.own, nullptr});
    own.asked = only.empty() || std::find(only.begin(), only.end(), kOwnRegion) != only.end();
    own.required = Required(RegionPolicy::kDegrade, policy);
    reach.own = {static_cast<int>(reach.shards.size()), upstreams.own_may_hold};
    reach.shards.push_back(std::move(own));
  }
  return reach;
}

void WatchEdges(const Reach& reach, const boost::asio::any_io_executor& executor,
                const Clock& clock, TaskGroup& group) {
  constexpr MonoDuration kReadTimeout = std::chrono::seconds(10);
  for (const ReachableShard& shard : reach.shards) {
    // The edge of stores of different ages is none of theirs alone.
    if (shard.edge == nullptr || !shard.asked || shard.stores.size() != 1) continue;
    if (!shard.available() || !shard.cache->edge().Begin(clock.WallMillis())) continue;
    group.Spawn(executor, "edge",
                EdgeReader::Read(shard.edge, Deadline::After(clock, kReadTimeout)));
  }
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
  std::set<std::string_view> required;
  for (const ReachableShard& shard : reach.shards) {
    if (shard.required) required.insert(shard.place.region);
  }
  // A required region that misses regions of its own is missing them here, too.
  Coverage of_required;
  for (const PartCoverage& part : coverage.parts()) {
    if (required.contains(part.region)) of_required.Add(part);
  }
  std::string missing;
  for (const auto& [region, reason] : of_required.MissingRegions()) {
    absl::StrAppend(&missing, missing.empty() ? "" : ", ", region, " (", reason, ")");
  }
  if (missing.empty()) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kUnavailable, "required regions are missing: {}", missing);
}

}  // namespace synoptic::aggregator
