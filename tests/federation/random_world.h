// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Random data as one Prometheus would hold it, and the same data spread over regions, shards and
// replicas that each miss some of it. Same seed, same world on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/federation/federation.h"

namespace synoptic::federation {

// splitmix64: the standard library's distributions differ between implementations.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next();
  int64_t Below(int64_t limit) {
    return static_cast<int64_t>(Next() % static_cast<uint64_t>(limit));
  }
  bool Chance(int64_t percent) { return Below(100) < percent; }

 private:
  uint64_t state_;
};

// What is scraped together: series of one target, all at the same times.
struct Target {
  std::string region, shard;  // "" for no shard label
  int64_t interval = 0;
  bool has_up = true;                     // without: never down, nor lost by one replica alone
  std::vector<int64_t> times;             // of scrapes
  std::vector<bool> failed;               // the target was down, for everybody
  std::vector<promql::RawSeries> series;  // with all labels; first of them `up`, if it has that
};

struct World {
  std::vector<Target> targets;
  int64_t start = 0, end = 0;     // of the data
  int64_t least_hole_ms = 5'000;  // a replica is down at least so long
  std::vector<promql::RawSeries> truth;
};

// What may be in a world besides floats that were scraped.
struct WorldKinds {
  bool histograms = false;  // native ones: `nh`
  bool without_up = false;  // some targets have no `up`
};

World MakeWorld(uint64_t seed, const WorldKinds& kinds = {});

enum class Split { kOnePlace, kByRegion, kByShard, kByHash };

struct SpreadWorld {
  std::vector<ShardData> shards;
  // What one server would hold that scraped with the first replica's clock and, in each scrape slot
  // that the first one missed, with the second's (ADR 0008). The world's own when not phased.
  std::vector<promql::RawSeries> truth;
};

// `phased`: replicas scrape at times of their own, so that their samples differ. Two at most.
SpreadWorld Spread(const World& world, Split split, size_t replicas, bool phased, Random& random);

}  // namespace synoptic::federation
