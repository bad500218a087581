// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/inventory.h"

#include <map>
#include <set>

#include "base/status.h"

namespace synoptic::aggregator {
namespace {

promql::Labels LabelsOf(const Region& region, const Shard& shard) {
  promql::LabelsBuilder builder(region.labels);
  for (const promql::Label label : shard.labels) builder.Set(label.name, label.value);
  return builder.Build();
}

std::string Name(const Region& region, const Shard& shard) {
  return fmt::format("region \"{}\" shard \"{}\"", region.name, shard.name);
}

absl::Status ValidateLabels(std::string_view owner, const promql::Labels& labels) {
  for (const promql::Label label : labels) {
    if (label.name.starts_with("__")) {
      return InvalidArgument("{}: label \"{}\": names that start with __ are reserved", owner,
                             label.name);
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateShard(const Region& region, const Shard& shard) {
  const std::string name = Name(region, shard);
  RETURN_IF_ERROR(ValidateLabels(name, shard.labels));
  for (const promql::Label label : shard.labels) {
    if (!region.labels.Get(label.name).empty()) {
      return InvalidArgument("{}: label \"{}\" is set by the region already", name, label.name);
    }
  }
  if (shard.replicas.empty()) return InvalidArgument("{}: no replicas", name);
  if (shard.timeout_ms <= 0) {
    return InvalidArgument("{}: timeout {} ms: expected more than 0", name, shard.timeout_ms);
  }
  if (shard.max_concurrency <= 0) {
    return InvalidArgument("{}: max_concurrency {}: expected more than 0", name,
                           shard.max_concurrency);
  }
  if (shard.max_response_bytes <= 0) {
    return InvalidArgument("{}: max_response_bytes {}: expected more than 0", name,
                           shard.max_response_bytes);
  }
  if (shard.min_age_ms < 0 || shard.max_age_ms < 0 ||
      (shard.max_age_ms != 0 && shard.max_age_ms <= shard.min_age_ms)) {
    return InvalidArgument("{}: time_range: expected min_age < max_age, got {} ms and {} ms", name,
                           shard.min_age_ms, shard.max_age_ms);
  }
  return absl::OkStatus();
}

absl::Status ValidateRegion(const Region& region) {
  if (region.name.empty()) return InvalidArgument("a region has no name");
  const std::string name = fmt::format("region \"{}\"", region.name);
  RETURN_IF_ERROR(ValidateLabels(name, region.labels));
  if (region.labels.empty()) return InvalidArgument("{}: no labels", name);
  if (region.shards.empty()) return InvalidArgument("{}: no shards", name);
  if (!(region.weight >= 0)) {
    return InvalidArgument("{}: weight {}: expected 0 or more", name, region.weight);
  }
  std::set<std::string_view> shards;
  for (const Shard& shard : region.shards) {
    if (shard.name.empty()) return InvalidArgument("{}: a shard has no name", name);
    if (!shards.insert(shard.name).second) {
      return InvalidArgument("{}: shard \"{}\" is listed twice", name, shard.name);
    }
    RETURN_IF_ERROR(ValidateShard(region, shard));
    const promql::Labels labels = LabelsOf(region, shard);
    for (const std::string& replica_label : region.replica_labels) {
      if (!labels.Get(replica_label).empty()) {
        return InvalidArgument("{}: replica label \"{}\" is also a label of shard \"{}\"", name,
                               replica_label, shard.name);
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

promql::Topology Inventory::MakeTopology() const {
  promql::Topology topology;
  for (const Region& region : regions) {
    for (const Shard& shard : region.shards) {
      topology.shards.push_back({region.name, shard.name, LabelsOf(region, shard)});
    }
  }
  return topology;
}

absl::Status Validate(const Inventory& inventory) {
  std::set<std::string_view> names;
  std::map<promql::Labels, std::string> owner_of_labels;
  std::map<std::string_view, std::string> owner_of_url;
  for (const Region& region : inventory.regions) {
    RETURN_IF_ERROR(ValidateRegion(region));
    if (!names.insert(region.name).second) {
      return InvalidArgument("region \"{}\" is listed twice", region.name);
    }
    for (const Shard& shard : region.shards) {
      const std::string name = Name(region, shard);
      const promql::Labels labels = LabelsOf(region, shard);
      if (auto [at, is_new] = owner_of_labels.emplace(labels, name); !is_new) {
        return InvalidArgument(
            "{} and {} have the same labels {}: their series could not be told "
            "apart",
            at->second, name, labels.ToString());
      }
      for (const Replica& replica : shard.replicas) {
        if (auto [at, is_new] = owner_of_url.emplace(replica.url, name); !is_new) {
          return InvalidArgument("{}: replica {} is listed already in {}", name, replica.url,
                                 at->second);
        }
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace synoptic::aggregator
