// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What an aggregation keeps per group and step, and how a column of a member is added to it.
//
// One virtual call per column; groups are dense numbers known beforehand.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/eval/context.h"
#include "promql/parse/ast.h"

namespace synoptic::promql::internal {

class Accumulator {
 public:
  virtual ~Accumulator() = default;
  virtual absl::Status Add(size_t group, std::span<const double> column) = 0;
  // The group's result; Absent() at steps without a member. Called once per group.
  virtual void Result(size_t group, std::span<double> out) = 0;
};

// For sum, avg, count, min, max, group, stddev, stdvar; and quantile with its parameter per step.
// `members[g]` is the number of series in group g.
absl::StatusOr<std::unique_ptr<Accumulator>> MakeAccumulator(AggregateOp op,
                                                             const std::vector<size_t>& members,
                                                             std::vector<double> param,
                                                             const Scope& scope);

}  // namespace synoptic::promql::internal
