// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/federation/random_world.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "promql/model/mixed_samples.h"
#include "promql/parse/parser.h"

namespace synoptic::federation {
namespace {

using promql::Labels;
using promql::MixedSamples;
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

// A counter of three buckets. Whole numbers, so that sums are exact in any order.
promql::HistogramPtr Histogram(double total) {
  auto h = std::make_shared<promql::FloatHistogram>();
  const double whole = std::floor(total);
  h->positive_spans = {{0, 2}, {1, 1}};
  h->positive_buckets = {whole, 2 * whole, 3};
  h->zero_threshold = 0.001;
  h->zero_count = 1;
  h->count = 3 * whole + 4;
  h->sum = 4 * whole;
  return h;
}

promql::MixedSample StaleOf(bool histogram, int64_t t) {
  if (!histogram) return {t, promql::StaleNaN(), nullptr};
  auto h = std::make_shared<promql::FloatHistogram>();
  h->sum = promql::StaleNaN();
  return {t, 0, std::move(h)};
}

bool IsHistogram(const RawSeries& series) { return series.labels.Get(promql::kMetricName) == "nh"; }

MixedSamples SamplesOf(const Target& target, size_t number, const std::string& name) {
  MixedSamples samples;
  double total = 0;
  const bool histogram = name == "nh";
  const bool counter = name == "c_total" || name == "h_bucket" || histogram;
  for (size_t i = 0; i < target.times.size(); ++i) {
    const int64_t t = target.times[i];
    const double value = Value(number, static_cast<int64_t>(i));
    total = counter && i % 23 == 22 ? value : total + value;
    if (name == "up") {
      samples.push_back({t, target.failed[i] ? 0.0 : 1.0, nullptr});
    } else if (!target.failed[i]) {
      samples.push_back({t, counter ? total : value, histogram ? Histogram(total) : nullptr});
    } else if (i > 0 && !target.failed[i - 1]) {
      samples.push_back(StaleOf(histogram, t));
    }
  }
  return samples;
}

RawSeries SeriesOf(Labels labels, MixedSamples samples) {
  RawSeries series{std::move(labels), SampleColumns()};
  promql::SetMixed(std::move(samples), series);
  return series;
}

// Of columns, which always can be read.
MixedSamples AllOf(const RawSeries& series) { return promql::ReadMixed(series).value(); }

void AddTarget(World& world, const char* region, const char* shard,
               const std::vector<const char*>& series, bool has_up, size_t& number,
               Random& random) {
  Target& target = world.targets.emplace_back();
  target.has_up = has_up;
  target.region = region;
  target.shard = shard;
  constexpr int64_t kIntervals[] = {15'000, 30'000, 30'000, 60'000};
  const int64_t interval = target.interval = kIntervals[random.Below(4)];
  int64_t down = 0;
  for (int64_t t = kStart + random.Below(interval); t < world.end; t += interval) {
    if (down == 0 && random.Chance(2) && has_up) down = 1 + random.Below(12);
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
    if (name == "up" && !has_up) continue;
    target.series.push_back(
        SeriesOf(LabelsOf(text, target), SamplesOf(target, number, std::string(name))));
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
    const int64_t until = t + world.least_hole_ms + random.Below(8 * kMinute);
    const auto whole = static_cast<size_t>(random.Below(static_cast<int64_t>(replicas)));
    for (size_t r = 0; r < replicas; ++r) {
      if (r == whole || std::min(until - kStart, world.end - t) < world.least_hole_ms) continue;
      if (random.Chance(35)) {
        holes[r].down.push_back({t, until - 1});
      } else if (random.Chance(25)) {
        const auto target =
            static_cast<size_t>(random.Below(static_cast<int64_t>(world.targets.size())));
        if (!world.targets[target].has_up) continue;  // nobody could know
        holes[r].targets[target].push_back({t, until - 1});
      }
    }
    t = until;
  }
  return holes;
}

// What one replica stored of a series.
MixedSamples Stored(const RawSeries& series, const Holes& holes, size_t target, int64_t shift) {
  const bool is_up = series.labels.Get(promql::kMetricName) == "up";
  const auto lost_at = holes.targets.find(target);
  MixedSamples out;
  bool live = false;
  for (promql::MixedSample& sample : AllOf(series)) {
    const int64_t t = sample.t;
    sample.t += shift;
    if (In(holes.down, t)) {
      live = false;  // it knows nothing of what was before
      continue;
    }
    if (lost_at == holes.targets.end() || !In(lost_at->second, t)) {
      const bool ended = sample.IsStale();
      if (live || !ended) out.push_back(std::move(sample));
      live = !ended;
    } else if (is_up) {
      out.push_back({sample.t, 0, nullptr});
    } else if (live) {
      // The scrape failed for this replica alone.
      out.push_back(StaleOf(IsHistogram(series), sample.t));
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
MixedSamples Merged(const Target& target, size_t index, const RawSeries& series,
                    const std::vector<Scraper>& scrapers) {
  const bool is_up = series.labels.Get(promql::kMetricName) == "up";
  std::map<int64_t, promql::MixedSample> values;
  for (promql::MixedSample& sample : AllOf(series)) values[sample.t] = std::move(sample);
  MixedSamples out;
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
      out.push_back({t + owner->shift, reached != nullptr ? 1.0 : 0.0, nullptr});
    } else if (reached != nullptr) {
      out.push_back(values.at(t));
      out.back().t += owner->shift;
    } else if (live) {
      out.push_back(StaleOf(IsHistogram(series), t + owner->shift));
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

World MakeWorld(uint64_t seed, const WorldKinds& kinds) {
  Random random(seed);
  World world;
  world.start = kStart;
  world.end = kStart + (30 + random.Below(20)) * kMinute;
  // What a target without `up` lost is known by what others lost at that time.
  if (kinds.without_up) world.least_hole_ms = kMinute + 5'000;
  size_t number = static_cast<size_t>(random.Below(12));
  const char* const kPlaces[][2] = {{"eu", "a"}, {"eu", "b"}, {"us", ""}};
  std::vector<const char*> last = {R"(up{job="b",i="0"})", R"(c_total{job="b",i="0"})",
                                   R"(m{job="b",i="0"})", R"(n{job="b",i="0"})"};
  if (kinds.histograms) last.push_back(R"(nh{job="b",i="0"})");
  for (const auto& [region, shard] : kPlaces) {
    AddTarget(world, region, shard,
              {R"(up{job="a",i="0"})", R"(c_total{job="a",i="0"})", R"(m{job="a",i="0"})",
               R"(n{job="a",i="0"})", R"(one{job="a"})", R"(h_bucket{job="a",le="1"})",
               R"(h_bucket{job="a",le="10"})", R"(h_bucket{job="a",le="+Inf"})"},
              true, number, random);
    AddTarget(world, region, shard,
              {R"(up{job="a",i="1"})", R"(c_total{job="a",i="1"})", R"(m{job="a",i="1"})"},
              !kinds.without_up || random.Chance(60), number, random);
    AddTarget(world, region, shard, last, true, number, random);
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
      // Without `up` it is decidable only where one agent wrote to both.
      if (!phased || r == 0 || !target.has_up) continue;
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
        MixedSamples stored = Stored(series, holes[key][r], i, scrapers[r].shift);
        if (stored.empty()) continue;
        shard.replicas[r].push_back(SeriesOf(builder.Build(), std::move(stored)));
      }
      if (phased) {
        out.truth.push_back(SeriesOf(series.labels, Merged(target, i, series, scrapers)));
      }
    }
  }
  for (auto& [key, shard] : shards) {
    out.shards.insert(random.Chance(50) ? out.shards.begin() : out.shards.end(), std::move(shard));
  }
  return out;
}

}  // namespace synoptic::federation
