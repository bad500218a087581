// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/read_encode.h"

#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "base/status.h"
#include "promql/model/mixed_samples.h"
#include "proto/remote.pb.h"

namespace synoptic::aggregator {
namespace {

using promql::Labels;
using promql::RawSeries;

RawSeries Columns(std::string name, int64_t count) {
  promql::SampleColumns samples;
  for (int64_t i = 0; i < count; ++i) samples.push_back(1000 * i, static_cast<double>(i));
  return {Labels::From({{"__name__", std::move(name)}}), std::move(samples)};
}

// The frames' messages; checks lengths and checksums on the way.
std::vector<proto::ChunkedReadResponse> Frames(std::string_view body) {
  std::vector<proto::ChunkedReadResponse> messages;
  while (!body.empty()) {
    uint64_t size = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(body.front());
      body.remove_prefix(1);
      size |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) break;
    }
    uint32_t checksum = 0;
    for (int i = 0; i < 4; ++i) {
      checksum = checksum << 8 | static_cast<unsigned char>(body[static_cast<size_t>(i)]);
    }
    const std::string_view data = body.substr(4, size);
    EXPECT_EQ(Crc32c(data), checksum);
    EXPECT_TRUE(messages.emplace_back().ParseFromString(std::string(data)));
    body.remove_prefix(4 + size);
  }
  return messages;
}

// The chunks of a message as a series again.
RawSeries SeriesOf(const proto::ChunkedReadResponse& message) {
  std::vector<promql::Chunk> chunks;
  for (const proto::Chunk& chunk : message.chunked_series(0).chunks()) {
    auto owner = std::make_shared<const std::string>(chunk.data());
    chunks.push_back({chunk.min_time_ms(), chunk.max_time_ms(),
                      static_cast<promql::ChunkEncoding>(chunk.type()), *owner, owner});
  }
  return {Labels(), std::move(chunks)};
}

std::string Text(const RawSeries& series) {
  const auto samples = promql::ReadMixed(series);
  if (!samples.ok()) return std::string(MessageOf(samples.status()));
  std::string out;
  for (const promql::MixedSample& sample : *samples) {
    out += fmt::format("{}@{} ", sample.h != nullptr ? "h" : fmt::format("{}", sample.v), sample.t);
  }
  return out;
}

TEST(ReadEncode, FramesHoldTheSamplesOfTheRange) {
  const std::vector<RawSeries> series = {Columns("a", 300), Columns("b", 5)};
  Reservation held;
  std::string out;
  ASSERT_TRUE(AppendFrames(series, 7, 1000, 250'000, held, out).ok());
  const auto frames = Frames(out);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].query_index(), 7);
  EXPECT_EQ(frames[0].chunked_series(0).labels(0).value(), "a");
  EXPECT_EQ(frames[0].chunked_series(0).chunks_size(), 3);  // 250 samples, 120 to a chunk
  const auto samples = promql::ReadMixed(SeriesOf(frames[0]));
  ASSERT_TRUE(samples.ok());
  EXPECT_EQ(samples->size(), 250u);
  EXPECT_EQ(samples->front().t, 1000);
  EXPECT_EQ(Text(SeriesOf(frames[1])), "1@1000 2@2000 3@3000 4@4000 ");
}

TEST(ReadEncode, KnownChunksGoOutAsTheyCame) {
  const int64_t t[] = {1000, 2000};
  const double v[] = {1, promql::StaleNaN()};
  const auto known = std::make_shared<const std::string>(promql::EncodeXor(t, v, 2));
  const auto newer = std::make_shared<const std::string>(promql::EncodeXor2(t, v, nullptr, 2));
  const auto chunk = [](promql::ChunkEncoding encoding, const auto& bytes) {
    return std::vector<promql::Chunk>{{1000, 2000, encoding, *bytes, bytes}};
  };
  const std::vector<RawSeries> series = {
      {Labels::From({{"a", "1"}}), chunk(promql::ChunkEncoding::kXor, known)},
      {Labels::From({{"a", "2"}}), chunk(promql::ChunkEncoding::kXor2, newer)}};
  Reservation held;
  std::string out;
  ASSERT_TRUE(AppendFrames(series, 0, 1500, 9000, held, out).ok());
  const auto frames = Frames(out);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].chunked_series(0).chunks(0).data(), *known);
  // Nobody who asks for XOR has to know XOR2: it is written anew, within the range.
  EXPECT_EQ(frames[1].chunked_series(0).chunks(0).type(), proto::Chunk::XOR);
  EXPECT_EQ(Text(SeriesOf(frames[1])), "nan@2000 ");
  out.clear();
  ASSERT_TRUE(AppendFrames(series, 0, 5000, 9000, held, out).ok());
  EXPECT_TRUE(out.empty());
}

TEST(ReadEncode, FloatsAndHistogramsAlternateInChunksOfTheirOwn) {
  auto h = std::make_shared<promql::FloatHistogram>();
  h->count = h->zero_count = 2;
  promql::HistogramColumns histograms;
  histograms.push_back(1500, h);
  RawSeries series = Columns("a", 3);
  series.histograms = histograms;
  Reservation held;
  std::string out;
  ASSERT_TRUE(AppendFrames(std::span(&series, 1), 0, 0, 9000, held, out).ok());
  const auto frames = Frames(out);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].chunked_series(0).chunks_size(), 3);
  EXPECT_EQ(Text(SeriesOf(frames[0])), "0@0 1@1000 h@1500 2@2000 ");
}

TEST(ReadEncode, SamplesFormKeepsToRangeAndLimit) {
  const std::vector<RawSeries> series = {Columns("a", 5), Columns("b", 1)};
  Reservation held;
  std::string out;
  ASSERT_TRUE(AppendQueryResult(series, 1000, 3000, 3, held, out).ok());
  ASSERT_TRUE(AppendQueryResult({}, 0, 1, 3, held, out).ok());
  proto::ReadResponse response;
  ASSERT_TRUE(response.ParseFromString(out));
  ASSERT_EQ(response.results_size(), 2);
  ASSERT_EQ(response.results(0).timeseries_size(), 1);  // b has nothing there
  EXPECT_EQ(response.results(0).timeseries(0).samples_size(), 3);
  EXPECT_EQ(response.results(0).timeseries(0).samples(2).timestamp(), 3000);
  EXPECT_EQ(MessageOf(AppendQueryResult(series, 0, 9000, 3, held, out)),
            "exceeded sample limit (3)");
}

TEST(ReadEncode, WhatIsHeldIsCharged) {
  MemoryBudget budget("query memory", 2000);
  Reservation held(&budget);
  std::string out;
  const std::vector<RawSeries> series = {Columns("a", 100'000)};
  EXPECT_TRUE(absl::IsResourceExhausted(AppendFrames(series, 0, 0, 1'000'000'000, held, out)));
}

}  // namespace
}  // namespace synoptic::aggregator
