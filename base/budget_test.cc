// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/budget.h"

#include <gtest/gtest.h>

namespace synoptic {
namespace {

TEST(MemoryBudget, RefusesWhatDoesNotFitAndChargesNothingForIt) {
  MemoryBudget budget("query memory", 100);
  ASSERT_TRUE(budget.Charge(60).ok());
  EXPECT_EQ(budget.Charge(41).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(budget.used(), 60);
  EXPECT_TRUE(budget.Charge(40).ok());
}

TEST(MemoryBudget, ParentLimitHoldsForAllChildren) {
  MemoryBudget process("all queries", 100);
  MemoryBudget a("a", 80, &process);
  MemoryBudget b("b", 80, &process);
  ASSERT_TRUE(a.Charge(70).ok());
  EXPECT_FALSE(b.Charge(40).ok());
  EXPECT_EQ(b.used(), 0);
  a.Release(70);
  EXPECT_TRUE(b.Charge(40).ok());
}

TEST(Reservation, GivesBackOnDestruction) {
  MemoryBudget budget("q", 100);
  {
    Reservation held(&budget);
    ASSERT_TRUE(held.Grow(30).ok());
    Reservation moved = std::move(held);
    EXPECT_EQ(budget.used(), 30);
  }
  EXPECT_EQ(budget.used(), 0);
  EXPECT_EQ(budget.peak(), 30);
}

}  // namespace
}  // namespace synoptic
