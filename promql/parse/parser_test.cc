// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

#include "promql/parse/parser.h"

#include "base/status.h"
#include "gmock/gmock.h"
#include "promql/parse/printer.h"

namespace synoptic::promql {
namespace {

TEST(Parser, PrintsWhatItReads) {
  const auto expr = ParseExpr("sum by (a) (rate(x{b='c'}[5m]))");
  ASSERT_TRUE(expr.ok()) << expr.status();
  EXPECT_EQ(Print(**expr), "sum by (a) (rate(x{b=\"c\"}[5m]))");
}

}  // namespace
}  // namespace synoptic::promql
