// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/fragment.h"

#include <gtest/gtest.h>

#include <bit>
#include <map>

#include "base/rng.h"
#include "promql/model/histogram_writer.h"

namespace synoptic::aggregator {
namespace {

using promql::Grid;
using promql::Labels;
using promql::RawSeries;
using promql::SampleColumns;
using promql::StepSeries;

Labels Named(size_t i) { return Labels::From({{"__name__", "x"}, {"i", std::to_string(i)}}); }

double AnyValue(SeededRng& rng) {
  switch (rng.Next() % 6) {
    case 0:
      return std::bit_cast<double>(promql::kNormalNaNBits);
    case 1:
      return -0.0;
    case 2:
      return 1.0 / 0.0;
    default:
      return static_cast<double>(rng.Next() % 1000) * 0.1;
  }
}

std::vector<StepSeries> RandomSteps(SeededRng& rng, const Grid& grid) {
  std::vector<StepSeries> out;
  for (size_t i = 0; i < 5; ++i) {
    if (rng.Next() % 4 == 0) continue;
    StepSeries& series = out.emplace_back(StepSeries{Named(i), {}, {}});
    for (size_t k = 0; k < grid.size(); ++k) {
      series.values.push_back(rng.Next() % 5 == 0 ? promql::Absent() : AnyValue(rng));
    }
  }
  return out;
}

// By series and time, the bits of every value.
using Bits = std::map<std::pair<std::string, int64_t>, uint64_t>;

Bits BitsOf(const std::vector<StepSeries>& series, const Grid& grid) {
  Bits out;
  for (const StepSeries& one : series) {
    for (size_t i = 0; i < one.values.size(); ++i) {
      if (promql::IsAbsent(one.values[i])) continue;
      out[{one.labels.ToString(), grid.at(i)}] = std::bit_cast<uint64_t>(one.values[i]);
    }
  }
  return out;
}

Bits BitsOf(const std::vector<RawSeries>& series, int64_t first, int64_t last) {
  Bits out;
  for (const RawSeries& one : series) {
    SampleColumns floats;
    promql::HistogramColumns histograms;
    EXPECT_TRUE(promql::ReadSamples(one, first, last, floats, &histograms).ok());
    for (size_t i = 0; i < floats.size(); ++i) {
      out[{one.labels.ToString(), floats.t[i]}] = std::bit_cast<uint64_t>(floats.v[i]);
    }
    for (size_t i = 0; i < histograms.size(); ++i) {
      out[{one.labels.ToString(), histograms.t[i]}] = std::bit_cast<uint64_t>(histograms.h[i]->sum);
    }
  }
  return out;
}

TEST(Fragment, StepsComeBackBitForBitHoweverTheyWereSplit) {
  SeededRng rng(1);
  for (int round = 0; round < 200; ++round) {
    const Grid grid{1000 + static_cast<int64_t>(rng.Next() % 100), 0, 50};
    Grid whole = grid;
    whole.end = grid.start + 50 * static_cast<int64_t>(1 + rng.Next() % 400);
    const std::vector<StepSeries> series = RandomSteps(rng, whole);
    std::vector<FragmentPtr> parts;
    FragmentPtr joined;
    for (int64_t t = whole.start; t <= whole.end;) {
      const int64_t last = std::min(whole.end, t + 50 * static_cast<int64_t>(rng.Next() % 200));
      parts.push_back(PackSteps(series, whole, t, last, {"r", 5, {}, {}}, joined));
      joined = joined == nullptr ? parts.back() : *JoinFragments(joined, parts.back());
      t = last + 50;
    }
    const Bits truth = BitsOf(series, whole);
    ASSERT_EQ(BitsOf(*UnpackSteps(parts, whole), whole), truth);
    ASSERT_EQ(BitsOf(*UnpackSteps(std::span(&joined, 1), whole), whole), truth);
    EXPECT_EQ(joined->first(), whole.start);
    EXPECT_EQ(joined->last(), whole.end);
    EXPECT_EQ(joined->samples(), static_cast<int64_t>(truth.size()));
  }
}

TEST(Fragment, CoarserStepsAreReadFromFinerOnes) {
  SeededRng rng(2);
  const Grid fine{0, 10'000, 100};
  const Grid coarse{200, 9'800, 300};
  const std::vector<StepSeries> series = RandomSteps(rng, fine);
  const FragmentPtr fragment = PackSteps(series, fine, 0, 10'000, {}, nullptr);
  Bits want;
  for (const auto& [key, bits] : BitsOf(series, fine)) {
    if (key.second >= 200 && key.second <= 9'800 && (key.second - 200) % 300 == 0) want[key] = bits;
  }
  EXPECT_EQ(BitsOf(*UnpackSteps(std::span(&fragment, 1), coarse), coarse), want);
}

// Floats as columns or chunks, and native histograms in between.
std::vector<RawSeries> RandomRaw(SeededRng& rng, int64_t end) {
  std::vector<RawSeries> out;
  for (size_t i = 0; i < 4; ++i) {
    SampleColumns floats;
    promql::HistogramColumns histograms;
    const bool mixed = rng.Next() % 3 == 0;
    for (int64_t t = static_cast<int64_t>(rng.Next() % 50); t <= end;
         t += 1 + static_cast<int64_t>(rng.Next() % 30)) {
      if (mixed && (t / 500) % 2 == 0) {
        auto h = std::make_shared<promql::FloatHistogram>();
        h->schema = 0;
        h->count = static_cast<double>(t);
        h->sum = static_cast<double>(t) / 3;
        h->zero_threshold = 0.001;
        h->zero_count = static_cast<double>(t);
        histograms.push_back(t, h);
      } else {
        floats.push_back(t, rng.Next() % 20 == 0 ? promql::StaleNaN() : AnyValue(rng));
      }
    }
    RawSeries series{Named(i), floats, histograms};
    if (!mixed && rng.Next() % 2 == 0 && !floats.empty()) {
      std::vector<promql::Chunk> chunks;
      for (size_t at = 0; at < floats.size(); at += 120) {
        const size_t n = std::min<size_t>(120, floats.size() - at);
        auto bytes =
            std::make_shared<const std::string>(promql::EncodeXor(&floats.t[at], &floats.v[at], n));
        chunks.push_back(
            {floats.t[at], floats.t[at + n - 1], promql::ChunkEncoding::kXor, *bytes, bytes});
      }
      series.data = std::move(chunks);
    }
    out.push_back(std::move(series));
  }
  return out;
}

TEST(Fragment, SamplesComeBackBitForBitHoweverTheyWereSplit) {
  SeededRng rng(3);
  for (int round = 0; round < 200; ++round) {
    const int64_t end = 100 + static_cast<int64_t>(rng.Next() % 8'000);
    const std::vector<RawSeries> series = RandomRaw(rng, end);
    std::vector<FragmentPtr> parts;
    FragmentPtr joined;
    for (int64_t t = 0; t <= end;) {
      const int64_t last = std::min(end, t + static_cast<int64_t>(rng.Next() % 3'000));
      auto part = PackRaw(series, t, last, {"r", 5, {}, {}}, joined);
      ASSERT_TRUE(part.ok()) << part.status();
      parts.push_back(*part);
      joined = joined == nullptr ? parts.back() : *JoinFragments(joined, parts.back());
      t = last + 1;
    }
    const Bits truth = BitsOf(series, 0, end);
    ASSERT_EQ(BitsOf(UnpackRaw(parts), 0, end), truth);
    ASSERT_EQ(BitsOf(UnpackRaw(std::span(&joined, 1)), 0, end), truth);
    const auto tight = CompactFragment(joined);
    ASSERT_TRUE(tight.ok());
    EXPECT_FALSE((*tight)->loose());
    EXPECT_EQ((*tight)->samples(), joined->samples());
    ASSERT_EQ(BitsOf(UnpackRaw(std::span(&*tight, 1)), 0, end), truth);
    const auto cut = CutFragment(joined, end / 3, end / 2);
    ASSERT_TRUE(cut.ok());
    ASSERT_EQ(BitsOf(UnpackRaw(std::span(&*cut, 1)), 0, end), BitsOf(series, end / 3, end / 2));
  }
}

TEST(Fragment, ASeriesOfOneStreamSharesItsLabels) {
  const StepSeries series{Named(1), {1, 2, 3, 4}, {}};
  const Grid grid{0, 3, 1};
  const FragmentPtr a = PackSteps(std::span(&series, 1), grid, 0, 1, {}, nullptr);
  const FragmentPtr b = PackSteps(std::span(&series, 1), grid, 2, 3, {}, a);
  EXPECT_LT(b->bytes(), a->bytes());
  EXPECT_EQ(b->labels(0), a->labels(0));
}

TEST(Fragment, LabelsCountForWhatTakesTheirFragmentsPlace) {
  const StepSeries series{Named(1), {1, 2, 3, 4}, {}};
  const Grid grid{0, 3, 1};
  const FragmentPtr a = PackSteps(std::span(&series, 1), grid, 0, 1, {}, nullptr);
  const FragmentPtr b = PackSteps(std::span(&series, 1), grid, 2, 3, {}, a);
  EXPECT_GT((*JoinFragments(a, b))->bytes(), a->bytes());
  EXPECT_GT((*CutFragment(a, 0, 0))->bytes(), b->bytes());
}

TEST(Fragment, WhatCameFromAServerShrinksWhenItIsWrittenAnew) {
  SampleColumns floats;
  for (int i = 0; i < 240; ++i) floats.push_back(i * 15'000, 0.01 * (i * 37 % 1'000));
  auto bytes = std::make_shared<const std::string>(
      promql::EncodeXor(floats.t.data(), floats.v.data(), floats.size()));
  const RawSeries series{
      Named(1),
      std::vector<promql::Chunk>{{0, floats.t.back(), promql::ChunkEncoding::kXor, *bytes, bytes}},
      {}};
  const FragmentPtr loose = *PackRaw(std::span(&series, 1), 0, floats.t.back(), {}, nullptr);
  ASSERT_TRUE(loose->loose());
  const FragmentPtr tight = *CompactFragment(loose);
  EXPECT_LT(tight->bytes(), loose->bytes() / 2);
  EXPECT_EQ(*CompactFragment(tight), tight);
}

TEST(Fragment, NotesOfBothPartsAreKeptOnce) {
  FragmentBuilder a(0, 1, {"r", 1, {"w"}, {"i"}}, nullptr);
  FragmentBuilder b(2, 3, {"s", 2, {"w2", "w"}, {}}, nullptr);
  const auto joined = JoinFragments(a.Build(), b.Build());
  ASSERT_TRUE(joined.ok());
  EXPECT_EQ((*joined)->origin().replica, "s and others");
  EXPECT_EQ((*joined)->origin().warnings, (std::vector<std::string>{"w2", "w"}));
  EXPECT_EQ((*joined)->origin().infos, std::vector<std::string>{"i"});
}

}  // namespace
}  // namespace synoptic::aggregator
