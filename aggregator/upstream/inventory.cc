// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/inventory.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "base/duration.h"
#include "base/status.h"

namespace synoptic::aggregator {

absl::StatusOr<Replica> FoundReplica(const Shard& shard, const std::string& target) {
  const bool whole = target.find("://") != std::string::npos;
  std::string url = whole ? target : shard.scheme + "://" + target + shard.path_prefix;
  ASSIGN_OR_RETURN(net::Origin origin, net::Origin::Parse(url));
  return Replica{std::move(url), std::move(origin)};
}

promql::Labels LabelsOf(const Region& region, const Shard& shard) {
  promql::LabelsBuilder builder(region.labels);
  for (const promql::Label label : shard.labels) builder.Set(label.name, label.value);
  return builder.Build();
}

namespace {

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
  if (shard.replicas.empty() && shard.dns.empty()) return InvalidArgument("{}: no replicas", name);
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

// Stores of one place must take over from each other without a hole between them.
absl::Status ValidateAges(const Region& region, std::vector<const Shard*> stores) {
  const auto oldest = [](const Shard& shard) {
    return shard.max_age_ms == 0 ? std::numeric_limits<int64_t>::max() : shard.max_age_ms;
  };
  std::sort(stores.begin(), stores.end(), [&](const Shard* a, const Shard* b) {
    return a->min_age_ms != b->min_age_ms ? a->min_age_ms < b->min_age_ms : oldest(*a) < oldest(*b);
  });
  for (size_t i = 1; i < stores.size(); ++i) {
    const Shard& fresh = *stores[i - 1];
    const Shard& old = *stores[i];
    if (oldest(old) <= oldest(fresh)) {
      return InvalidArgument(
          "{}: time_range: holds nothing that {} does not hold: expected a greater max_age",
          Name(region, old), Name(region, fresh));
    }
    if (old.min_age_ms > fresh.max_age_ms) {
      return InvalidArgument(
          "{}: time_range: nobody holds what is between {} and {} old: expected a min_age of at "
          "most the max_age of {}",
          Name(region, old), FormatDurationMillis(fresh.max_age_ms),
          FormatDurationMillis(old.min_age_ms), Name(region, fresh));
    }
  }
  return absl::OkStatus();
}

absl::Status ValidatePlaces(const Region& region) {
  std::map<promql::Labels, std::vector<const Shard*>> places;
  for (const Shard& shard : region.shards) places[LabelsOf(region, shard)].push_back(&shard);
  for (const auto& [labels, stores] : places) {
    if (stores.size() == 1) continue;
    if (std::none_of(stores.begin(), stores.end(), [](const Shard* s) { return s->has_ages(); })) {
      return InvalidArgument(
          "{} and {} have the same labels {}: their series could not be told apart; expected "
          "`labels` of their own, or a `time_range` for those that hold the same series",
          Name(region, *stores[0]), Name(region, *stores[1]), labels.ToString());
    }
    RETURN_IF_ERROR(ValidateAges(region, stores));
  }
  return absl::OkStatus();
}

}  // namespace

promql::Topology Inventory::MakeTopology() const {
  promql::Topology topology;
  for (const Region& region : regions) {
    std::set<promql::Labels> known;
    for (const Shard& shard : region.shards) {
      promql::Labels labels = LabelsOf(region, shard);
      if (!known.insert(labels).second) continue;
      topology.shards.push_back({region.name, shard.name, std::move(labels)});
    }
  }
  return topology;
}

absl::Status Validate(const Inventory& inventory) {
  std::set<std::string_view> names;
  std::map<promql::Labels, std::pair<std::string, std::string>> owner_of_labels;
  std::map<std::string_view, std::string> owner_of_url;
  for (const Region& region : inventory.regions) {
    RETURN_IF_ERROR(ValidateRegion(region));
    RETURN_IF_ERROR(ValidatePlaces(region));
    if (!names.insert(region.name).second) {
      return InvalidArgument("region \"{}\" is listed twice", region.name);
    }
    for (const Shard& shard : region.shards) {
      const std::string name = Name(region, shard);
      const promql::Labels labels = LabelsOf(region, shard);
      const auto [owner, unowned] = owner_of_labels.try_emplace(labels, region.name, name);
      if (!unowned && owner->second.first != region.name) {
        return InvalidArgument(
            "{} and {} have the same labels {}: their series could not be told "
            "apart",
            owner->second.second, name, labels.ToString());
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
