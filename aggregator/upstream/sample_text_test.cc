// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/sample_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/go_format.h"
#include "base/rng.h"
#include "promql/model/sample.h"

namespace synoptic::aggregator {
namespace {

TEST(SampleText, ReadsTimes) {
  const struct {
    std::string_view text;
    int64_t ms;
  } good[] = {{"0", 0},
              {"1.5", 1500},
              {"1435781451.781", 1435781451781},
              {"-1.005", -1005},
              {"1.500000", 1500},
              {"0.001", 1},
              {"1e3", 1'000'000},
              {"1.5e0", 1500},
              {"-0", 0},
              {"1.1", 1100},
              {"9007199254740", 9007199254740000}};
  for (const auto& c : good) {
    int64_t ms = -1;
    EXPECT_TRUE(ParseTimestamp(c.text, &ms)) << c.text;
    EXPECT_EQ(ms, c.ms) << c.text;
  }
  for (const std::string_view bad : {"", "-", "x", "1.2345", "1.0001", "0.0005", "1e300", "1e19",
                                     "99999999999999999999", "NaN", "inf", "1.5x", "1 ", "0x10"}) {
    int64_t ms = 0;
    EXPECT_FALSE(ParseTimestamp(bad, &ms)) << bad;
  }
}

TEST(SampleText, WritesTimes) {
  EXPECT_EQ(FormatSeconds(0), "0");
  EXPECT_EQ(FormatSeconds(1435781451781), "1435781451.781");
  EXPECT_EQ(FormatSeconds(1500), "1.500");
  EXPECT_EQ(FormatSeconds(-5), "-0.005");
  EXPECT_EQ(FormatSeconds(-2000), "-2");
}

TEST(SampleText, RefusesValuesThatPrometheusNeverWrites) {
  for (const std::string_view bad :
       {"", "nan", "inf", "Inf", "+inf", "-inf", "+1", " 1", "1 ", "1e400", "-1e400", "1e-400",
        "0x1", "1_0", "nan(1)", "-NaN", "--1", "."}) {
    double v = 0;
    EXPECT_FALSE(ParseSampleValue(bad, &v)) << bad;
  }
  double v = 0;
  ASSERT_TRUE(ParseSampleValue("NaN", &v));
  EXPECT_EQ(std::bit_cast<uint64_t>(v), promql::kNormalNaNBits);
  ASSERT_TRUE(ParseSampleValue("-Inf", &v));
  EXPECT_EQ(v, -std::numeric_limits<double>::infinity());
  ASSERT_TRUE(ParseSampleValue("-0", &v));
  EXPECT_TRUE(std::signbit(v));
  ASSERT_TRUE(ParseSampleValue("5e-324", &v));
  EXPECT_EQ(v, 5e-324);
}

// What Prometheus writes is read back to the same bits, by both ways.
TEST(SampleText, ValuesComeBackBitForBit) {
  SeededRng rng(42);
  for (int i = 0; i < 200'000; ++i) {
    double v = 0;
    switch (i % 4) {
      case 0:
        v = std::bit_cast<double>(rng.Next());
        break;
      case 1:
        v = static_cast<double>(rng.Next() >> 20) / 1000;
        break;
      case 2:
        v = static_cast<double>(static_cast<int64_t>(rng.Next() >> (rng.Next() % 64)));
        break;
      default:
        v = rng.Uniform() * 100 - 50;
        break;
    }
    if (std::isnan(v)) continue;
    const std::string text = GoJsonFloat(v);
    double read = 0;
    ASSERT_TRUE(ParseSampleValue(text, &read)) << text;
    ASSERT_EQ(std::bit_cast<uint64_t>(read), std::bit_cast<uint64_t>(v)) << text;
    const std::string point = "[1435781451.781,\"" + text + "\"]" + std::string(64, ' ');
    int64_t t = 0;
    double fast = 0;
    const char* end = ParsePoint(point.data(), point.data() + point.size(), &t, &fast);
    if (text.size() > 30) continue;  // long ones go the general way
    ASSERT_NE(end, nullptr) << text;
    ASSERT_EQ(std::bit_cast<uint64_t>(fast), std::bit_cast<uint64_t>(v)) << text;
    ASSERT_EQ(t, 1435781451781);
    ASSERT_EQ(end, point.data() + point.size() - 64);
  }
}

TEST(SampleText, PointsOfAnotherFormGoTheGeneralWay) {
  for (const std::string_view bad :
       {"[ 1,\"2\"]", "[1 ,\"2\"]", "[1,2]", "[1,\"2\",3]", "[1.5,\"2\"]", "[01,\"2\"]",
        "[-1,\"2\"]", "[1,\"x\"]", "[1,\"\"]", "[1,\"2\"", "{1,\"2\"]", "[1e3,\"2\"]",
        "[1234567890123,\"2\"]"}) {
    const std::string point = std::string(bad) + std::string(80, ' ');
    int64_t t = 0;
    double v = 0;
    EXPECT_EQ(ParsePoint(point.data(), point.data() + point.size(), &t, &v), nullptr) << bad;
  }
  const std::string early = "[1,\"2\"]";
  int64_t t = 0;
  double v = 0;
  EXPECT_EQ(ParsePoint(early.data(), early.data() + early.size(), &t, &v), nullptr);
}

}  // namespace
}  // namespace synoptic::aggregator
