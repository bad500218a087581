// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/replica.h"

#include <bit>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aggregator/merge/missed_scrapes.h"

namespace synoptic::aggregator {
namespace {

using promql::Labels;
using promql::MixedSamples;
using promql::RawSeries;
using promql::SampleColumns;
using ::testing::ElementsAre;

// Samples at the given times; values tell replicas apart.
SampleColumns At(std::vector<int64_t> times, double value) {
  SampleColumns out;
  for (const int64_t t : times) out.push_back(t, value);
  return out;
}

MixedSamples Mixed(const SampleColumns& samples) {
  MixedSamples out;
  for (size_t i = 0; i < samples.size(); ++i) out.push_back({samples.t[i], samples.v[i], nullptr});
  return out;
}

// Nothing is known of targets.
absl::StatusOr<std::vector<RawSeries>> FillAlone(std::vector<RawSeries> base,
                                                 std::vector<RawSeries> sibling,
                                                 const TimeSpans& where) {
  ScrapedTargets none;
  return FillFrom(std::move(base), std::move(sibling), where, none);
}

const TimeSpans kAlways = {{-1'000'000'000, 1'000'000'000}};

SampleColumns Filled(const SampleColumns& base, const SampleColumns& sibling,
                     const TimeSpans& where = kAlways) {
  RawSeries out;
  promql::SetMixed(FillHoles(Mixed(base), Mixed(sibling), where, {}), out);
  return std::get<SampleColumns>(out.data);
}

struct Case {
  const char* name;
  std::vector<int64_t> base, sibling, want;
};

TEST(FillHoles, TakesFromTheSiblingOnlyWhereTheBaseHasNone) {
  const Case cases[] = {
      {"no hole, never interleaved", {0, 10, 20, 30}, {5, 15, 25, 35}, {0, 10, 20, 30}},
      {"one missed scrape", {0, 10, 20, 40, 50}, {5, 15, 25, 35, 45}, {0, 10, 20, 35, 40, 50}},
      {"a long hole keeps half an interval at its ends",
       {0, 10, 20, 60, 70, 80},
       {4, 14, 24, 34, 44, 54, 64, 74},
       {0, 10, 20, 34, 44, 54, 60, 70, 80}},
      {"a late scrape is no hole", {0, 10, 24, 30, 40}, {5, 15, 25, 35}, {0, 10, 24, 30, 40}},
      {"the base starts late",
       {50, 60, 70},
       {5, 15, 25, 35, 45, 55},
       {5, 15, 25, 35, 45, 50, 60, 70}},
      {"the base ends early", {0, 10, 20}, {8, 18, 28, 38}, {0, 10, 20, 28, 38}},
      {"base empty", {}, {1, 2}, {1, 2}},
      {"sibling empty", {0, 10, 50}, {}, {0, 10, 50}},
      {"the sibling tells the interval", {0, 50}, {20, 30}, {0, 20, 30, 50}},
      {"irregular samples at the same times are a union",
       {0, 10'000, 11'000, 71'000, 80'000},
       {0, 10'000, 35'000, 41'000, 71'000, 72'000, 80'000},
       {0, 10'000, 11'000, 35'000, 41'000, 71'000, 72'000, 80'000}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Filled(At(c.base, 1), At(c.sibling, 2)).t, c.want) << c.name;
  }
}

TEST(FillHoles, FillsOnlyWhereTheBaseIsKnownToHaveMissedSomething) {
  const SampleColumns base = At({0, 10, 50, 60, 110, 120}, 1);
  const SampleColumns sibling = At({5, 15, 25, 35, 45, 55, 65, 75, 85, 95, 105, 115}, 2);
  EXPECT_THAT(Filled(base, sibling, {{20, 40}}).t, ElementsAre(0, 10, 25, 35, 50, 60, 110, 120));
  EXPECT_EQ(Filled(base, sibling, {}).t, base.t);
}

// The heart of "same bytes for any split or zoom": a piece read with kNearMs around it is filled as
// it is within the whole.
TEST(FillHoles, DecidesByWhatIsNear) {
  std::mt19937_64 random(7);
  const auto below = [&](int64_t n) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(n));
  };
  for (int round = 0; round < 100; ++round) {
    const int64_t interval = 1000 * (5 + below(60));
    const int64_t phases[] = {below(interval), below(interval)};
    MixedSamples replicas[2];
    for (int r = 0; r < 2; ++r) {
      int64_t hole = 0;
      for (int64_t t = phases[r]; t < 7'200'000; t += interval) {
        if (hole == 0 && below(60) == 0) hole = 1 + below(50);
        if (hole > 0) {
          --hole;
        } else {
          const bool stale = below(40) == 0;
          replicas[r].push_back({t + below(3), stale ? promql::StaleNaN() : r * 1.0, nullptr});
        }
      }
    }
    const MixedSamples whole = FillHoles(replicas[0], replicas[1], kAlways, {});
    const int64_t from = below(7'000'000), until = from + below(600'000);
    const auto cut = [](const MixedSamples& samples, int64_t first, int64_t last) {
      MixedSamples out;
      for (const promql::MixedSample& sample : samples) {
        if (sample.t >= first && sample.t <= last) out.push_back(sample);
      }
      return out;
    };
    const auto piece = [&](const MixedSamples& samples) {
      return cut(samples, from - kNearMs, until + kNearMs);
    };
    const MixedSamples got =
        cut(FillHoles(piece(replicas[0]), piece(replicas[1]), kAlways, {}), from, until);
    const MixedSamples want = cut(whole, from, until);
    ASSERT_EQ(got.size(), want.size()) << round;
    for (size_t i = 0; i < got.size(); ++i) {
      ASSERT_EQ(got[i].t, want[i].t) << round;
      ASSERT_EQ(std::bit_cast<uint64_t>(got[i].v), std::bit_cast<uint64_t>(want[i].v)) << round;
    }
  }
}

TEST(FillHoles, DropsAStaleMarkerWhenTheSiblingWentOn) {
  SampleColumns base = At({0, 10, 20}, 1);
  base.push_back(30, promql::StaleNaN());
  base.push_back(70, 1);
  base.push_back(80, 1);
  const SampleColumns merged = Filled(base, At({6, 16, 26, 36, 46, 56, 66, 76}, 2));
  EXPECT_THAT(merged.t, ElementsAre(0, 10, 20, 26, 36, 46, 56, 70, 80));
  for (const double v : merged.v) EXPECT_FALSE(promql::IsStaleNaN(v));
}

TEST(FillHoles, KeepsAStaleMarkerThatBothReplicasSaw) {
  SampleColumns base = At({0, 10, 20}, 1);
  base.push_back(30, promql::StaleNaN());
  SampleColumns sibling = At({5, 15, 25}, 2);
  sibling.push_back(35, promql::StaleNaN());
  const SampleColumns merged = Filled(base, sibling);
  EXPECT_THAT(merged.t, ElementsAre(0, 10, 20, 30, 35));
  EXPECT_TRUE(promql::IsStaleNaN(merged.v[3]));
  EXPECT_TRUE(promql::IsStaleNaN(merged.v[4]));
}

// f10: a float at 10; n20: a histogram that says there was no reset before it; ?, g likewise.
std::string Shape(const MixedSamples& samples) {
  std::string out;
  for (const promql::MixedSample& sample : samples) {
    if (!out.empty()) out += ' ';
    out += sample.h == nullptr ? 'f' : "?rng"[static_cast<int>(sample.h->hint)];
    out += std::to_string(sample.t);
  }
  return out;
}

promql::MixedSample Histogram(int64_t t, promql::CounterResetHint hint) {
  auto h = std::make_shared<promql::FloatHistogram>();
  h->hint = hint;
  return {t, 0, std::move(h)};
}

TEST(FillHoles, TakesHistogramsAndForgetsWhatTheySayOfTheSampleBefore) {
  constexpr auto kNot = promql::CounterResetHint::kNotReset;
  constexpr auto kGauge = promql::CounterResetHint::kGauge;
  MixedSamples base = {{0, 1, nullptr},
                       {10, 1, nullptr},
                       Histogram(20, kNot),
                       Histogram(70, kNot),
                       Histogram(80, kNot)};
  MixedSamples sibling;
  for (int64_t t = 5; t < 90; t += 10) sibling.push_back(Histogram(t, kNot));
  EXPECT_EQ(Shape(FillHoles(base, sibling, kAlways, {})), "f0 f10 n20 ?35 n45 n55 n65 ?70 n80");
  sibling.clear();
  for (int64_t t = 5; t < 90; t += 10) sibling.push_back(Histogram(t, kGauge));
  EXPECT_EQ(Shape(FillHoles(base, sibling, kAlways, {})), "f0 f10 n20 g35 g45 g55 g65 ?70 n80");
  base[2].h.reset();
  base[2].v = promql::StaleNaN();
  EXPECT_EQ(Shape(FillHoles(base, sibling, kAlways, {})), "f0 f10 g25 g35 g45 g55 g65 ?70 n80")
      << "it went on there";
}

TEST(FillFrom, FillsWithHistograms) {
  const auto series = [](std::vector<int64_t> floats, std::vector<int64_t> histograms) {
    RawSeries out{Labels::From({{"job", "a"}}), At(std::move(floats), 1)};
    for (const int64_t t : histograms) {
      out.histograms.push_back(t, std::make_shared<promql::FloatHistogram>());
    }
    return out;
  };
  const RawSeries base = series({0, 10}, {20, 60, 70, 80});
  const auto merged = FillAlone({base}, {series({36}, {46, 86})}, kAlways);
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_THAT(std::get<SampleColumns>((*merged)[0].data).t, ElementsAre(0, 10, 36));
  EXPECT_THAT((*merged)[0].histograms.t, ElementsAre(20, 46, 60, 70, 80, 86));
}

TEST(FillFrom, TakesASampleInThePlaceOfAStaleMarker) {
  RawSeries base{Labels::From({{"job", "a"}}), At({0, 10, 30}, 1)};
  auto& columns = std::get<SampleColumns>(base.data);
  columns = At({0, 10}, 1);
  columns.push_back(20, promql::StaleNaN());
  columns.push_back(30, 1);
  const RawSeries sibling{Labels::From({{"job", "a"}}), At({0, 10, 20, 30}, 2)};
  const auto merged = FillAlone({base}, {sibling}, kAlways);
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_THAT(std::get<SampleColumns>((*merged)[0].data).v, ElementsAre(1, 1, 2, 1));
}

TEST(FillFrom, PairsSeriesByLabelsAndKeepsSingleOnes) {
  const auto series = [](const char* job, std::vector<int64_t> times, double value) {
    return RawSeries{Labels::From({{"job", job}}), At(std::move(times), value)};
  };
  const auto merged =
      FillAlone({series("a", {0, 10, 20, 30}, 1), series("b", {0, 10, 50}, 1)},
                {series("b", {2, 12, 22, 32, 42}, 2), series("c", {2}, 2)}, kAlways);
  ASSERT_TRUE(merged.ok()) << merged.status();
  ASSERT_EQ(merged->size(), 3u);
  EXPECT_EQ(std::get<SampleColumns>((*merged)[0].data).v[0], 1);
  EXPECT_THAT(std::get<SampleColumns>((*merged)[1].data).t, ElementsAre(0, 10, 22, 32, 42, 50));
  EXPECT_EQ((*merged)[2].labels.Get("job"), "c");
}

TEST(FillFrom, StaysCompressedWhenNothingIsMissing) {
  const int64_t t[] = {0, 10, 20, 30};
  const double v[] = {1, 2, 3, 4};
  auto owner = std::make_shared<const std::string>(promql::EncodeXor(t, v, 4));
  promql::Chunk chunk{0, 30, promql::ChunkEncoding::kXor, *owner, owner};
  RawSeries a{Labels::From({{"job", "a"}}), std::vector<promql::Chunk>{chunk}};
  RawSeries b{Labels::From({{"job", "a"}}), At({5, 15, 25}, 9)};
  const auto merged = FillAlone({a}, {b}, kAlways);
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_TRUE(std::holds_alternative<std::vector<promql::Chunk>>((*merged)[0].data));
}

}  // namespace
}  // namespace synoptic::aggregator
