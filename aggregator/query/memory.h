// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Memory of a query: one budget inside the budget of all queries. Each leg charges a child of its
// own, so that what it fetched is released when the data go, whoever holds them last.
#pragma once

#include <memory>

#include "base/budget.h"

namespace synoptic::aggregator {

struct QueryMemory {
  QueryMemory(std::shared_ptr<MemoryBudget> all_queries, int64_t limit)
      : all(std::move(all_queries)), query("query memory", limit, all.get()) {}
  std::shared_ptr<MemoryBudget> all;  // outlives `query`
  MemoryBudget query;
};

struct LegMemory {
  explicit LegMemory(std::shared_ptr<QueryMemory> owner)
      : memory(std::move(owner)), leg("fetched data", 0, &memory->query) {}
  std::shared_ptr<QueryMemory> memory;
  MemoryBudget leg;
};

}  // namespace synoptic::aggregator
