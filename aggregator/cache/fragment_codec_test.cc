// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/fragment_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "base/rng.h"
#include "promql/model/histogram_writer.h"

namespace synoptic::aggregator {
namespace {

using promql::Labels;

constexpr int64_t kFirst = 1'700'000'000'000;

// Floats, floats with start timestamps and native histograms, in several chunks.
FragmentPtr AnyFragment(SeededRng& rng) {
  FragmentOrigin origin{"http://a", kFirst + 5, {"PromQL warning: w"}, {"PromQL info: i"}};
  const int64_t last = kFirst + 2'000'000;
  FragmentBuilder builder(kFirst, last, std::move(origin), nullptr);
  for (size_t i = 0; i < 4; ++i) {
    promql::SampleColumns floats;
    promql::HistogramColumns histograms;
    for (int64_t t = kFirst; t <= last; t += 1 + static_cast<int64_t>(rng.Next() % 10'000)) {
      if (i == 1 && (t / 300'000) % 2 == 0) {
        auto h = std::make_shared<promql::FloatHistogram>();
        h->zero_threshold = 0.001;
        h->zero_count = h->count = static_cast<double>(t % 1'000);
        h->sum = 0.1 * h->count;
        histograms.push_back(t, h);
      } else {
        floats.push_back(t, static_cast<double>(rng.Next() % 100) * 0.1);
        if (i == 2) floats.st.push_back(t - 1'000);
      }
    }
    builder.Begin(Labels::From({{"__name__", "x"}, {"i", std::to_string(i)}}));
    builder.AddSamples(floats, histograms);
  }
  return builder.Build();
}

std::string Sealed(std::string bytes) {
  uint32_t crc = Crc32c(std::string_view(bytes).substr(8));
  for (size_t i = 4; i < 8; ++i, crc >>= 8) bytes[i] = static_cast<char>(crc & 0xff);
  return bytes;
}

TEST(FragmentCodec, GivesBackTheSameFragment) {
  SeededRng rng(1);
  for (int round = 0; round < 20; ++round) {
    const FragmentPtr fragment = AnyFragment(rng);
    const std::string bytes = EncodeFragment("stream", -7, *fragment);
    const auto back = DecodeFragment(bytes, "stream", -7, nullptr);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ((*back)->first(), fragment->first());
    EXPECT_EQ((*back)->last(), fragment->last());
    EXPECT_EQ((*back)->samples(), fragment->samples());
    EXPECT_EQ((*back)->origin().replica, "http://a");
    EXPECT_EQ((*back)->origin().warnings, fragment->origin().warnings);
    EXPECT_EQ((*back)->origin().fetched_ms, kFirst + 5);
    EXPECT_EQ(EncodeFragment("stream", -7, **back), bytes);
  }
}

TEST(FragmentCodec, SharesLabelsWithOneItKnows) {
  SeededRng rng(2);
  const FragmentPtr fragment = AnyFragment(rng);
  const std::string bytes = EncodeFragment("s", 1, *fragment);
  const auto back = DecodeFragment(bytes, "s", 1, fragment);
  ASSERT_TRUE(back.ok());
  EXPECT_LT((*back)->bytes(), fragment->bytes());
}

TEST(FragmentCodec, AnotherBlockIsNotFound) {
  SeededRng rng(3);
  const std::string bytes = EncodeFragment("s", 1, *AnyFragment(rng));
  EXPECT_EQ(DecodeFragment(bytes, "t", 1, nullptr).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(DecodeFragment(bytes, "s", 2, nullptr).status().code(), absl::StatusCode::kNotFound);
}

TEST(FragmentCodec, HeaderIsReadWithoutTheRest) {
  SeededRng rng(4);
  const FragmentPtr fragment = AnyFragment(rng);
  const std::string bytes = EncodeFragment("stream", 9, *fragment);
  const auto header = ReadHeader(std::string_view(bytes).substr(0, 40));
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header->stream, "stream");
  EXPECT_EQ(header->block, 9);
  EXPECT_EQ(header->first, fragment->first());
  EXPECT_EQ(header->last, fragment->last());
  EXPECT_FALSE(ReadHeader("SYF1").ok());
  EXPECT_FALSE(ReadHeader("something else").ok());
}

TEST(FragmentCodec, EveryFlippedBitAndEveryCutIsNoticed) {
  SeededRng rng(5);
  const std::string bytes = EncodeFragment("s", 1, *AnyFragment(rng));
  for (size_t size = 0; size < bytes.size(); size += 1 + size / 50) {
    EXPECT_FALSE(DecodeFragment(bytes.substr(0, size), "s", 1, nullptr).ok()) << size;
  }
  for (int round = 0; round < 2'000; ++round) {
    std::string damaged = bytes;
    damaged[rng.Next() % damaged.size()] ^= static_cast<char>(1 << (rng.Next() % 8));
    EXPECT_FALSE(DecodeFragment(damaged, "s", 1, nullptr).ok());
  }
}

// Somebody who computes the checksum as we do: whatever is read back holds together.
TEST(FragmentCodec, MadeUpBytesGiveAnErrorOrASoundFragment) {
  SeededRng rng(6);
  const std::string bytes = EncodeFragment("s", 1, *AnyFragment(rng));
  int taken = 0;
  for (int round = 0; round < 5'000; ++round) {
    std::string made = bytes;
    // Mostly among the numbers before the samples.
    const size_t range = rng.Next() % 2 == 0 ? 120 : made.size();
    for (uint64_t n = 1 + rng.Next() % 3; n > 0; --n) {
      made[8 + rng.Next() % (range - 8)] = static_cast<char>(rng.Next());
    }
    if (rng.Next() % 4 == 0) made.resize(8 + rng.Next() % (made.size() - 8));
    const auto back = DecodeFragment(Sealed(made), "s", 1, nullptr);
    if (!back.ok()) continue;
    ++taken;
    int64_t samples = 0;
    for (size_t i = 0; i < (*back)->size(); ++i) {
      for (const promql::Chunk& chunk : (*back)->Chunks(i)) {
        promql::SampleColumns floats;
        promql::HistogramColumns histograms;
        ASSERT_TRUE(
            promql::DecodeChunk(chunk, (*back)->first(), (*back)->last(), floats, &histograms)
                .ok());
        samples += static_cast<int64_t>(floats.size() + histograms.size());
      }
    }
    EXPECT_EQ(samples, (*back)->samples());
  }
  EXPECT_GT(taken, 10) << "only refusals prove nothing";
}

}  // namespace
}  // namespace synoptic::aggregator
