// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "promql/model/histogram_writer.h"

namespace synoptic::promql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A chunk with samples at the given times, each with its time as value.
Chunk MakeChunk(const std::vector<int64_t>& times) {
  const std::vector<double> values(times.begin(), times.end());
  auto owner =
      std::make_shared<const std::string>(EncodeXor(times.data(), values.data(), times.size()));
  return {times.front(), times.back(), ChunkEncoding::kXor, *owner, owner};
}

std::vector<int64_t> Times(const RawSeries& series, int64_t min_t, int64_t max_t) {
  SampleColumns out;
  EXPECT_TRUE(ReadSamples(series, min_t, max_t, out).ok());
  for (size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out.v[i], static_cast<double>(out.t[i]));
  return out.t;
}

TEST(ReadSamples, BothEndsBelongToTheRange) {
  const SampleColumns columns{{10, 20, 30, 40}, {10, 20, 30, 40}};
  const std::vector<Chunk> chunks = {MakeChunk({10, 20}), MakeChunk({30, 40})};
  for (const RawSeries& series : {RawSeries{{}, columns}, RawSeries{{}, chunks}}) {
    EXPECT_THAT(Times(series, 20, 30), ElementsAre(20, 30));
    EXPECT_THAT(Times(series, 0, 100), ElementsAre(10, 20, 30, 40));
    EXPECT_THAT(Times(series, 21, 29), IsEmpty());
    EXPECT_THAT(Times(series, 30, 20), IsEmpty());
    EXPECT_THAT(Times(series, 41, 99), IsEmpty());
  }
}

TEST(ReadSamples, OverlappingChunksStillGiveRisingTimes) {
  const RawSeries series{{}, std::vector<Chunk>{MakeChunk({10, 20, 30}), MakeChunk({20, 30, 40})}};
  EXPECT_THAT(Times(series, 0, 100), ElementsAre(10, 20, 30, 40));
}

TEST(ReadSamples, WhereChunksOverlapAResetIsNotRuledOut) {
  const auto chunk = [](std::initializer_list<int64_t> times) {
    HistogramWriter<FloatHistogram> writer(/*with_start=*/false);
    for (const int64_t t : times) writer.Append(t, FloatHistogram());
    EncodedChunk encoded = writer.Take().at(0);
    auto owner = std::make_shared<const std::string>(std::move(encoded.bytes));
    return Chunk{encoded.min_t, encoded.max_t, encoded.encoding, *owner, owner};
  };
  const RawSeries series{{}, std::vector<Chunk>{chunk({10, 20, 30}), chunk({15, 25, 35, 45})}};
  SampleColumns floats;
  HistogramColumns histograms;
  ASSERT_TRUE(ReadSamples(series, 20, 100, floats, &histograms).ok());
  EXPECT_THAT(histograms.t, ElementsAre(20, 30, 35, 45));
  std::vector<CounterResetHint> hints;
  for (const HistogramPtr& h : histograms.h) hints.push_back(h->hint);
  EXPECT_THAT(hints, ElementsAre(CounterResetHint::kNotReset, CounterResetHint::kNotReset,
                                 CounterResetHint::kUnknown, CounterResetHint::kNotReset));
}

TEST(ReadSamples, NamesTheSeriesOfADamagedChunk) {
  Chunk chunk = MakeChunk({10, 20, 30});
  chunk.bytes.remove_suffix(1);
  SampleColumns out;
  const absl::Status status =
      ReadSamples({Labels::From({{"job", "x"}}), std::vector<Chunk>{chunk}}, 0, 100, out);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr(R"(series {job="x"}: XOR chunk of)"));
}

TEST(ReadSamples, RefusesNativeHistograms) {
  HistogramWriter<FloatHistogram> writer(/*with_start=*/false);
  writer.Append(10, FloatHistogram());
  const std::string bytes = writer.Take().at(0).bytes;
  const Chunk chunk{10, 10, ChunkEncoding::kFloatHistogram, bytes, nullptr};
  const RawSeries series{{}, std::vector<Chunk>{chunk}};
  SampleColumns out;
  EXPECT_EQ(ReadSamples(series, 0, 100, out).code(), absl::StatusCode::kUnimplemented);
  EXPECT_TRUE(ReadSamples(series, 11, 100, out).ok());  // out of range: not looked at
}

TEST(Grid, CountsItsTimes) {
  EXPECT_EQ(Grid::Instant(5).size(), 1u);
  EXPECT_EQ((Grid{0, 59, 20}).size(), 3u);
  EXPECT_EQ((Grid{0, 60, 20}).size(), 4u);
  EXPECT_EQ((Grid{1, 0, 20}).size(), 0u);
  EXPECT_EQ((Grid{-10, 60, 20}).at(2), 30);
}

TEST(ValueType, Names) {
  EXPECT_STREQ(ApiName(ValueType::kMatrix), "matrix");
  EXPECT_STREQ(DocumentedName(ValueType::kMatrix), "range vector");
  EXPECT_STREQ(DocumentedName(ValueType::kVector), "instant vector");
  EXPECT_STREQ(DocumentedName(ValueType::kScalar), "scalar");
}

}  // namespace
}  // namespace synoptic::promql
