// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/message.h"

#include "base/percent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "base/status.h"
#include "net/http/response_writer.h"

namespace synoptic::net {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Headers, CompareNamesWithoutCase) {
  Headers headers;
  headers.Add("Vary", "a");
  headers.Add("vary", "b");
  EXPECT_EQ(headers.Get("VARY"), "a");
  headers.Set("VARY", "c");
  EXPECT_THAT(headers.fields(), ElementsAre(Pair("VARY", "c")));
  headers.Remove("vary");
  EXPECT_FALSE(headers.Get("vary").has_value());
}

TEST(ParseForm, UndoesEscapesInOrder) {
  EXPECT_THAT(ParseForm("a=1&b=x+y%2Bz&&a=%E2%82%AC&c&=d&e=f=g").value(),
              ElementsAre(Pair("a", "1"), Pair("b", "x y+z"), Pair("a", "\u20ac"), Pair("c", ""),
                          Pair("", "d"), Pair("e", "f=g")));
  EXPECT_TRUE(ParseForm("").value().empty());
  for (const char* bad : {"a=%", "a=%4", "a=%zz", "%=", "a=1;b=2"}) {
    EXPECT_FALSE(ParseForm(bad).ok()) << bad;
  }
}

TEST(EncodeForm, RoundTripsEveryByte) {
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  const Parameters parameters = {{"query", all}, {all, ""}};
  EXPECT_EQ(ParseForm(EncodeForm(parameters)).value(), parameters);
  EXPECT_EQ(PercentDecode(PercentEncode(all)).value(), all);
  EXPECT_EQ(PercentDecode("a+b").value(), "a+b");
}

TEST(AcceptsGzip, ReadsWeights) {
  const std::pair<std::string, bool> cases[] = {
      {"gzip", true},           {"GZIP", true},       {"gzip, deflate, br, zstd", true},
      {"br;q=1, gzip", true},   {"gzip;q=0.5", true}, {"gzip;q=0", false},
      {"gzip;q=0.000", false},  {"deflate", false},   {"zstd", false},
      {"identity", false},      {"", false},          {"xgzip", false},
      {"gzip ; q=0.001", true},
  };
  for (const auto& [value, expected] : cases) {
    Headers headers;
    headers.Add("Accept-Encoding", value);
    EXPECT_EQ(internal::AcceptsGzip(headers), expected) << value;
  }
  EXPECT_FALSE(internal::AcceptsGzip(Headers()));
}

TEST(DateLine, FollowsTheWallClock) {
  FakeClock clock(784'111'777'000);
  internal::DateLine date(clock);
  EXPECT_EQ(date.Now(), "Sun, 06 Nov 1994 08:49:37 GMT");
  clock.AdvanceMillis(1000);
  EXPECT_EQ(date.Now(), "Sun, 06 Nov 1994 08:49:38 GMT");
}

}  // namespace
}  // namespace synoptic::net
