// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What an aggregation keeps per group and step, and how a column of a member is added to it.
//
// One virtual call per column; groups are dense numbers known beforehand. A group whose result is
// known may make room for another one under its number.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/eval/context.h"
#include "promql/model/dense_histograms.h"
#include "promql/model/histogram.h"
#include "promql/model/labels.h"
#include "promql/parse/ast.h"

namespace synoptic::promql::internal {

class Accumulator {
 public:
  virtual ~Accumulator() = default;
  virtual absl::Status Add(size_t group, std::span<const double> column) = 0;
  // The native histograms of the column that Add got last, one entry a step; `member` are the
  // labels of its series. Called only for columns that have any.
  virtual absl::Status AddHistograms(size_t group, std::span<const HistogramPtr> column,
                                     const Labels& member) = 0;
  // The same as rows, the column's floats being Absent() throughout; Add need not have got them.
  // False, with nothing changed: the histograms have to be added as such.
  virtual absl::StatusOr<bool> AddDense(size_t /*group*/, const DenseColumn& /*column*/) {
    return false;
  }
  // The group's result; Absent() at steps without one. `histograms` is empty, and stays so unless
  // some step's result is one. Called once per group.
  virtual absl::Status Result(size_t group, std::span<double> out,
                              std::vector<HistogramPtr>& histograms) = 0;
  // Behind Result: a new group begins under this number. Not for quantile.
  virtual void Reset(size_t group) = 0;
};

// For sum, avg, count, min, max, group, stddev, stdvar; and quantile with its parameter per step.
// `order` is the place of its notes, `members[g]` the number of series in group g. `node` outlives
// the result.
absl::StatusOr<std::unique_ptr<Accumulator>> MakeAccumulator(const Aggregate& node, int order,
                                                             const std::vector<size_t>& members,
                                                             std::vector<double> param,
                                                             const Scope& scope);

// The same for sum and avg.
absl::StatusOr<std::unique_ptr<Accumulator>> MakeSumAccumulator(const Aggregate& node, int order,
                                                                size_t groups, const Scope& scope);

}  // namespace synoptic::promql::internal
