// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Series in memory as a DataSource: for tests, benchmarks, rule unit tests.
//
// Not thread-safe. Spans stay valid until the source ends.
#pragma once

#include <map>
#include <vector>

#include "promql/eval/evaluator.h"
#include "promql/parse/ast.h"

namespace synoptic::promql {

class MemorySource final : public DataSource {
 public:
  // `series` in any order, label sets unique.
  explicit MemorySource(std::vector<RawSeries> series);

  // Gives every selector in `expr` a fetch id of this source. For trees that no planner saw.
  void Bind(Expr& expr);
  // What Steps answers for `fetch_id`.
  void SetSteps(int fetch_id, std::vector<StepSeries> series);

  absl::StatusOr<std::span<const RawSeries>> Raw(int fetch_id) override;
  absl::StatusOr<std::span<const StepSeries>> Steps(int fetch_id, const Grid& grid) override;

  const std::vector<RawSeries>& series() const { return series_; }

 private:
  std::vector<RawSeries> series_;
  std::vector<std::vector<Matcher>> matchers_;  // by fetch id
  std::map<int, std::vector<RawSeries>> raw_;   // what was asked for
  std::map<int, std::vector<StepSeries>> steps_;
};

}  // namespace synoptic::promql
