// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/go_format.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "base/rng.h"

namespace synoptic {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(GoFormat, SampleValuesAreSpelledAsInTheApi) {
  EXPECT_EQ(GoJsonFloat(0), "0");
  EXPECT_EQ(GoJsonFloat(-0.0), "-0");
  EXPECT_EQ(GoJsonFloat(1e20), "100000000000000000000");
  EXPECT_EQ(GoJsonFloat(1e21), "1e+21");
  // Shortest digits filled up with zeros, not the exact integer.
  EXPECT_EQ(GoJsonFloat(-114142135623730951.0), "-114142135623730940");
  EXPECT_EQ(GoJsonFloat(9007199254740994), "9007199254740994");
  EXPECT_EQ(GoFloatF(9e99), "9" + std::string(99, '0'));
  EXPECT_EQ(GoJsonFloat(1e-6), "0.000001");
  EXPECT_EQ(GoJsonFloat(1e-7), "1e-07");
  EXPECT_EQ(GoJsonFloat(kInf), "+Inf");
  EXPECT_EQ(GoJsonFloat(-kInf), "-Inf");
  EXPECT_EQ(GoJsonFloat(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(GoJsonFloat(0.1 + 0.2), "0.30000000000000004");
}

TEST(GoFormat, WholeNumbersHaveAllTheirDigits) {
  uint64_t power = 1;
  for (int digits = 1; digits <= 16; ++digits, power *= 10) {
    for (const int64_t step : {-1, 0, 1, 7}) {
      const auto whole = static_cast<int64_t>(power) + step;
      if (whole >= int64_t{1} << 53) continue;
      EXPECT_EQ(GoJsonFloat(static_cast<double>(whole)), std::to_string(whole));
      EXPECT_EQ(GoJsonFloat(static_cast<double>(-whole)), std::to_string(-whole));
    }
  }
  EXPECT_EQ(GoJsonFloat(9007199254740991), "9007199254740991");
  EXPECT_EQ(GoJsonFloat(9007199254740992), "9007199254740992");
}

TEST(GoFormat, FractionsHaveTheDigitsOfTheStandardLibrary) {
  SeededRng rng(7);
  const auto expect_same = [](double v) {
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, v, std::chars_format::fixed).ptr;
    ASSERT_EQ(GoJsonFloat(v), std::string(buffer, end));
  };
  for (int i = 0; i < 300'000; ++i) {
    // Mantissas of any length over all exponents that are written without one, and quotients.
    const int exponent = static_cast<int>(rng.Next() % 72) - 19;
    const uint64_t mantissa = rng.Next() >> (11 + rng.Next() % 50);
    const double any = std::ldexp(static_cast<double>(mantissa | 1), exponent) /
                       static_cast<double>(uint64_t{1} << 50);
    if (any >= 1e-6 && any < 9007199254740992.0) expect_same(rng.Next() % 2 == 0 ? any : -any);
    expect_same(static_cast<double>(rng.Next() % 1'000'003) / 299.0 + 1e-6);
    expect_same(static_cast<double>(rng.Next() % 100'000 + 1) / 1000.0);
  }
  for (double v = 1e-6; v < 1e15; v *= 10) {
    expect_same(v);
    expect_same(std::nextafter(v, 2 * v));
    expect_same(std::nextafter(3 * v, 0.0));
  }
}

TEST(GoFormat, GeneralFormTurnsToExponentAtSixDigits) {
  EXPECT_EQ(GoFloatG(100000), "100000");
  EXPECT_EQ(GoFloatG(1e6), "1e+06");
  EXPECT_EQ(GoFloatG(1234567), "1.234567e+06");
  EXPECT_EQ(GoFloatG(0.0001), "0.0001");
  EXPECT_EQ(GoFloatG(0.00001), "1e-05");
}

TEST(GoFormat, QuotesAsGo) {
  EXPECT_EQ(GoQuote("a\"b\\c\n\x01\x7f"), R"("a\"b\\c\n\x01\x7f")");
  EXPECT_EQ(GoQuote("\xff"), R"("\xff")");
  EXPECT_EQ(GoQuote("grüße €"), "\"grüße €\"");
  EXPECT_EQ(GoQuote("\xc2\xa0"), R"("\u00a0")");
  EXPECT_EQ(GoQuoteRune('\''), R"('\'')");
  EXPECT_EQ(GoQuoteRune(U'€'), "'€'");
}

}  // namespace
}  // namespace synoptic
