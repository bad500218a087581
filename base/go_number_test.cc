// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/go_number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/status.h"

namespace synoptic {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(GoNumber, FloatsAreReadAsGoReadsThem) {
  const struct {
    std::string_view text;
    double value;
  } kCases[] = {
      {"0", 0},      {"-1.5", -1.5},     {"+2.", 2},           {".5", 0.5},
      {"1e3", 1000}, {"1E-2", 0.01},     {"0x1p-2", 0.25},     {"0X1.8P1", 3},
      {"inf", kInf}, {"+Inf", kInf},     {"-infinity", -kInf}, {"1_000.5", 1000.5},
      {"1e-400", 0}, {"5e-324", 5e-324}, {"0x_1p4", 16},       {"1e0_1", 10},
      {"2e-324", 0}, {"08", 8},
  };
  for (const auto& c : kCases) {
    const auto value = GoParseFloat(c.text);
    ASSERT_TRUE(value.ok()) << c.text << ": " << value.status();
    EXPECT_EQ(*value, c.value) << c.text;
  }
  EXPECT_TRUE(std::isnan(*GoParseFloat("NaN")));
}

TEST(GoNumber, WhatIsNoFloatIsToldWithGosWords) {
  for (const std::string_view text : {"", "+", ".", "e1", "1e", "1e+", "_1", "1_", "1__0", "0x1",
                                      "0xp1", "1x", " 1", "1 ", "+nan", "infi", "0x", "--1"}) {
    const auto value = GoParseFloat(text);
    ASSERT_FALSE(value.ok()) << text;
    EXPECT_TRUE(absl::IsInvalidArgument(value.status())) << text;
  }
  EXPECT_EQ(MessageOf(GoParseFloat("1x").status()),
            "strconv.ParseFloat: parsing \"1x\": invalid syntax");
  EXPECT_EQ(MessageOf(GoParseFloat("-1e999").status()),
            "strconv.ParseFloat: parsing \"-1e999\": value out of range");
}

TEST(GoNumber, IntegersHavePrefixesAndUnderscores) {
  EXPECT_EQ(GoParseInt("0"), 0);
  EXPECT_EQ(GoParseInt("-12"), -12);
  EXPECT_EQ(GoParseInt("0x1F"), 31);
  EXPECT_EQ(GoParseInt("017"), 15);
  EXPECT_EQ(GoParseInt("0o17"), 15);
  EXPECT_EQ(GoParseInt("0b11"), 3);
  EXPECT_EQ(GoParseInt("1_000"), 1000);
  EXPECT_EQ(GoParseInt("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  for (const std::string_view text :
       {"", "-", "08", "1.5", "1e3", "_1", "1_", "0x", "9223372036854775808", "+-1", "0x-1"}) {
    EXPECT_EQ(GoParseInt(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace synoptic
