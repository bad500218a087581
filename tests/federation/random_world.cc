// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/federation/random_world.h"

#include <algorithm>
#include <cstdlib>
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
  const int64_t interval = target.interval = kIntervals[random.Below(4)];
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
    if (In(holes.down, t)) {
      live = false;  // it knows nothing of what was before
      continue;
    }
    if (lost_at == holes.targets.end() || !In(lost_at->second, t)) {
      const bool ended = promql::IsStaleNaN(all.v[i]);
      if (live || !ended) out.push_back(t + shift, all.v[i]);
      live = !ended;
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

// How one replica scrapes a target. Its scrape `slot - late` is the one for a slot.
struct Scraper {
  const Holes* holes;
  int64_t shift = 0;  // ms
  size_t late = 0;    // 1: nearer to the next one's slot
};

// What one server would hold of a series: see SpreadWorld. `times` and values by slot.
SampleColumns Merged(const Target& target, size_t index, const RawSeries& series,
                     const std::vector<Scraper>& scrapers) {
  const auto& all = std::get<SampleColumns>(series.data);
  const bool is_up = series.labels.Get(promql::kMetricName) == "up";
  std::map<int64_t, double> values;
  for (size_t i = 0; i < all.size(); ++i) values[all.t[i]] = all.v[i];
  SampleColumns out;
  bool live = false;
  for (size_t slot = 0; slot <= target.times.size(); ++slot) {
    const Scraper* tried = nullptr;
    const Scraper* reached = nullptr;
    for (const Scraper& scraper : scrapers) {
      const size_t i = slot - scraper.late;
      if (slot < scraper.late || i >= target.times.size()) continue;
      const int64_t t = target.times[i];
      if (In(scraper.holes->down, t)) continue;
      const auto lost = scraper.holes->targets.find(index);
      const bool lost_now = lost != scraper.holes->targets.end() && In(lost->second, t);
      if (tried == nullptr) tried = &scraper;
      if (reached == nullptr && !lost_now && !target.failed[i]) reached = &scraper;
    }
    const Scraper* owner = reached != nullptr ? reached : tried;
    if (owner == nullptr) continue;
    const int64_t t = target.times[slot - owner->late];
    if (is_up) {
      out.push_back(t + owner->shift, reached != nullptr ? 1 : 0);
    } else if (reached != nullptr) {
      out.push_back(t + owner->shift, values.at(t));
    } else if (live) {
      out.push_back(t + owner->shift, promql::StaleNaN());
    }
    live = reached != nullptr;
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

SpreadWorld Spread(const World& world, Split split, size_t replicas, bool phased, Random& random) {
  SpreadWorld out;
  if (!phased) out.truth = world.truth;
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
    std::vector<Scraper> scrapers;
    for (size_t r = 0; r < replicas; ++r) {
      Scraper& scraper = scrapers.emplace_back();
      scraper.holes = &holes[key][r];
      if (!phased || r == 0) continue;
      scraper.shift = 20 + random.Below(target.interval - 40);
      // Where nobody can say to which of two slots a scrape belongs, it could be either.
      const int64_t half = target.interval / 2;
      if (std::abs(scraper.shift - half) < 20) scraper.shift = half + 20;
      scraper.late = scraper.shift > half ? 1 : 0;
    }
    for (const RawSeries& series : target.series) {
      promql::LabelsBuilder builder(series.labels);
      for (const promql::Label label : shard.labels) builder.Delete(label.name);
      for (size_t r = 0; r < replicas; ++r) {
        SampleColumns stored = Stored(series, holes[key][r], i, scrapers[r].shift);
        if (stored.empty()) continue;
        shard.replicas[r].push_back({builder.Build(), std::move(stored)});
      }
      if (phased) out.truth.push_back({series.labels, Merged(target, i, series, scrapers)});
    }
  }
  for (auto& [key, shard] : shards) {
    out.shards.insert(random.Chance(50) ? out.shards.begin() : out.shards.end(), std::move(shard));
  }
  return out;
}

}  // namespace synoptic::federation
