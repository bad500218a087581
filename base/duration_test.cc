// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/duration.h"

#include <gtest/gtest.h>

namespace synoptic {
namespace {

TEST(Duration, ParsesAndPrintsAsPrometheusDoes) {
  const struct {
    const char* text;
    int64_t ms;
    const char* printed;
  } kCases[] = {{"0", 0, "0s"},
                {"0s", 0, "0s"},
                {"5m", 300'000, "5m"},
                {"1m0s", 60'000, "1m"},
                {"90m", 5'400'000, "1h30m"},
                {"500ms", 500, "500ms"},
                {"7d", 604'800'000, "1w"},
                {"8d", 691'200'000, "8d"},
                {"1y", 31'536'000'000, "1y"}};
  for (const auto& c : kCases) {
    const auto parsed = ParseDurationMillis(c.text);
    ASSERT_TRUE(parsed.ok()) << c.text;
    EXPECT_EQ(*parsed, c.ms) << c.text;
    EXPECT_EQ(FormatDurationMillis(c.ms), c.printed);
  }
}

TEST(Duration, RefusesWhatIsNotADuration) {
  for (const char* text : {"", "5", "5x", "1s1m", "1m1m", "-5m", "m", "1.5h", "99999999999y"}) {
    EXPECT_FALSE(ParseDurationMillis(text).ok()) << text;
  }
}

}  // namespace
}  // namespace synoptic
