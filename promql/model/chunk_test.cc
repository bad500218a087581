// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Chunks that nobody wrote: cut, damaged, or made up. What well-formed ones hold is in
// histogram_golden_test.cc.
#include "promql/model/chunk.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "promql/model/bit_writer.h"
#include "promql/model/histogram_coding.h"
#include "promql/model/histogram_writer.h"

namespace synoptic::promql {
namespace {

constexpr ChunkEncoding kHistogramEncodings[] = {
    ChunkEncoding::kHistogram, ChunkEncoding::kFloatHistogram, ChunkEncoding::kHistogramSt,
    ChunkEncoding::kFloatHistogramSt};

FloatHistogram Example(int step) {
  FloatHistogram h;
  h.schema = 3;
  h.zero_threshold = 0.001;
  h.zero_count = step;
  h.positive_spans = {{-2, 3}, {2, 2}};
  h.negative_spans = {{1, 2}};
  for (int i = 0; i < 5; ++i) h.positive_buckets.push_back(i + step * (i % 3));
  h.negative_buckets = {2, 40000.0 + step};
  h.count = 1000.0 + 10 * step;
  h.sum = 0.25 * step;
  return h;
}

template <class H>
std::string Encoded(bool with_start, H (*convert)(const FloatHistogram&)) {
  HistogramWriter<H> writer(with_start);
  for (int i = 0; i < 20; ++i) {
    const int64_t start = i < 5 ? 0 : 900 + i / 10;
    writer.Append(1000 + 15 * i, convert(Example(i)), start);
  }
  return writer.Take().at(0).bytes;
}

std::string Encoded(ChunkEncoding encoding) {
  switch (encoding) {
    case ChunkEncoding::kXor2: {
      std::vector<int64_t> t;
      std::vector<double> v;
      std::vector<int64_t> start;
      for (int i = 0; i < 20; ++i) {
        t.push_back(1000 + 15 * i + i % 3);
        v.push_back(i == 7 ? StaleNaN() : std::floor(i / 4.0) * 1.5);
        start.push_back(900 + i / 10);
      }
      return EncodeXor2(t.data(), v.data(), start.data(), t.size());
    }
    case ChunkEncoding::kHistogram:
    case ChunkEncoding::kHistogramSt:
      return Encoded<IntegerHistogram>(
          encoding == ChunkEncoding::kHistogramSt,
          [](const FloatHistogram& h) { return ToInteger(h).value(); });
    default:
      return Encoded<FloatHistogram>(encoding == ChunkEncoding::kFloatHistogramSt,
                                     [](const FloatHistogram& h) { return h; });
  }
}

struct Decoded {
  absl::Status status;
  SampleColumns floats;
  HistogramColumns histograms;
  size_t size() const { return floats.size() + histograms.size(); }
};

// From a copy of the very size, in which AddressSanitizer sees a read past the end.
Decoded Decode(ChunkEncoding encoding, std::string_view bytes) {
  const std::vector<char> copy(bytes.begin(), bytes.end());
  Decoded out;
  out.status = DecodeChunk({0, 0, encoding, {copy.data(), copy.size()}, nullptr}, INT64_MIN,
                           INT64_MAX, out.floats, &out.histograms);
  return out;
}

TEST(Chunks, EveryCutIsDataLossAndKeepsWhatIsBeforeIt) {
  for (int encoding = 2; encoding <= 6; ++encoding) {
    const auto e = static_cast<ChunkEncoding>(encoding);
    const std::string bytes = Encoded(e);
    ASSERT_EQ(Decode(e, bytes).size(), 20u);
    for (size_t size = 0; size < bytes.size(); ++size) {
      const Decoded got = Decode(e, std::string_view(bytes).substr(0, size));
      ASSERT_EQ(got.status.code(), absl::StatusCode::kDataLoss) << encoding << " " << size;
      ASSERT_LT(got.size(), 20u);
    }
  }
}

TEST(Chunks, AnyBytesAreReadOrRefused) {
  std::mt19937_64 rng(5);  // NOLINT: the same bytes in every run
  for (int round = 0; round < 20000; ++round) {
    const auto encoding = static_cast<ChunkEncoding>(2 + round % 5);
    std::string bytes = Encoded(encoding);
    if (round % 3 == 0) {
      bytes.resize(rng() % 150);
      for (char& byte : bytes) byte = static_cast<char>(rng());
    }
    for (uint64_t flips = 1 + rng() % 6; flips > 0 && !bytes.empty(); --flips) {
      bytes[rng() % bytes.size()] ^= static_cast<char>(1 << (rng() % 8));
    }
    const Decoded got = Decode(encoding, bytes);
    ASSERT_TRUE(got.status.ok() || got.status.code() == absl::StatusCode::kDataLoss);
    ASSERT_TRUE(
        std::is_sorted(got.histograms.t.begin(), got.histograms.t.end(), std::less_equal<>()));
    size_t buckets = 0;
    for (const HistogramPtr& h : got.histograms.h) {
      buckets += h->positive_buckets.size() + h->negative_buckets.size();
    }
    ASSERT_LE(buckets, bytes.size() * 8);
  }
}

// A chunk of one sample without buckets, whose layout is as given.
std::string WithLayout(const internal::HistogramLayout& layout, size_t zeros) {
  internal::BitWriter out;
  out.Write(1, 16);
  out.Write(0, 8);
  internal::WriteLayout(layout, out);
  for (size_t i = 0; i < zeros; ++i) out.Write(0, 8);
  return out.Take();
}

TEST(Chunks, LayoutsThatCannotBeAreDataLoss) {
  const auto code = [](const internal::HistogramLayout& layout) {
    return Decode(ChunkEncoding::kFloatHistogram, WithLayout(layout, 200)).status.code();
  };
  EXPECT_EQ(code({0, 0, {{-3, 2}, {1, 1}}, {}, {}}), absl::StatusCode::kOk);
  EXPECT_EQ(code({0, 0, {{0, 4000000000}}, {}, {}}), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code({0, 0, {{0, 2}, {-1, 1}}, {}, {}}), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code({0, 0, {{INT32_MAX, 2}}, {}, {}}), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code({-53, 0, {{0, 2}}, {}, {1}}), absl::StatusCode::kOk);
  EXPECT_EQ(code({-53, 0, {{0, 3}}, {}, {1}}), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code({-53, 0, {{-1, 1}}, {}, {1}}), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code({-53, 0, {{0, 1}}, {}, {2, 1}}), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code({-53, 0, {{0, 1}}, {{0, 1}}, {1, 2}}), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code({53, 0, {}, {}, {}}), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code({0, -1, {}, {}, {}}), absl::StatusCode::kDataLoss);
  EXPECT_EQ(code({0, NAN, {}, {}, {}}), absl::StatusCode::kDataLoss);
}

TEST(Chunks, AHeaderThatLiesIsFoundOutBeforeAnythingIsAllocated) {
  for (const ChunkEncoding encoding : kHistogramEncodings) {
    std::string bytes = "\xFF\xFF\xFF";
    bytes += std::string(20, '\xFF');
    EXPECT_EQ(Decode(encoding, bytes).status.code(), absl::StatusCode::kDataLoss);
  }
}

TEST(Chunks, MoreResolutionThanWeKnowIsReduced) {
  FloatHistogram fine = Example(1);
  fine.schema = 10;
  HistogramWriter<FloatHistogram> writer(false);
  writer.Append(1, fine);
  const Decoded got = Decode(ChunkEncoding::kFloatHistogram, writer.Take().at(0).bytes);
  ASSERT_EQ(got.histograms.size(), 1u);
  EXPECT_EQ(got.histograms.h[0]->schema, 8);
  EXPECT_EQ(got.histograms.h[0]->positive_spans, (std::vector<HistogramSpan>{{0, 2}}));
}

TEST(Chunks, OnlyWhatComesBackTheSameIsMadeInteger) {
  FloatHistogram h = Example(1);
  ASSERT_TRUE(ToInteger(h).has_value());
  EXPECT_EQ(ToInteger(h)->ToFloat().ToString(), h.ToString());
  for (const double count : {-0.0, 0.5, -1.0, 0x1p60, static_cast<double>(NAN)}) {
    h.zero_count = count;
    EXPECT_FALSE(ToInteger(h).has_value()) << count;
  }
}

TEST(Chunks, SamplesShareTheirLayout) {
  const Decoded got =
      Decode(ChunkEncoding::kFloatHistogram, Encoded(ChunkEncoding::kFloatHistogram));
  EXPECT_TRUE(got.histograms.h[0]->positive_spans.SharesWith(got.histograms.h[19]->positive_spans));
}

TEST(Chunks, HistogramsAreSkippedWhereNobodyTakesThem) {
  SampleColumns floats;
  const std::string bytes = "nonsense";
  EXPECT_TRUE(
      DecodeChunk({0, 0, ChunkEncoding::kHistogram, bytes, nullptr}, 0, 1, floats, nullptr).ok());
  EXPECT_EQ(
      DecodeChunk({0, 0, static_cast<ChunkEncoding>(9), bytes, nullptr}, 0, 1, floats, nullptr)
          .code(),
      absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace synoptic::promql
