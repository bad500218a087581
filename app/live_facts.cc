// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/live_facts.h"

#include <algorithm>

#include "aggregator/upstream/flavor.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::app {
namespace {

using Level = LiveFinding::Level;
using aggregator::Region;
using aggregator::Shard;

constexpr int64_t kSkewWarningMs = 1000;
constexpr int64_t kSkewErrorMs = 30'000;
// Two servers that hold this share of each other's series have the same targets.
constexpr double kSame = 0.9;

std::string ShardName(const LiveReplica& replica) {
  return fmt::format("region \"{}\" shard \"{}\"", replica.region, replica.shard);
}
std::string NameOf(const LiveReplica& replica) {
  return fmt::format("{} {}", ShardName(replica), replica.url);
}

class Judgement {
 public:
  Judgement(const aggregator::Inventory& inventory, const std::vector<LiveReplica>& replicas)
      : inventory_(inventory),
        topology_labels_(inventory.MakeTopology().LabelNames()),
        replicas_(replicas) {}

  void OfReplica(const LiveReplica& replica) {
    if (!replica.error.empty()) {
      return Add(Level::kError, NameOf(replica), "reach", replica.error);
    }
    Add(Level::kNote, NameOf(replica), "version",
        fmt::format("{} {}, clock {:+d} ms (within {} ms), {} series seen{}", replica.flavor,
                    replica.version.empty() ? "of unknown version" : replica.version,
                    replica.skew_ms, replica.skew_error_ms, replica.series,
                    replica.remote_read.value_or(false) ? ", remote read" : ""));
    if (replica.flavor == "prometheus" && replica.version.starts_with("2.")) {
      Add(Level::kNote, NameOf(replica), "version",
          "before 3.0 a sample exactly at the left edge of a window counts: parts of queries that "
          "it "
          "computes follow it");
    }
    OfFlavor(replica);
    OfClock(replica);
    if (replica.remote_read.has_value() && !*replica.remote_read) {
      const bool wished = ShardOf(replica)->read == aggregator::ReadForm::kRemoteRead;
      Add(wished ? Level::kError : Level::kWarning, NameOf(replica), "remote_read",
          wished ? "does not offer remote read, which `read: remote_read` asks for"
                 : "does not offer remote read: stored samples come as JSON, larger and without "
                   "stale markers");
    }
    OfLabels(replica);
  }

  void OfShard(const Region& region, const Shard& shard) {
    std::vector<const LiveReplica*> alive;
    for (const LiveReplica& replica : replicas_) {
      if (replica.region == region.name && replica.shard == shard.name && replica.error.empty()) {
        alive.push_back(&replica);
      }
    }
    for (size_t i = 1; i < alive.size(); ++i) {
      if (alive[i]->version != alive[0]->version) {
        Add(Level::kWarning, ShardName(*alive[0]), "replicas_differ",
            fmt::format("{} runs {}, {} runs {}", alive[0]->url, alive[0]->version, alive[i]->url,
                        alive[i]->version));
      }
    }
    if (alive.size() > 1 && !region.canary.empty()) OfCanary(region, alive);
  }

  void OfOverlap(const LiveOverlap& overlap) {
    if (overlap.asked == 0) return;
    const LiveReplica& from = replicas_[overlap.from];
    const LiveReplica& at = replicas_[overlap.at];
    const double share = static_cast<double>(overlap.held) / static_cast<double>(overlap.asked);
    const std::string count = fmt::format("{} of {}", overlap.held, overlap.asked);
    if (from.region == at.region && from.shard == at.shard) {
      if (share >= kSame) return;
      return Add(Level::kWarning, ShardName(from), "replicas_differ",
                 fmt::format("{} holds {} series that {} holds: replicas are expected to have the "
                             "same targets",
                             at.url, count, from.url));
    }
    // (Stores of different ages are meant to hold the same series.)
    if (share < kSame || AreOnePlace(from, at)) return;
    // (Shards of equal labels are refused before anybody is asked.) Within a region the same
    // targets twice are counted twice; between regions they may be called the same and be others.
    if (from.region == at.region) {
      return Add(Level::kError, ShardName(from), "same_series",
                 fmt::format("{} of its series are also in {}: sums count them twice; list them as "
                             "replicas of one shard",
                             count, ShardName(at)));
    }
    Add(Level::kWarning, ShardName(from), "same_series",
        fmt::format("{} of its series are also in {}: do both really watch different targets?",
                    count, ShardName(at)));
  }

  std::vector<LiveFinding> Take() { return std::move(findings_); }

 private:
  void Add(Level level, std::string where, std::string what, std::string text) {
    LiveFinding finding{level, std::move(where), std::move(what), std::move(text)};
    const bool known = std::any_of(findings_.begin(), findings_.end(), [&](const auto& other) {
      return other.where == finding.where && other.text == finding.text;
    });
    if (!known) findings_.push_back(std::move(finding));
  }

  bool AreOnePlace(const LiveReplica& a, const LiveReplica& b) const {
    if (a.region != b.region) return false;
    const auto region = std::find_if(inventory_.regions.begin(), inventory_.regions.end(),
                                     [&](const Region& r) { return r.name == a.region; });
    return (ShardOf(a)->has_ages() || ShardOf(b)->has_ages()) &&
           LabelsOf(*region, *ShardOf(a)) == LabelsOf(*region, *ShardOf(b));
  }

  // A replica without a canary is never taken for whole.
  void OfCanary(const Region& region, const std::vector<const LiveReplica*>& alive) {
    const auto without = std::count_if(alive.begin(), alive.end(),
                                       [](const LiveReplica* one) { return !one->has_canary; });
    if (without == static_cast<std::ptrdiff_t>(alive.size())) {
      return Add(Level::kWarning, ShardName(*alive[0]), "canary",
                 fmt::format("no replica has a series of `canary: {}`, so none is ever taken for "
                             "whole: nothing is computed there, and every query reads the samples "
                             "of all replicas, at about five times the cost; set the region's "
                             "`canary` to series that are scraped all the time, or `canary: none` "
                             "if its replicas miss nothing (two doors to one store)",
                             region.canary));
    }
    for (const LiveReplica* one : alive) {
      if (one->has_canary) continue;
      Add(Level::kWarning, NameOf(*one), "canary",
          fmt::format("has no series of `canary: {}`: it is never taken for whole, and what it "
                      "answers is compared with its siblings' samples",
                      region.canary));
    }
  }

  const Shard* ShardOf(const LiveReplica& replica) const {
    for (const Region& region : inventory_.regions) {
      if (region.name != replica.region) continue;
      for (const Shard& shard : region.shards) {
        if (shard.name == replica.shard) return &shard;
      }
    }
    return nullptr;
  }
  void OfFlavor(const LiveReplica& replica) {
    const std::string wished(aggregator::TraitsOf(ShardOf(replica)->flavor).name);
    if (replica.flavor.empty() || replica.flavor == wished) return;
    Add(Level::kError, NameOf(replica), "flavor",
        fmt::format("answers as {}; the configuration says {}: set `flavor: {}`", replica.flavor,
                    wished, replica.flavor));
  }

  void OfClock(const LiveReplica& replica) {
    const int64_t sure = std::abs(replica.skew_ms) - replica.skew_error_ms;
    if (sure < kSkewWarningMs) return;
    Add(sure >= kSkewErrorMs ? Level::kError : Level::kWarning, NameOf(replica), "clock",
        fmt::format("its clock is {} ms {} ours: its newest samples seem {}",
                    std::abs(replica.skew_ms), replica.skew_ms > 0 ? "ahead of" : "behind",
                    replica.skew_ms > 0 ? "to come from the future" : "late"));
  }

  void OfLabels(const LiveReplica& replica) {
    const Shard& shard = *ShardOf(replica);
    const auto region = std::find_if(inventory_.regions.begin(), inventory_.regions.end(),
                                     [&](const Region& r) { return r.name == replica.region; });
    if (!aggregator::TraitsOf(shard.flavor).trusts_equal_labels) {
      for (const std::string& name : topology_labels_) {
        const auto& names = replica.label_names;
        if (std::find(names.begin(), names.end(), name) == names.end()) continue;
        Add(Level::kWarning, NameOf(replica), "labels",
            fmt::format("has series with a label \"{}\" of their own: it comes out as "
                        "\"exported_{}\", since \"{}\" tells regions apart",
                        name, name, name));
      }
    }
    // What differs between replicas only in external labels must be named to be dropped.
    for (const LiveReplica& other : replicas_) {
      if (&other == &replica || other.region != replica.region || other.shard != replica.shard ||
          !other.external || !replica.external || shard.flavor == aggregator::Flavor::kPrometheus) {
        continue;
      }
      for (const promql::Label label : *replica.external) {
        const auto& dropped = region->replica_labels;
        const bool listed = std::find(dropped.begin(), dropped.end(), label.name) != dropped.end();
        if (listed || other.external->Get(label.name) == label.value) continue;
        Add(Level::kWarning, ShardName(replica), "labels",
            fmt::format("replicas differ in \"{}\", which is none of replica_labels", label.name));
      }
    }
  }

  const aggregator::Inventory& inventory_;
  const std::vector<std::string> topology_labels_;
  const std::vector<LiveReplica>& replicas_;
  std::vector<LiveFinding> findings_;
};

}  // namespace

std::vector<LiveFinding> Judge(const aggregator::Inventory& inventory,
                               const std::vector<LiveReplica>& replicas,
                               const std::vector<LiveOverlap>& overlaps) {
  Judgement judgement(inventory, replicas);
  for (const LiveReplica& replica : replicas) judgement.OfReplica(replica);
  for (const Region& region : inventory.regions) {
    for (const Shard& shard : region.shards) judgement.OfShard(region, shard);
  }
  for (const LiveOverlap& overlap : overlaps) judgement.OfOverlap(overlap);
  return judgement.Take();
}

}  // namespace synoptic::app
