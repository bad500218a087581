// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/loop_guard.h"

#include <gtest/gtest.h>

#include "base/status.h"

namespace synoptic::aggregator {
namespace {

std::string HeaderAfter(std::string_view via, std::string_view identity) {
  net::Headers headers;
  AddVia(via, identity, headers);
  return std::string(headers.Get(kViaHeader).value_or("none"));
}

TEST(LoopGuard, AddsItselfBehindThoseBefore) {
  EXPECT_EQ(HeaderAfter("", "a"), "a");
  EXPECT_EQ(HeaderAfter("a", "b"), "a,b");
  EXPECT_EQ(HeaderAfter("a", ""), "none");
}

TEST(LoopGuard, RefusesWhatCameThroughItself) {
  EXPECT_TRUE(CheckVia("", "a").ok());
  EXPECT_TRUE(CheckVia("b,c", "a").ok());
  EXPECT_TRUE(CheckVia("ab", "a").ok());
  EXPECT_FALSE(CheckVia("b, a", "a").ok());
  EXPECT_FALSE(CheckVia("a,b", "a").ok());
}

TEST(LoopGuard, RefusesTooManyLevels) {
  EXPECT_TRUE(CheckVia("1,2,3,4,5,6,7,8", "a").ok());
  EXPECT_EQ(MessageOf(CheckVia("1,2,3,4,5,6,7,8,9", "a")),
            "loop: this request came through 9 Synoptics; expected at most 8");
}

}  // namespace
}  // namespace synoptic::aggregator
