// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/ages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>

#include "promql/model/mixed_samples.h"

namespace synoptic::aggregator {
namespace {

using promql::Chunk;
using promql::Labels;
using promql::RawSeries;
using promql::SampleColumns;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr int64_t kNever = std::numeric_limits<int64_t>::min();
constexpr int64_t kForever = std::numeric_limits<int64_t>::max();

RawSeries Columns(const char* name, std::vector<int64_t> times) {
  SampleColumns samples;
  for (const int64_t t : times) samples.push_back(t, static_cast<double>(t));
  return {Labels::From({{"__name__", name}}), std::move(samples)};
}

// One chunk for each list of times.
RawSeries Chunks(const char* name, const std::vector<std::vector<int64_t>>& lists) {
  std::vector<Chunk> chunks;
  for (const std::vector<int64_t>& times : lists) {
    const std::vector<double> values(times.begin(), times.end());
    auto bytes = std::make_shared<const std::string>(
        promql::EncodeXor(times.data(), values.data(), times.size()));
    chunks.push_back({times.front(), times.back(), promql::ChunkEncoding::kXor, *bytes, bytes});
  }
  return {Labels::From({{"__name__", name}}), std::move(chunks)};
}

std::vector<int64_t> Times(const RawSeries& series) {
  std::vector<int64_t> times;
  const auto samples = promql::ReadMixed(series);
  EXPECT_TRUE(samples.ok()) << samples.status();
  for (const promql::MixedSample& sample : *samples) {
    EXPECT_EQ(sample.v, static_cast<double>(sample.t));
    times.push_back(sample.t);
  }
  return times;
}

// What the old store answers for ends at 29; both know more than that.
std::vector<RawSeries> Joined(RawSeries old, RawSeries fresh) {
  std::vector<AgePart> parts;
  parts.push_back({{kNever, 29}, {std::move(old)}});
  parts.push_back({{30, kForever}, {std::move(fresh)}});
  auto joined = JoinAges(std::move(parts));
  EXPECT_TRUE(joined.ok()) << joined.status();
  return joined.ok() ? *std::move(joined) : std::vector<RawSeries>();
}

TEST(JoinAges, EverySampleComesFromOneStore) {
  const auto series = Joined(Columns("a", {5, 15, 25, 31, 35}), Columns("a", {20, 26, 30, 40}));
  ASSERT_THAT(series, SizeIs(1));
  EXPECT_THAT(Times(series[0]), ElementsAre(5, 15, 25, 30, 40));
}

TEST(JoinAges, ChunksStayCompressedButForThoseAcrossTheBorder) {
  const auto series =
      Joined(Chunks("a", {{0, 10}, {20, 28, 32}}), Chunks("a", {{18, 27}, {29, 33}, {40, 50}}));
  ASSERT_THAT(series, SizeIs(1));
  EXPECT_THAT(Times(series[0]), ElementsAre(0, 10, 20, 28, 33, 40, 50));
  const auto* chunks = std::get_if<std::vector<Chunk>>(&series[0].data);
  ASSERT_NE(chunks, nullptr);
  ASSERT_THAT(*chunks, SizeIs(4));
  EXPECT_EQ((*chunks)[1].max_t, 28);
}

TEST(JoinAges, ChunksAndColumnsMeet) {
  const auto series = Joined(Columns("a", {10, 20, 30}), Chunks("a", {{20, 31}, {40, 50}}));
  ASSERT_THAT(series, SizeIs(1));
  EXPECT_THAT(Times(series[0]), ElementsAre(10, 20, 31, 40, 50));
}

TEST(JoinAges, SeriesOfOneStoreStayAndAreSorted) {
  const auto series = Joined(Columns("b", {10}), Columns("a", {40}));
  ASSERT_THAT(series, SizeIs(2));
  EXPECT_THAT(Times(series[0]), ElementsAre(40));
  EXPECT_THAT(Times(series[1]), ElementsAre(10));
  // Nothing of it is within what its store answers for.
  EXPECT_THAT(Joined(Columns("b", {30}), Columns("a", {40})), SizeIs(1));
}

}  // namespace
}  // namespace synoptic::aggregator
