// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/column_chunk.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>

#include "base/rng.h"
#include "promql/model/packed_ints.h"

namespace synoptic::promql {
namespace {

constexpr int64_t kStart = 1'700'000'000'000;

double Uniform(SeededRng& rng) { return static_cast<double>(rng.Next() >> 11) * 0x1p-53; }

struct Shape {
  const char* name;
  double most_bytes;                                    // a sample
  std::function<double(SeededRng&, int, double)> next;  // step, value before
};

// What the values of gauges and rates look like, and what they may take.
const Shape kShapes[] = {
    {"constant", 0.2, [](SeededRng&, int, double) { return 64.0; }},
    {"flag that seldom changes", 0.3,
     [](SeededRng&, int i, double) { return i % 97 == 13 ? 0.0 : 1.0; }},
    {"integers", 1.2,
     [](SeededRng& rng, int, double) { return static_cast<double>(rng.Next() % 100); }},
    {"counter", 1.3,
     [](SeededRng& rng, int, double v) { return v + 1e6 + static_cast<double>(rng.Next() % 100); }},
    {"hundredths that wander", 1.2,
     [](SeededRng& rng, int, double v) {
       return std::round(v * 100 + 200 * (Uniform(rng) - 0.5)) / 100;
     }},
    {"tenths added up", 1.7,
     [](SeededRng& rng, int, double v) {
       return v + static_cast<double>(rng.Next() % 21) / 10 - 1;
     }},
    {"a counter's rate", 1.2,
     [](SeededRng& rng, int, double) {
       return static_cast<double>(3'000 + rng.Next() % 100) * (300.0 / 285.0 / 300.0);
     }},
    {"a sum of rates", 1.6,
     [](SeededRng& rng, int, double) {
       double sum = 0;
       for (int i = 0; i < 4; ++i) {
         sum += static_cast<double>(3'000 + rng.Next() % 50) * (300.0 / 285.0 / 300.0);
       }
       return sum;
     }},
    {"all of a double", 7.0, [](SeededRng& rng, int, double) { return 1 + Uniform(rng); }},
    {"noise around zero", 7.4, [](SeededRng& rng, int, double) { return Uniform(rng) - 0.5; }},
    {"anything", 9.5,
     [](SeededRng& rng, int, double) { return std::bit_cast<double>(rng.Next()); }},
    {"specials among decimals", 2.0,
     [](SeededRng& rng, int i, double) {
       if (i % 40 == 7) return StaleNaN();
       if (i % 40 == 9) return -0.0;
       if (i % 80 == 11) return std::numeric_limits<double>::infinity();
       return static_cast<double>(rng.Next() % 10) / 10;
     }},
};

SampleColumns Make(const Shape& shape, SeededRng& rng, size_t count, int64_t jitter) {
  SampleColumns out;
  double v = 50;
  int64_t t = kStart;
  for (size_t i = 0; i < count; ++i) {
    v = shape.next(rng, static_cast<int>(i), v);
    out.push_back(t, v);
    t += 15'000;
    if (jitter > 0) t += static_cast<int64_t>(rng.Next() % static_cast<uint64_t>(jitter));
    if (i % 100 == 99) t += 60'000;
  }
  return out;
}

std::vector<uint64_t> BitsOf(const SampleColumns& columns, size_t from, size_t until) {
  std::vector<uint64_t> out;
  for (size_t i = from; i < until; ++i) {
    out.push_back(static_cast<uint64_t>(columns.t[i]));
    out.push_back(std::bit_cast<uint64_t>(columns.v[i]));
  }
  return out;
}

TEST(ColumnChunk, GivesBackEveryBitOfEveryRange) {
  SeededRng rng(1);
  for (const Shape& shape : kShapes) {
    for (const size_t count : {1, 2, 15, 16, 100, 240, 1'000}) {
      for (const int64_t jitter : {0, 5, 9'000}) {
        const SampleColumns in = Make(shape, rng, count, jitter);
        const EncodedFloats encoded = EncodeFloats(in.t.data(), in.v.data(), count);
        ASSERT_EQ(XorSampleCount(encoded.bytes), count);
        const Chunk chunk{in.t.front(), in.t.back(), encoded.encoding, encoded.bytes, nullptr};
        size_t from = 0;
        size_t until = count;
        for (int round = 0; round < 4; ++round) {
          SampleColumns out;
          const absl::Status status = DecodeChunk(chunk, in.t[from], in.t[until - 1], out, nullptr);
          ASSERT_TRUE(status.ok()) << status << " " << shape.name;
          ASSERT_EQ(BitsOf(out, 0, out.size()), BitsOf(in, from, until)) << shape.name;
          from = rng.Next() % count;
          until = from + 1 + rng.Next() % (count - from);
        }
      }
    }
  }
}

TEST(ColumnChunk, TakesNoMoreThanTheShapeOfTheValuesNeeds) {
  SeededRng rng(2);
  for (const Shape& shape : kShapes) {
    const SampleColumns in = Make(shape, rng, 240, 0);
    const EncodedFloats encoded = EncodeFloats(in.t.data(), in.v.data(), in.size());
    const double bytes = static_cast<double>(encoded.bytes.size()) / 240;
    EXPECT_LT(bytes, shape.most_bytes) << shape.name;
    EXPECT_LE(encoded.bytes.size(), EncodeXor(in.t.data(), in.v.data(), in.size()).size() + 3);
  }
}

TEST(ColumnChunk, StartTimesOfOthersStayInStep) {
  SampleColumns out;
  out.push_back(1, 1, 1);
  const SampleColumns in = [] {
    SeededRng rng(3);
    return Make(kShapes[0], rng, 20, 0);
  }();
  const EncodedFloats encoded = EncodeFloats(in.t.data(), in.v.data(), in.size());
  ASSERT_EQ(encoded.encoding, kColumnChunk);
  ASSERT_TRUE(DecodeColumns(encoded.bytes, kStart, kStart + 15'000, out).ok());
  EXPECT_EQ(out.st, (std::vector<int64_t>{1, 0, 0}));
}

TEST(ColumnChunk, DamagedBytesGiveAnErrorOrTimesThatRise) {
  SeededRng rng(4);
  int errors = 0;
  for (const Shape& shape : kShapes) {
    const SampleColumns in = Make(shape, rng, 60, 100);
    const EncodedFloats encoded = EncodeFloats(in.t.data(), in.v.data(), in.size());
    if (encoded.encoding != kColumnChunk) continue;
    for (int round = 0; round < 2'000; ++round) {
      std::string bytes = encoded.bytes;
      if (round % 3 == 0) {
        bytes.resize(rng.Next() % bytes.size());
      } else {
        bytes[rng.Next() % bytes.size()] = static_cast<char>(rng.Next());
      }
      // Of its own size, so that reading behind the end is seen by the sanitizers.
      const std::vector<char> exact(bytes.begin(), bytes.end());
      SampleColumns out;
      const absl::Status status =
          DecodeColumns({exact.data(), exact.size()}, std::numeric_limits<int64_t>::min(),
                        std::numeric_limits<int64_t>::max(), out);
      if (!status.ok()) {
        ++errors;
        continue;
      }
      for (size_t i = 1; i < out.size(); ++i) ASSERT_GT(out.t[i], out.t[i - 1]);
    }
  }
  EXPECT_GT(errors, 1'000);
}

TEST(PackedInts, GivesBackAnyIntegers) {
  SeededRng rng(5);
  for (unsigned width = 0; width <= 64; ++width) {
    for (const size_t count : {1, 2, 3, 7, 8, 9, 63, 64, 65, 300}) {
      std::vector<int64_t> in(count);
      for (int64_t& one : in) {
        const uint64_t value = width == 0 ? 0 : rng.Next() >> (64 - width);
        one = static_cast<int64_t>(rng.Next() % 50 == 0 ? rng.Next() : value);
      }
      std::string bytes;
      PutPacked(bytes, in);
      PutInts(bytes, in);
      const std::vector<char> exact(bytes.begin(), bytes.end());
      std::string_view left(exact.data(), exact.size());
      std::vector<int64_t> packed(count);
      std::vector<int64_t> ints(count);
      ASSERT_TRUE(TakePacked(left, packed));
      ASSERT_TRUE(TakeInts(left, ints));
      EXPECT_TRUE(left.empty());
      EXPECT_EQ(packed, in) << width;
      EXPECT_EQ(ints, in) << width;
    }
  }
}

}  // namespace
}  // namespace synoptic::promql
