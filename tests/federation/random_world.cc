// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/federation/random_world.h"

#include <algorithm>
#include <map>
#include <set>

#include "promql/parse/parser.h"

namespace synoptic::federation {
namespace {

using promql::Labels;
using promql::RawSeries;
using promql::SampleColumns;

// Not before the test clock's own beginning.
constexpr int64_t kStart = 1'700'000'400'000;
constexpr int64_t kMinute = 60'000;

// No two series ever have the same value, so that ties never decide; and halves of halves only, so
// that sums are exact in any order.
double Value(size_t series, int64_t scrape) {
  const auto n = static_cast<int64_t>(series);
  return static_cast<double>((n * 7919 + 13) % 101) +
         static_cast<double>((scrape * (n % 7 + 1)) % 41) + static_cast<double>(n) / 1024;
}

Labels LabelsOf(const char* text, const Target& target) {
  promql::LabelsBuilder builder(promql::ParseMetric(text).value());
  builder.Set("region", target.region);
  if (!target.shard.empty()) builder.Set("shard", target.shard);
  return builder.Build();
}

SampleColumns SamplesOf(const Target& target, size_t number, const std::string& name) {
  SampleColumns samples;
  double total = 0;
  const bool counter = name == "c_total" || name == "h_bucket";
  for (size_t i = 0; i < target.times.size(); ++i) {
    const double value = Value(number, static_cast<int64_t>(i));
    total = counter && i % 23 == 22 ? value : total + value;
    if (name == "up") {
      samples.push_back(target.times[i], target.failed[i] ? 0 : 1);
    } else if (!target.failed[i]) {
      samples.push_back(target.times[i], counter ? total : value);
    } else if (i > 0 && !target.failed[i - 1]) {
      samples.push_back(target.times[i], promql::StaleNaN());
    }
  }
  return samples;
}

void AddTarget(World& world, const char* region, const char* shard,
               const std::vector<const char*>& series, size_t& number, Random& random) {
  Target& target = world.targets.emplace_back();
  target.region = region;
  target.shard = shard;
  constexpr int64_t kIntervals[] = {15'000, 30'000, 30'000, 60'000};
  const int64_t interval = kIntervals[random.Below(4)];
  int64_t down = 0;
  for (int64_t t = kStart + random.Below(interval); t < world.end; t += interval) {
    if (down == 0 && random.Chance(2)) down = 1 + random.Below(12);
    target.times.push_back(t + random.Below(3));
    target.failed.push_back(down > 0);
    down -= down > 0 ? 1 : 0;
  }
  for (const char* text : series) {
    ++number;
    const std::string_view name =
        std::string_view(text).substr(0, std::string_view(text).find('{'));
    // Not every target has everything, but whole histograms only.
    if (number % 6 == 3 && name != "up" && name != "h_bucket") continue;
    target.series.push_back({LabelsOf(text, target), SamplesOf(target, number, std::string(name))});
  }
}

// Which stretches a replica has, and of which targets it lost more.
struct Holes {
  std::vector<aggregator::TimeSpan> down;                       // of the replica
  std::map<size_t, std::vector<aggregator::TimeSpan>> targets;  // lost scrapes, by target
};

bool In(const std::vector<aggregator::TimeSpan>& spans, int64_t t) {
  return std::any_of(spans.begin(), spans.end(),
                     [t](const auto& span) { return t >= span.from && t <= span.until; });
}

// At every time at least one replica has everything.
std::vector<Holes> MakeHoles(const World& world, size_t replicas, Random& random) {
  std::vector<Holes> holes(replicas);
  for (int64_t t = kStart - kMinute; replicas > 1 && t < world.end;) {
    const int64_t until = t + 5'000 + random.Below(8 * kMinute);
    const auto whole = static_cast<size_t>(random.Below(static_cast<int64_t>(replicas)));
    for (size_t r = 0; r < replicas; ++r) {
      if (r == whole) continue;
      if (random.Chance(35)) {
        holes[r].down.push_back({t, until - 1});
      } else if (random.Chance(25)) {
        const auto target = random.Below(static_cast<int64_t>(world.targets.size()));
        holes[r].targets[static_cast<size_t>(target)].push_back({t, until - 1});
      }
    }
    t = until;
  }
  return holes;
}

// What one replica stored of a series.
SampleColumns Stored(const RawSeries& series, const Holes& holes, size_t target, int64_t shift) {
  const auto& all = std::get<SampleColumns>(series.data);
  const bool is_up = series.labels.Get(promql::kMetricName) == "up";
  const auto lost_at = holes.targets.find(target);
  SampleColumns out;
  bool live = false;
  for (size_t i = 0; i < all.size(); ++i) {
    const int64_t t = all.t[i];
    if (In(holes.down, t)) continue;
    if (lost_at == holes.targets.end() || !In(lost_at->second, t)) {
      out.push_back(t + shift, all.v[i]);
      live = !promql::IsStaleNaN(all.v[i]);
    } else if (is_up) {
      out.push_back(t + shift, 0);
    } else if (live) {
      // The scrape failed for this replica alone.
      out.push_back(t + shift, promql::StaleNaN());
      live = false;
    }
  }
  return out;
}

std::string KeyOf(const Target& target, size_t index, Split split) {
  switch (split) {
    case Split::kOnePlace:
      return "";
    case Split::kByRegion:
      return target.region;
    case Split::kByShard:
      return target.region + "/" + target.shard;
    case Split::kByHash:
      return std::to_string(index * 7919 % 3);
  }
  return "";
}

Labels OwnLabels(const Target& target, Split split) {
  promql::LabelsBuilder builder;
  if (split == Split::kByRegion || split == Split::kByShard) builder.Set("region", target.region);
  if (split == Split::kByShard && !target.shard.empty()) builder.Set("shard", target.shard);
  return builder.Build();
}

}  // namespace

uint64_t Random::Next() {
  state_ += 0x9e3779b97f4a7c15;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

World MakeWorld(uint64_t seed) {
  Random random(seed);
  World world;
  world.start = kStart;
  world.end = kStart + (30 + random.Below(20)) * kMinute;
  size_t number = static_cast<size_t>(random.Below(12));
  const char* const kPlaces[][2] = {{"eu", "a"}, {"eu", "b"}, {"us", ""}};
  for (const auto& [region, shard] : kPlaces) {
    AddTarget(world, region, shard,
              {R"(up{job="a",i="0"})", R"(c_total{job="a",i="0"})", R"(m{job="a",i="0"})",
               R"(n{job="a",i="0"})", R"(one{job="a"})", R"(h_bucket{job="a",le="1"})",
               R"(h_bucket{job="a",le="10"})", R"(h_bucket{job="a",le="+Inf"})"},
              number, random);
    AddTarget(world, region, shard,
              {R"(up{job="a",i="1"})", R"(c_total{job="a",i="1"})", R"(m{job="a",i="1"})"}, number,
              random);
    AddTarget(world, region, shard,
              {R"(up{job="b",i="0"})", R"(c_total{job="b",i="0"})", R"(m{job="b",i="0"})",
               R"(n{job="b",i="0"})"},
              number, random);
  }
  for (const Target& target : world.targets) {
    world.truth.insert(world.truth.end(), target.series.begin(), target.series.end());
  }
  return world;
}

std::vector<ShardData> Spread(const World& world, Split split, size_t replicas, bool phased,
                              Random& random) {
  std::map<std::string, ShardData> shards;
  std::map<std::string, std::vector<Holes>> holes;
  for (size_t i = 0; i < world.targets.size(); ++i) {
    const Target& target = world.targets[i];
    const std::string key = KeyOf(target, i, split);
    ShardData& shard = shards[key];
    if (shard.replicas.empty()) {
      shard = {"r", "s" + key, OwnLabels(target, split), {}};
      shard.replicas.resize(replicas);
      holes[key] = MakeHoles(world, replicas, random);
    }
    for (size_t r = 0; r < replicas; ++r) {
      const int64_t shift = phased && r > 0 ? 1 + random.Below(14'000) : 0;
      for (const RawSeries& series : target.series) {
        promql::LabelsBuilder builder(series.labels);
        for (const promql::Label label : shard.labels) builder.Delete(label.name);
        SampleColumns stored = Stored(series, holes[key][r], i, shift);
        if (stored.empty()) continue;
        shard.replicas[r].push_back({builder.Build(), std::move(stored)});
      }
    }
  }
  std::vector<ShardData> out;
  for (auto& [key, shard] : shards) {
    out.insert(random.Chance(50) ? out.begin() : out.end(), std::move(shard));
  }
  return out;
}

}  // namespace synoptic::federation
