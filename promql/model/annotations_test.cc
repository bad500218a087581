// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/annotations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace synoptic::promql {
namespace {

using ::testing::ElementsAre;

TEST(Annotations, KeepEqualTextsOnce) {
  Annotations a;
  EXPECT_TRUE(a.empty());
  a.AddWarning("w1");
  a.AddWarning("w1");
  a.AddInfo("w1");
  Annotations b;
  b.AddWarning("w2");
  b.AddWarning("w1");
  a.Merge(b);
  EXPECT_THAT(a.warnings(), ElementsAre("w1", "w2"));
  EXPECT_THAT(a.infos(), ElementsAre("w1"));
}

TEST(WithPosition, CountsLinesAndByteColumnsFromOne) {
  EXPECT_EQ(WithPosition("m", "rate(x)", {0, 4}), "m (1:1)");
  EXPECT_EQ(WithPosition("m", "rate(x)", {5, 6}), "m (1:6)");
  EXPECT_EQ(WithPosition("m", "a\n\n  b", {5, 6}), "m (3:3)");
  EXPECT_EQ(WithPosition("m", "\xC3\xA4 b", {3, 4}), "m (1:4)");
  EXPECT_EQ(WithPosition("m", "", {3, 4}), "m");
  EXPECT_EQ(WithPosition("m", "a", {2, 3}), "m (invalid position)");
  EXPECT_EQ(WithPosition("m", "a", {-1, 3}), "m (invalid position)");
}

}  // namespace
}  // namespace synoptic::promql
