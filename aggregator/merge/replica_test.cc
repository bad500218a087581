// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/replica.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

SampleColumns Filled(const SampleColumns& base, const SampleColumns& sibling) {
  RawSeries out;
  promql::SetMixed(FillHoles(Mixed(base), Mixed(sibling)), out);
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
      {"too few samples to learn an interval", {0, 50}, {20, 30}, {0, 50}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Filled(At(c.base, 1), At(c.sibling, 2)).t, c.want) << c.name;
  }
}

TEST(FillHoles, DropsAStaleMarkerWhenTheSiblingWentOn) {
  SampleColumns base = At({0, 10, 20}, 1);
  base.push_back(30, promql::StaleNaN());
  base.push_back(70, 1);
  base.push_back(80, 1);
  const SampleColumns merged = Filled(base, At({6, 16, 26, 36, 46, 56, 66, 76}, 2));
  EXPECT_THAT(merged.t, ElementsAre(0, 10, 20, 36, 46, 56, 70, 80));
  for (const double v : merged.v) EXPECT_FALSE(promql::IsStaleNaN(v));
}

TEST(FillHoles, KeepsAStaleMarkerThatBothReplicasSaw) {
  SampleColumns base = At({0, 10, 20}, 1);
  base.push_back(30, promql::StaleNaN());
  SampleColumns sibling = At({5, 15, 25}, 2);
  sibling.push_back(35, promql::StaleNaN());
  const SampleColumns merged = Filled(base, sibling);
  EXPECT_THAT(merged.t, ElementsAre(0, 10, 20, 30));
  EXPECT_TRUE(promql::IsStaleNaN(merged.v.back()));
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
  EXPECT_EQ(Shape(FillHoles(base, sibling)), "f0 f10 n20 ?35 n45 n55 n65 ?70 n80");
  sibling.clear();
  for (int64_t t = 5; t < 90; t += 10) sibling.push_back(Histogram(t, kGauge));
  EXPECT_EQ(Shape(FillHoles(base, sibling)), "f0 f10 n20 g35 g45 g55 g65 ?70 n80");
  base[2].h.reset();
  base[2].v = promql::StaleNaN();
  EXPECT_EQ(Shape(FillHoles(base, sibling)), "f0 f10 g35 g45 g55 g65 ?70 n80")
      << "it went on there";
}

TEST(MergeReplicas, FillsWithHistograms) {
  const auto series = [](std::vector<int64_t> floats, std::vector<int64_t> histograms) {
    RawSeries out{Labels::From({{"job", "a"}}), At(std::move(floats), 1)};
    for (const int64_t t : histograms) {
      out.histograms.push_back(t, std::make_shared<promql::FloatHistogram>());
    }
    return out;
  };
  const RawSeries base = series({0, 10}, {20, 60, 70, 80});
  EXPECT_TRUE(MayHaveHoles(base));
  EXPECT_FALSE(MayHaveHoles(series({0, 10, 40, 50}, {20, 30})));
  const auto merged = MergeReplicas({base}, {series({36}, {46, 86})});
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_THAT(std::get<SampleColumns>((*merged)[0].data).t, ElementsAre(0, 10, 36));
  EXPECT_THAT((*merged)[0].histograms.t, ElementsAre(20, 46, 60, 70, 80));
}

TEST(MergeReplicas, PairsSeriesByLabelsAndKeepsSingleOnes) {
  const auto series = [](const char* job, std::vector<int64_t> times, double value) {
    return RawSeries{Labels::From({{"job", job}}), At(std::move(times), value)};
  };
  const auto merged = MergeReplicas({series("a", {0, 10, 20, 30}, 1), series("b", {0, 10, 50}, 1)},
                                    {series("b", {2, 12, 22, 32, 42}, 2), series("c", {2}, 2)});
  ASSERT_TRUE(merged.ok()) << merged.status();
  ASSERT_EQ(merged->size(), 3u);
  EXPECT_EQ(std::get<SampleColumns>((*merged)[0].data).v[0], 1);
  // The second replica has more of b: it is the base.
  EXPECT_THAT(std::get<SampleColumns>((*merged)[1].data).t, ElementsAre(2, 12, 22, 32, 42));
  EXPECT_EQ((*merged)[2].labels.Get("job"), "c");
}

TEST(MergeReplicas, StaysCompressedWhenNothingIsMissing) {
  const int64_t t[] = {0, 10, 20, 30};
  const double v[] = {1, 2, 3, 4};
  auto owner = std::make_shared<const std::string>(promql::EncodeXor(t, v, 4));
  promql::Chunk chunk{0, 30, promql::ChunkEncoding::kXor, *owner, owner};
  RawSeries a{Labels::From({{"job", "a"}}), std::vector<promql::Chunk>{chunk}};
  RawSeries b{Labels::From({{"job", "a"}}), At({5, 15, 25}, 9)};
  const auto merged = MergeReplicas({a}, {b});
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_TRUE(std::holds_alternative<std::vector<promql::Chunk>>((*merged)[0].data));
}

// A series at 15 s with samples number `from` to `to` missing, as one chunk a hundred samples.
RawSeries Chunked(int from, int to) {
  std::vector<promql::Chunk> chunks;
  for (int start = 0; start < 300; start += 100) {
    std::vector<int64_t> t;
    std::vector<double> v;
    for (int i = start; i < start + 100; ++i) {
      if (i >= from && i < to) continue;
      t.push_back(i * 15'000 + i % 3);  // a little jitter
      v.push_back(i);
    }
    if (t.empty()) continue;
    promql::Chunk& chunk = chunks.emplace_back();
    chunk.owner =
        std::make_shared<const std::string>(promql::EncodeXor(t.data(), v.data(), t.size()));
    chunk.bytes = *chunk.owner;
    chunk.min_t = t.front();
    chunk.max_t = t.back();
  }
  return {Labels::From({{"a", "b"}}), std::move(chunks)};
}

TEST(MayHaveHoles, SeesAMissedScrapeInsideOrBetweenChunks) {
  EXPECT_FALSE(MayHaveHoles(Chunked(0, 0)));
  EXPECT_TRUE(MayHaveHoles(Chunked(150, 151)));
  EXPECT_TRUE(MayHaveHoles(Chunked(95, 105)));
  EXPECT_TRUE(MayHaveHoles(Chunked(100, 200)));
  EXPECT_FALSE(MayHaveHoles(Chunked(0, 20))) << "a late beginning is no hole";
  EXPECT_FALSE(MayHaveHoles(Chunked(290, 300)));
}

TEST(MayHaveHoles, ReadsASeriesOfOneChunk) {
  EXPECT_FALSE(MayHaveHoles(Chunked(100, 300)));
  RawSeries one = Chunked(100, 300);
  RawSeries holed = Chunked(40, 42);
  std::get<std::vector<promql::Chunk>>(holed.data).resize(1);
  EXPECT_TRUE(MayHaveHoles(holed));
  std::get<std::vector<promql::Chunk>>(one.data)[0].bytes = "";
  EXPECT_FALSE(MayHaveHoles(one)) << "damage is the evaluator's to report";
}

}  // namespace
}  // namespace synoptic::aggregator
